"""What a configuration makes of annotations: events widened, labels ignored, in training and evaluation alike."""

from pathlib import Path

import pytest

from logotal.data.arrange import arrange, moments
from logotal.data.selection import open_source, select
from logotal.errors import InputError
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.timeline import Action
from tests.data.cases import action, data_config, entry, save_annotations, save_features


def arranged(*actions: tuple[float, float, str], duration: float | None = 10.0, **changes: object) -> VideoTruth:
    """One video with these actions, as a configuration takes it."""
    truth = VideoTruth("v", "training", tuple(Action(*each) for each in actions), duration, ignored=((8.0, 9.0),))
    found = arrange(Annotations(("jump", "maybe", "run"), {"v": truth}, Path("truth.json")), data_config(**changes))
    return found.videos["v"]


def test_the_default_changes_nothing():
    truth = Annotations(("jump",), {"v": VideoTruth("v", "training", (Action(1.0, 1.0, "jump"),))}, Path("truth.json"))
    assert arrange(truth, data_config()) is truth


def test_actions_of_ignored_labels_become_ignored_spans_and_their_label_no_class():
    truth = VideoTruth("v", "training", (Action(1.0, 2.0, "maybe"), Action(1.5, 3.0, "run")), ignored=((8.0, 9.0),))
    whole = Annotations(("jump", "maybe", "run"), {"v": truth}, Path("truth.json"))
    found = arrange(whole, data_config(ignored_labels=("maybe",)))
    assert found.labels == ("jump", "run")
    assert found.videos["v"] == VideoTruth(
        "v", "training", (Action(1.5, 3.0, "run"),), ignored=((8.0, 9.0), (1.0, 2.0))
    )


def test_an_ignored_label_that_does_not_occur_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"truth\.json: data\.ignored_labels names 'mayby'.*; did you mean 'maybe'\?"):
        arranged(ignored_labels=("mayby",))


def test_ignoring_all_labels_is_refused():
    with pytest.raises(InputError, match=r"data\.ignored_labels names all labels; leave one to be learned"):
        arranged(ignored_labels=("jump", "maybe", "run"))


def test_an_ignored_event_without_length_ignores_nothing_and_a_widened_one_its_surroundings():
    assert arranged((4, 4, "maybe"), ignored_labels=("maybe",)).ignored == ((8.0, 9.0),)
    assert arranged((4, 4, "maybe"), ignored_labels=("maybe",), widen_points=1).ignored == ((8.0, 9.0), (3.5, 4.5))


WIDENED = {
    "in the middle": ((4, 4, "jump"), (3, 5, "jump")),
    "at the beginning": ((0, 0, "jump"), (0, 0.5, "jump")),
    "near the beginning": ((0.7, 0.7, "jump"), (0, 1.4, "jump")),
    "at the end": ((9.4, 9.4, "jump"), (8.8, 10, "jump")),
    "a little after the end": ((10.5, 10.5, "jump"), (9.5, 10, "jump")),
    "far after the end": ((20, 20, "jump"), (20, 20, "jump")),
    "far before the beginning": ((-3, -3, "jump"), (-3, -3, "jump")),
    "of a millisecond": ((4, 4.001, "jump"), (3, 5, "jump")),
    "a short action": ((4, 4.002, "jump"), (4, 4.002, "jump")),
}


@pytest.mark.parametrize(("event", "expected"), WIDENED.values(), ids=WIDENED)
def test_an_event_becomes_a_segment_within_its_video(event, expected):
    assert arranged(event, widen_points=2.0).actions == (Action(*expected),)


def test_an_event_near_the_end_of_a_video_of_unknown_length_keeps_its_whole_segment():
    assert arranged((4, 4, "jump"), duration=None, widen_points=2.0).actions == (Action(3, 5, "jump"),)


def test_labels_all_of_whose_actions_have_no_length_are_moments_unless_some_are_named():
    events = (Action(4, 4, "jump"), Action(2, 2, "run"), Action(3, 4, "run"), Action(5, 6, "maybe"))
    truth = Annotations(("jump", "maybe", "never", "run"), {"v": VideoTruth("v", "training", events)}, Path("t.json"))

    assert moments(truth, data_config()) == ("jump",)
    assert moments(truth, data_config(moments=("run",))) == ("run",)
    assert moments(truth, data_config(moments=())) == ()
    with pytest.raises(InputError, match=r"data\.moments names 'runs', which does not occur; did you mean 'run'"):
        moments(truth, data_config(moments=("runs",)))


@pytest.fixture
def opened(tmp_path):
    """Opens two videos with an event, an action and a doubtful action each, and selects those to train on."""

    def opened(**changes):
        items = (action(2, 2), action(4, 5, "run"), action(6, 7, "maybe"))
        save_features(tmp_path / "features", {"a": 100, "b": 100})
        path = save_annotations(tmp_path / "actions.json", {name: entry(*items, duration=10) for name in "ab"})
        config = data_config(features=tmp_path / "features", annotations=path, **changes)
        source = open_source(config)
        return source, select(source, config.training_split, config, source.annotations.labels)

    return opened


def test_an_event_is_left_out_with_the_option_that_would_widen_it(opened):
    _, chosen = opened()
    sentence = "action 'jump' 2-2 s has no length; --data.widen_points SECONDS gives one to events inside their video"
    assert chosen.left_out == (f"a: {sentence}", f"b: {sentence}")


def test_a_data_set_is_opened_as_its_configuration_takes_it(opened):
    source, chosen = opened(widen_points=1, ignored_labels=("maybe",), hold_out=0.5)
    assert source.annotations.labels == ("jump", "run")
    assert chosen.left_out == ()
    (video,) = chosen.videos
    assert video.actions == (Action(1.5, 2.5, "jump"), Action(4.0, 5.0, "run"))
    assert video.ignored == ((6.0, 7.0),)
    assert sorted(source.annotations.splits()) == ["held-out", "training"]


def test_a_label_that_only_held_out_videos_have_is_named(tmp_path):
    save_features(tmp_path / "features", {"a": 100, "b": 100})
    database = {"a": entry(action(1, 2, "run")), "b": entry(action(1, 2, "jump"), action(2, 3, "fall"))}
    path = save_annotations(tmp_path / "actions.json", database)
    config = data_config(features=tmp_path / "features", annotations=path, hold_out=0.5)
    source = open_source(config)
    chosen = select(source, "training", config, source.annotations.labels)
    assert chosen.left_out == ("label 'run': only in what data.hold_out holds out, so that nothing learns it",)
