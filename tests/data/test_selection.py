import pytest

from logotal.data.grid import FeatureGrid
from logotal.data.selection import make_grid, measure_channels, open_source, select
from logotal.errors import InputError
from logotal.timeline import Action
from tests.data.cases import CHANNELS, action, data_config, entry, save_annotations, save_features

LABELS = ("jump", "run")


@pytest.fixture
def source(tmp_path):
    """Opens a data set of these videos, each with features of so many steps where a number is given."""

    def source(database, lengths, **changes):
        save_features(tmp_path / "features", lengths, prefix=changes.get("file_prefix", ""))
        path = save_annotations(tmp_path / "actions.json", database)
        config = data_config(features=tmp_path / "features", annotations=path, **changes)
        return open_source(config), config

    return source


def selected(source, database, lengths=None, *, labels=LABELS, split="training", **changes):
    opened, config = source(database, {"a": 100} if lengths is None else lengths, **changes)
    return select(opened, split, config, labels)


def test_everything_in_order_is_left_as_it_is(source):
    chosen = selected(source, {"a": entry(action(1, 3), action(2, 4, "run")), "b": entry()}, {"a": 100, "b": 5})
    assert [video.id for video in chosen.videos] == ["a", "b"]
    assert chosen.videos[0].actions == (Action(1.0, 3.0, "jump"), Action(2.0, 4.0, "run"))
    assert chosen.left_out == ()


def test_a_video_without_features_is_left_out_by_name(source):
    chosen = selected(source, {"a": entry(), "gone": entry(action(0, 1))}, file_prefix="v_")
    assert [video.id for video in chosen.videos] == ["a"]
    assert chosen.left_out == ("gone: no feature file v_gone.npy",)


def test_excluded_videos_are_left_out_by_name(source):
    chosen = selected(source, {"a": entry(), "b": entry()}, {"a": 5, "b": 5}, exclude=("b",))
    assert [video.id for video in chosen.videos] == ["a"]
    assert chosen.left_out == ("b: excluded by data.exclude",)


def test_videos_of_other_splits_are_not_mentioned(source):
    chosen = selected(source, {"a": entry(), "b": entry(split="validation")})
    assert ([video.id for video in chosen.videos], chosen.left_out) == (["a"], ())


WIDEN = "--data.widen_points SECONDS gives one to events inside their video"
LEFT_OUT = {  # of features that span 0 to 10.1 s
    "an unknown label": (action(1, 2, "swim"), "action 'swim' 1-2 s has a label that the model does not know"),
    "no length": (action(2, 2), f"action 'jump' 2-2 s has no length; {WIDEN}"),
    "behind the features": (action(11, 12), "action 'jump' 11-12 s lies outside the features, which span 0-10.10 s"),
    "mostly behind the features": (
        action(9, 12),
        "action 'jump' 9-12 s lies outside the features, which span 0-10.10 s",
    ),
    "before the video": (action(-3, -1), "action 'jump' -3--1 s lies outside the features, which span 0-10.10 s"),
    "mostly before the video": (action(-3, 1), "action 'jump' -3-1 s lies outside the features, which span 0-10.10 s"),
    "twice": (action(5, 6), "action 'jump' 5-6 s is annotated twice; the second is ignored"),
    "nearly twice": (action(5.0009, 6), "action 'jump' 5.0009-6 s is annotated twice; the second is ignored"),
}


@pytest.mark.parametrize(("item", "sentence"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_an_action_that_cannot_be_used_is_left_out_with_a_sentence(source, item, sentence):
    chosen = selected(source, {"a": entry(action(5, 6), item)})
    assert chosen.videos[0].actions == (Action(5.0, 6.0, "jump"),)
    assert chosen.left_out == (f"a: {sentence}",)


KEPT = {
    "a twin with another label": action(5, 6, "run"),
    "an action that reaches out of the features with less than half": action(9, 11),
    "an action that begins before the video with less than half": action(-1, 1.5),
    "a very short action": action(3, 3.0001),
    "two milliseconds later": action(5.002, 6),
}


@pytest.mark.parametrize("item", KEPT.values(), ids=KEPT)
def test_odd_actions_that_can_be_used_are_kept_unchanged(source, item):
    chosen = selected(source, {"a": entry(action(5, 6), item)})
    assert chosen.videos[0].actions[1] == Action(*map(float, item["segment"]), item["label"])
    assert chosen.left_out == ()


def test_a_video_that_loses_all_its_actions_still_takes_part(source):
    chosen = selected(source, {"a": entry(action(2, 2))})
    assert chosen.videos[0].actions == ()


def test_a_split_of_which_nothing_can_be_used_is_refused(source):
    with pytest.raises(
        InputError, match=r"none of the 2 videos in split 'training' has features; expected files like a\.npy"
    ):
        selected(source, {"a": entry(), "b": entry()}, {"other": 5})


def test_a_split_that_does_not_exist_is_refused(source):
    with pytest.raises(InputError, match="no video in split 'test'; valid: training"):
        selected(source, {"a": entry()}, split="test")


def test_excluding_a_video_that_does_not_exist_is_refused(source):
    with pytest.raises(InputError, match=r"data\.exclude names 'x', which is not in .*actions\.json"):
        selected(source, {"a": entry()}, exclude=("x",))


def test_a_data_set_needs_features_and_annotations(tmp_path):
    with pytest.raises(InputError, match=r"no features; name their folder with --data\.features DIR"):
        open_source(data_config())
    with pytest.raises(InputError, match=r"no annotations; name the file with --data\.annotations FILE"):
        open_source(data_config(features=tmp_path))


def test_an_actionformer_archive_is_opened_by_its_root(tmp_path):
    save_features(tmp_path / "i3d_features", {"a": 5})
    save_annotations(tmp_path / "annotations" / "thumos14.json", {"a": entry(action(0, 0.3))})
    for folder in (tmp_path, tmp_path / "i3d_features"):
        opened = open_source(data_config(features=folder, annotations="thumos14.json"))
        assert opened.features.folder == tmp_path / "i3d_features"
        assert opened.annotations.labels == ("jump",)


def test_channels_are_those_of_the_first_annotated_video_with_features(source):
    opened, _ = source({"gone": entry(), "a": entry()}, {"a": 3})
    assert measure_channels(opened) == CHANNELS


def test_features_of_which_none_is_annotated_are_refused(source):
    opened, _ = source({"x": entry(), "y": entry()}, {"a": 3})
    with pytest.raises(InputError, match=r"none of the 2 annotated videos has a file <video>\.npy; the first is 'x'"):
        measure_channels(opened)


def grid(*, length=10, fps=None, duration=None, **changes):
    return make_grid(data_config(**changes), length=length, fps=fps, duration=duration, where="here")


def test_the_configured_frame_rate_rules_and_that_of_the_video_fills_the_gap():
    assert grid(fps=25.0) == FeatureGrid(10.0, 1.0, 2.0)
    assert grid(fps=25.0, **{}) == grid(fps=30.0)
    assert make_grid(data_config(fps=None), length=10, fps=25.0, duration=None, where="") == FeatureGrid(25.0, 1.0, 2.0)


def test_a_frame_rate_that_nobody_says_is_asked_for():
    with pytest.raises(InputError, match=r"^here: the frame rate is not known; set it with --data\.fps$"):
        make_grid(data_config(fps=None), length=10, fps=None, duration=3.0, where="here")


@pytest.mark.parametrize("fps", [None, 25.0])
def test_features_without_a_stride_span_the_duration_at_any_frame_rate(fps):
    found = make_grid(data_config(fps=None, clip_stride=None), length=10, fps=fps, duration=5.0, where="")
    assert found.span(10) == pytest.approx(5.0)
    assert found.seconds(0.0) == pytest.approx(0.25)


def test_a_fold_is_held_out_of_the_training_split_and_the_evaluation_split_is_not_touched(source):
    names = ["a", "b", "c", "d", "e"]
    database = {name: entry() for name in names} | {"x": entry(split="validation"), "y": entry(split="other")}
    seen = {}
    for part in range(2):
        opened, _ = source(database, {"a": 5}, fold=(part, 2))
        splits = {name: [video.id for video in opened.annotations.split(name)] for name in ("training", "validation")}
        assert "x" not in opened.annotations.videos
        assert opened.annotations.videos["y"].split == "other"
        seen[part] = splits
    assert seen[0] == {"training": ["b", "d"], "validation": ["a", "c", "e"]}
    assert seen[1] == {"training": ["a", "c", "e"], "validation": ["b", "d"]}


def test_more_folds_than_videos_are_refused(source):
    with pytest.raises(InputError, match="has 2 videos, too few for 3 folds"):
        source({"a": entry(), "b": entry()}, {"a": 5}, fold=(0, 3))


@pytest.mark.parametrize("fold", [(2, 2), (0, 1)])
def test_a_fold_that_cannot_be_is_refused(fold):
    with pytest.raises(ValueError, match="expected a part from 0 of at least 2 parts"):
        data_config(fold=fold)
