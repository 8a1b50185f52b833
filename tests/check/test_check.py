import json
from pathlib import Path

import numpy as np
import pytest

from logotal.check import Report, check
from logotal.check.finding import Finding
from logotal.config import Config, DataConfig, ModelConfig
from logotal.errors import InputError
from logotal.recipes import read_recipe
from tests.shared import shared

SECONDS, FPS, STRIDE = 40.0, 10, 2
STEPS = 200  # 40 s at 10 fps, a clip every 2 frames
JUMPS = [(float(start), start + 1.5, "jump") for start in range(2, 32, 3)]

Item = tuple[float, float, str]


class DataSet:
    """Two videos to train on and one to evaluate, in which nothing is wrong until a test spoils it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.videos: dict[str, dict] = {}
        (folder / "features").mkdir()
        for name, split in (("a", "training"), ("b", "training"), ("c", "validation")):
            self.add(name, split, JUMPS)

    def add(self, name: str, split: str, actions: list[Item], *, steps: int = STEPS, **keys: object) -> None:
        annotations = [{"segment": [start, end], "label": label} for start, end, label in actions]
        entry = {"subset": split, "duration": SECONDS, "fps": FPS, "annotations": annotations, **keys}
        self.videos[name] = {key: value for key, value in entry.items() if value is not None}
        self.write(name, np.zeros((steps, 4), np.float32))

    def write(self, name: str, features: np.ndarray) -> None:
        np.save(self.path(name), features)

    def path(self, name: str) -> Path:
        return self.folder / "features" / f"{name}.npy"

    def config(self, *, features: bool = True, model: dict | None = None, **data: object) -> Config:
        annotations = self.folder / "truth.json"
        annotations.write_text(json.dumps({"database": self.videos}))
        places = {"annotations": annotations, "features": self.folder / "features" if features else None}
        grid = {"clip_stride": STRIDE, "clip_frames": STRIDE}
        model = {"levels": 2, "head": "trident"} | (model or {})
        return Config(model=ModelConfig(**model), data=DataConfig(**(places | grid | data)))

    def check(self, **options: object) -> Report:
        return check(self.config(**options))

    def findings(self, **options: object) -> tuple[Finding, ...]:
        return self.check(**options).findings


@pytest.fixture
def data_set(tmp_path: Path) -> DataSet:
    return DataSet(tmp_path)


def test_nothing_is_said_of_a_data_set_in_which_nothing_is_wrong(data_set: DataSet):
    report = data_set.check()

    assert (report.findings, report.unchecked) == ((), ())
    training, validation = report.splits
    assert (training.name, training.videos, training.with_features, training.labels) == ("training", 2, 2, {"jump": 20})
    assert validation.hours == pytest.approx(SECONDS / 3600)
    assert training.seconds.tolist() == [1.5] * 20
    assert training.reach is not None
    np.testing.assert_allclose(training.reach.steps, 7.5)


# Annotations


def test_what_a_configuration_makes_of_annotations_is_what_is_checked(data_set: DataSet):
    events = [(start + 0.5, start + 0.5, "run") for start in range(2, 32, 3)]
    for name, split in (("a", "training"), ("b", "training"), ("c", "validation")):
        data_set.add(name, split, [*JUMPS, *events, (35, 36, "maybe")])
    report = data_set.check(widen_points=0.5, ignored_labels=("maybe",))

    assert [finding.sentence for finding in report.findings] == [
        "3 ignored spans counted neither as action nor as background [2 in training, 1 in validation]"
    ]
    assert report.splits[0].labels == {"jump": 20, "run": 20}
    with pytest.raises(InputError, match=r"data\.ignored_labels names 'mayby'"):
        data_set.check(ignored_labels=("mayby",))


def test_what_is_held_out_is_a_split_of_its_own(data_set: DataSet):
    report = data_set.check(hold_out=0.5)
    assert [(split.name, split.videos) for split in report.splits] == [
        ("training", 1),
        ("held-out", 1),
        ("validation", 1),
    ]
    assert report.findings == ()


def test_a_training_split_that_is_not_there_cannot_be_shared_out_but_the_rest_is_checked(data_set: DataSet):
    report = data_set.check(hold_out=0.5, fold=(0, 2), training_split="trainig")
    assert [split.name for split in report.splits] == ["validation"]
    assert "did you mean 'training'?" in report.findings[0].sentence


def test_ignored_spans_outside_the_video_are_named(data_set: DataSet):
    data_set.add("d", "training", JUMPS, ignored=[[40, 41], [-2, 0], [39, 41]])
    outside, inside = data_set.findings()
    assert outside == Finding(
        "warning", "2 ignored spans outside the video, without effect; mend or remove", ("d: 40-41 s", "d: -2-0 s")
    )
    assert (inside.severity, inside.places) == ("note", ("d: 39-41 s",))


def test_groups_that_splits_tear_apart_are_named(data_set: DataSet):
    data_set.add("d", "training", JUMPS, group="anna")
    data_set.add("e", "validation", JUMPS, group="anna")
    data_set.add("f", "validation", JUMPS, group="ben")
    sentence = "1 group of videos in several splits; numbers will be better than on unseen groups"
    assert data_set.findings() == (Finding("warning", sentence, ("'anna': training, validation",)),)


def test_actions_that_go_on_after_the_features_are_cut_there_and_named(data_set: DataSet):
    data_set.add("d", "training", [*JUMPS, (36, 39, "jump")], steps=191)
    (cut,) = data_set.findings()
    assert cut.severity == "note"
    assert cut.sentence == "1 action reaching out of the features; trained on up to their end, scored whole"
    assert cut.places == ("d: 'jump' 36-39 s, the features span 0-38.20 s",)


def test_actions_outside_the_video_are_named_with_its_end_and_rounding_is_not_told(data_set: DataSet):
    data_set.add("d", "training", [(37, 41.5, "jump"), (-1, 2, "jump"), (30, 40.05, "jump")])
    found, overlap = data_set.findings()

    assert found.severity == "warning"
    assert found.sentence == "2 actions outside the video; mend the segment, or 'duration' if that is wrong"
    assert found.places == ("d: 'jump' 37-41.5 s, the video lasts 40 s", "d: 'jump' -1-2 s begins before 0")
    assert overlap.sentence.startswith("1 pair of overlapping")


def test_actions_of_no_length_and_duplicates_and_twins_are_told_apart(data_set: DataSet):
    twins = [(5, 7, "jump"), (5.0004, 7, "jump"), (5, 7, "run"), (9, 9, "jump")]
    data_set.add("d", "training", twins)
    data_set.add("e", "validation", [(1, 2, "run")])
    findings = data_set.findings()

    assert findings == (
        Finding(
            "warning",
            "1 action without length, left out; remove or mend; --data.widen_points SECONDS gives one to events inside "
            "their video",
            ("d: 'jump' 9-9 s",),
        ),
        Finding("warning", "1 action annotated twice, the second is ignored; remove it", ("d: 'jump' 5.0004-7 s",)),
        Finding(
            "warning", "1 label with fewer than 10 actions to train on; expect little of them", ("'run': 1 action",)
        ),
        Finding("note", "1 pair of one segment with two labels; fine, both count", ("d: 'jump' 5-7 s and 'run'",)),
    )


def test_overlapping_actions_are_a_warning_only_under_one_label_and_touching_is_no_overlap(data_set: DataSet):
    runs = [(float(start), start + 1.0, "run") for start in range(20, 30)]
    data_set.add("d", "training", [(1, 4, "jump"), (3, 6, "jump"), (6, 8, "jump"), (5, 7.5, "run"), *runs])
    data_set.add("e", "validation", [(1, 2, "run")])
    (found,) = data_set.findings()

    assert found.sentence == "1 pair of overlapping actions of one label; join them if they are one"
    assert found.places == ("d: 'jump' 1-4 s and 3-6 s",)


def test_counts_are_given_by_split_where_both_are_concerned(data_set: DataSet):
    for name, split in (("d", "training"), ("e", "validation"), ("f", "validation")):
        data_set.add(name, split, [])
    (found,) = data_set.findings()

    assert found.severity == "note"
    assert found.sentence == (
        "3 videos without any action; fine, they show what no action looks like [1 in training, 2 in validation]"
    )


def test_labels_that_only_one_split_has_are_named(data_set: DataSet):
    data_set.add("d", "validation", [(1, 2, "swim"), (3, 4, "swim")])
    data_set.add("e", "training", [(float(start), start + 1.0, "run") for start in range(1, 40, 3)])

    assert data_set.findings() == (
        Finding("warning", "1 label only in the evaluation split; nothing can learn them", ("'swim': 2 actions",)),
        Finding("note", "1 label only in the training split; learned, but never scored", ("'run': 13 actions",)),
    )


def test_a_class_agnostic_model_does_not_mind_labels(data_set: DataSet):
    data_set.add("d", "validation", [(1, 2, "swim")])

    assert data_set.findings(model={"class_agnostic": True}) == ()


def test_a_mistyped_split_is_an_error_and_the_other_is_still_checked(data_set: DataSet):
    data_set.path("c").unlink()
    report = data_set.check(training_split="trainings")
    errors = [finding.sentence for finding in report.findings if finding.severity == "error"]

    assert errors[0] == "data.training_split: no video in split 'trainings'; did you mean 'training'?"
    assert errors[1].startswith("none of the 1 video of split 'validation' has a feature file: no file c.npy")
    assert Finding("note", "2 videos of split 'training' neither for training nor evaluation") in report.findings
    assert [split.name for split in report.splits] == ["validation"]


def test_a_training_split_without_actions_is_an_error(data_set: DataSet):
    data_set.add("d", "empty", [])
    errors = [f.sentence for f in data_set.findings(training_split="empty") if f.severity == "error"]

    assert errors == ["no action to train on; is data.training_split the right one?"]


def test_excluded_videos_are_not_looked_at_and_must_exist(data_set: DataSet):
    data_set.path("b").unlink()

    assert data_set.findings(exclude=("b",)) == ()
    (found,) = data_set.findings(exclude=("b", "z"))
    assert found == Finding("error", "data.exclude: 1 video not annotated", ("z",))


def test_annotations_that_are_not_valid_or_not_named_stop_the_check(data_set: DataSet):
    config = data_set.config()
    (data_set.folder / "truth.json").write_text("{}")
    with pytest.raises(InputError, match="key 'database' is missing"):
        check(config)
    with pytest.raises(InputError, match=r"name the file with --data\.annotations"):
        check(Config())


# Feature files


def test_every_feature_file_that_cannot_be_used_is_named_with_its_cure_and_the_others_are_read(data_set: DataSet):
    spoiled = np.zeros((STEPS, 4), np.float32)
    spoiled[7, 1] = np.nan
    for name in ("nan", "none", "cut", "thin", "turned"):
        data_set.add(name, "training", JUMPS)
    data_set.write("nan", spoiled)
    data_set.write("none", spoiled[:0])
    data_set.path("cut").write_bytes(data_set.path("cut").read_bytes()[:900])
    data_set.write("thin", spoiled[:, 2:])
    data_set.write("turned", np.zeros((4, STEPS), np.float32))
    data_set.videos["up/and/away"] = data_set.videos["a"]
    report = data_set.check()
    (found,) = report.findings
    expected = {
        "nan.npy": "1 of 200 steps hold NaN or infinite values, the first is step 7; extract it again",
        "none.npy": "the array is empty",
        "cut.npy": "not a whole .npy array (900 bytes",
        "thin.npy": "expected (T, 4) features, found (200, 2)",
        "turned.npy": "is it stored as (C, T)?",
        "video id 'up/and/away'": "rename it in the annotations",
    }

    assert (found.severity, found.sentence) == ("error", "6 feature files that cannot be used")
    for name, words in expected.items():
        assert [words in place for place in found.places if place.startswith(name)] == [True], name
    assert report.splits[0].with_features == 2
    assert report.unchecked == ("steps, levels and window of 6 videos: they need usable features and a frame rate",)


def test_other_channels_than_the_recipe_expects_are_one_error_and_the_rest_is_still_checked(data_set: DataSet):
    report = data_set.check(model={"input_channels": 2048})

    assert report.findings == (
        Finding(
            "error",
            "no feature file has the 2,048 channels that the recipe expects, found 4 in 3 files; are these its "
            "features? then --model.input_channels 4",
        ),
    )
    assert report.splits[0].reach is not None


def test_videos_without_features_and_features_without_annotations_are_named(data_set: DataSet):
    data_set.path("b").unlink()
    data_set.write("stranger", np.zeros((5, 4), np.float32))

    assert data_set.findings() == (
        Finding(
            "warning",
            "1 video (33.3 %) without a feature file; not trained on, and all actions missed in evaluation",
            ("b: no file b.npy",),
        ),
        Finding("note", "1 feature file of videos that are not annotated; not used", ("stranger.npy",)),
    )


def test_no_feature_file_for_any_video_of_a_split_is_an_error(data_set: DataSet):
    for name in "ab":
        data_set.path(name).rename(data_set.path(f"v_{name}"))
    (error, note) = data_set.findings()

    assert error.sentence == (
        "none of the 2 videos of split 'training' has a feature file: no file a.npy, ...; "
        f"`logotal import {data_set.folder / 'features'} --annotations FILE --out NEW` finds those of 3 of 3 videos "
        "and calls them like these"
    )
    assert note.places == ("v_a.npy", "v_b.npy")


# Lengths


@pytest.mark.parametrize("steps", [STEPS - 10, STEPS + 11])
def test_a_length_within_five_percent_of_the_duration_fits(data_set: DataSet, steps: int):
    data_set.write("a", np.zeros((steps, 4), np.float32))

    assert data_set.findings() == ()


def test_one_length_that_does_not_fit_its_duration_is_named(data_set: DataSet):
    data_set.write("a", np.zeros((STEPS + 30, 4), np.float32))
    (found,) = data_set.findings()

    assert found.sentence == (
        "1 video (33.3 %) with features that do not fit the duration; extract them again, or mend 'duration'"
    )
    assert found.places == ("a: 230 steps, where 40 s at 10 fps and a clip every 2 frames give 200",)


def test_where_most_lengths_are_off_alike_the_stride_and_the_frame_rate_that_would_fit_are_named(data_set: DataSet):
    data_set.add("d", "training", JUMPS, duration=80.0, steps=401)
    (found, *_) = data_set.findings(clip_stride=4)

    assert "4 videos (100.0 %)" in found.sentence
    assert "--data.clip_stride 2 (now 4) or --data.fps 20 (now 10) would fit" in found.sentence


def test_lengths_that_are_all_the_same_look_resized(data_set: DataSet):
    for name, duration in zip("abc", (80.0, 100.0, 150.0), strict=True):
        data_set.videos[name]["duration"] = duration
    (found, *_) = data_set.findings()

    assert "all have 200 steps, as if resized: `clip_stride: null` in the recipe" in found.sentence
    assert data_set.findings(clip_stride=None, model={"levels": 1}) == ()


def test_lengths_that_are_off_in_every_way_have_no_cure_in_the_settings(data_set: DataSet):
    for name, steps in zip("abc", (270, 330, 450), strict=True):
        data_set.write(name, np.zeros((steps, 4), np.float32))
    (found,) = data_set.findings()

    assert "no one frame rate or stride fits them all" in found.sentence


def test_actions_beyond_the_features_are_named_with_what_the_features_span(data_set: DataSet):
    data_set.add("d", "training", [(2, 4, "jump"), (19, 21.5, "jump"), (25, 27, "jump")], steps=100)
    (_, found) = data_set.findings()

    assert found.sentence == "2 actions beyond the features: less than 50% inside, left out"
    assert found.places == (
        "d: 'jump' 19-21.5 s, the features span 0-20.00 s",
        "d: 'jump' 25-27 s, the features span 0-20.00 s",
    )


def test_an_unknown_frame_rate_is_an_error(data_set: DataSet):
    data_set.add("d", "training", JUMPS, fps=None)
    (found,) = data_set.findings()

    assert (found.severity, found.sentence) == ("error", "1 video whose grid is not known")
    assert found.places == ("d: the frame rate is not known; set it with --data.fps",)
    assert data_set.findings(fps=FPS) == ()


# What the model can make of it


def test_the_levels_that_answer_for_an_action_are_those_of_its_length(data_set: DataSet):
    for name in "abc":
        data_set.add(name, data_set.videos[name]["subset"], [(4.0, 10.4, "jump")] * (name != "b"))
    report = data_set.check(model={"levels": 4})

    # 32 steps: from any point but the exact center, the farther boundary is beyond the 16 steps of level 2.
    assert report.splits[0].reach is not None
    assert report.splits[0].reach.per_level == (0, 0, 0, 1)
    assert "label with fewer" in report.findings[0].sentence


def test_actions_longer_than_the_head_can_express_are_counted_and_a_light_head_expresses_all(data_set: DataSet):
    data_set.add("d", "training", [(5, 25, "jump")])  # 100 steps; 3 bins at stride 8 on either side are 48
    (found,) = data_set.findings(model={"bins": 3, "levels": 4})

    assert found.sentence == (
        "1 action (3.2 %) too long for the head, which expresses 24 steps on either side of a point, 48 steps in all; "
        "raise --model.levels or --model.bins"
    )
    assert found.places == ("d: 'jump' 5-25 s, 100.0 steps",)
    assert data_set.findings(model={"bins": 3, "levels": 4, "head": "light"}) == ()


def test_an_action_is_too_long_if_no_point_that_answers_is_near_enough_to_both_ends(data_set: DataSet):
    # 47 steps fit into 2 x 24, but only from a point within half a step of the center; points are 8 apart.
    data_set.add("d", "training", [(5.5, 14.9, "jump")])
    (found,) = data_set.findings(model={"bins": 3, "levels": 4})

    assert found.places == ("d: 'jump' 5.5-14.9 s, 47.0 steps",)


def test_actions_without_a_positive_point_are_named_with_the_reason(data_set: DataSet):
    hidden = [(10.0, 10.6, "jump"), (9.9, 10.7, "run")]  # both around the only points between them
    data_set.add("d", "training", [(20.12, 20.28, "jump"), *hidden, *((s + 20.0, s + 21.0, "run") for s in range(10))])
    data_set.add("e", "validation", [(1, 2, "run")])
    (found,) = data_set.findings()

    assert found.sentence == (
        "2 actions (4.5 %) that no point answers for, so that nothing learns them; features of a smaller stride would "
        "help"
    )
    assert found.places == (
        "d: 'jump' 20.12-20.28 s, 0.8 steps, between the points",
        "d: 'run' 9.9-10.7 s, 4.0 steps, hidden by shorter actions",
    )


def test_videos_longer_than_the_window_are_counted_and_actions_that_no_window_holds_named(data_set: DataSet):
    data_set.add("d", "training", [(1, 39, "jump"), (1, 9, "run")], steps=STEPS)
    data_set.add("e", "validation", [(1, 2, "run")], duration=10.0, steps=50)
    report = data_set.check(window=60)
    reach = report.splits[1].reach

    assert reach is not None
    assert (reach.longer_than_window, reach.videos) == (1, 2)
    places = [f.places for f in report.findings if "no training window of 60 steps holds 50%" in f.sentence]
    assert places == [("d: 'jump' 1-39 s, 190.0 steps",)]


def test_levels_that_answer_for_nothing_in_training_are_too_many(data_set: DataSet):
    (found,) = data_set.findings(model={"levels": 7})

    assert found == Finding("note", "5 of 7 levels answer for no action in training; --model.levels 2 would do")


def test_many_actions_in_blocks_are_assigned_as_all_at_once(data_set: DataSet, monkeypatch: pytest.MonkeyPatch):
    whole = data_set.check().splits[0].reach
    monkeypatch.setattr("logotal.check.reach.PAIRS_AT_ONCE", 70)
    blocks = data_set.check().splits[0].reach

    assert whole is not None
    assert blocks is not None
    assert blocks.per_level == whole.per_level
    assert sum(whole.per_level) >= 20


# Without features


def test_without_features_the_steps_come_from_durations_and_it_is_said_what_was_not_checked(data_set: DataSet):
    data_set.add("d", "training", JUMPS, duration=None)
    with_features, without = data_set.check(), data_set.check(features=False)

    assert without.splits[0].with_features is None
    assert without.findings == with_features.findings
    assert without.findings[0].sentence == "1 video without 'duration'; actions beyond its end go unnoticed"
    assert without.unchecked == (
        "feature files, name their folder with --data.features DIR; steps are worked out from durations",
        "steps, levels and window of 1 video: they need a duration and a frame rate",
    )
    ours, theirs = without.splits[1].reach, with_features.splits[1].reach
    assert ours is not None
    assert theirs is not None
    assert ours.per_level == theirs.per_level


def test_features_that_will_be_resized_are_placed_by_the_duration_alone(data_set: DataSet):
    reach = data_set.check(features=False, clip_stride=None, resize_to=100).splits[0].reach

    assert reach is not None
    np.testing.assert_allclose(reach.steps, 1.5 / SECONDS * 100)


# Real data sets


def test_thumos14_has_361_twin_pairs_and_30_actions_that_end_after_their_video():
    report = check(read_recipe("thumos14", {"data": {"annotations": shared("thumos14/thumos14.json")}}))
    sentences = [finding.sentence for finding in report.findings]

    assert sentences[0].startswith("30 actions outside the video")
    assert sentences[-1].startswith("361 pairs of one segment with two labels")
    assert [(s.name, s.videos, len(s.seconds)) for s in report.splits] == [
        ("Validation", 200, 3007),
        ("Test", 212, 3358),
    ]
    assert report.count("error") == 0


def test_nothing_is_wrong_with_sbhar():
    report = check(read_recipe("sbhar", {"data": {"features": shared("sbhar/annotations.json").parent}}))

    assert (report.findings, report.unchecked) == ((), ())
    assert [split.with_features for split in report.splits] == [21, 9]
