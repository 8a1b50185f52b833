"""Measures of neighbouring fields as named protocols, of files and of timelines."""

import json
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import logotal
from logotal.errors import InputError
from logotal.evaluation.frame_labels import frame_labels
from logotal.evaluation.measured import Measured
from logotal.evaluation.protocols import PROTOCOLS, find_protocol
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.runs.evaluation import Evaluation
from logotal.timeline import Action, Timeline
from tests.commands.run import logotal as command
from tests.shared import shared

NEIGHBOURS = [name for name, protocol in PROTOCOLS.items() if protocol.measure is not None]


@pytest.fixture(scope="module")
def golden() -> Any:
    return json.loads(shared("golden/neighbours.json").read_text())


def truth_of(
    videos: dict[str, tuple[Action, ...]], duration: float | None = None, fps: float | None = None
) -> Annotations:
    labels = tuple(sorted({action.label for actions in videos.values() for action in actions}))
    return Annotations(
        labels, {name: VideoTruth(name, "test", actions, duration, fps) for name, actions in videos.items()}, Path("t")
    )


def measured(evaluation: Evaluation) -> Measured:
    assert evaluation.measured is not None
    return evaluation.measured


def runs(spelled: list[list[Any]], background: str) -> tuple[Action, ...]:
    """Runs of labels at one frame a second as actions."""
    ends, actions = 0, []
    for label, count in spelled:
        ends += count
        if label != background:
            actions.append(Action(ends - count, ends, label))
    return tuple(actions)


def test_the_protocol_of_segmentation_gives_what_ms_tcn_gives(golden: Any) -> None:
    case = golden["segmentation"]
    sides: dict[str, dict[str, tuple[Action, ...]]] = {
        side: {f"{i}": runs(video[side], case["background"]) for i, video in enumerate(case["videos"])}
        for side in ("truth", "predicted")
    }
    counts = [sum(count for _, count in video["truth"]) for video in case["videos"]]
    labels = tuple(sorted({a.label for a in chain.from_iterable(chain(*map(dict.values, sides.values())))}))
    videos = {name: VideoTruth(name, "test", each, counts[int(name)], 1) for name, each in sides["truth"].items()}
    found = [Timeline(name, actions) for name, actions in sides["predicted"].items()]
    numbers = measured(logotal.evaluate(found, Annotations(labels, videos, Path("t")), protocol="segmentation")).numbers
    expected = {"frame accuracy": case["accuracy"], "edit": case["edit"]}
    expected |= {f"F1@{100 * float(overlap):g}": value for overlap, value in case["f1"].items()}
    assert {name: 100 * value for name, value in numbers.items()} == pytest.approx(expected, abs=1e-9)


def test_the_protocol_of_spotting_gives_what_soccernet_gives(golden: Any) -> None:
    case = golden["spotting"]
    truth = {f"{i}": tuple(Action(t, t, str(k)) for t, k in game["truth"]) for i, game in enumerate(case["games"])}
    found = [
        Timeline(f"{i}", tuple(Action(t, t, str(k), score) for t, k, score in game["detections"]))
        for i, game in enumerate(case["games"])
    ]
    result = measured(logotal.evaluate(found, truth_of(truth), protocol="spotting"))
    for name in ("loose", "tight"):
        expected = case[name]
        assert result.numbers[f"average mAP, {name}"] == pytest.approx(expected["average_mAP"], abs=1e-9)
        assert [row[name] for row in result.labels.values()] == pytest.approx(expected["per_class"], abs=1e-9)
        for seconds, value in zip(expected["tolerances_seconds"], expected["mAP_per_tolerance"], strict=True):
            if name == "tight" or seconds > 5:  # both have 5 s
                assert result.numbers[f"mAP at {seconds:g} s"] == pytest.approx(value, abs=1e-9)


def test_the_protocol_of_events_gives_what_sed_eval_gives(golden: Any) -> None:
    case = golden["events"]
    sides = {
        side: {f"{i}": tuple(Action(*row) for row in file[side]) for i, file in enumerate(case["files"])}
        for side in ("truth", "detected")
    }
    found = [Timeline(name, actions) for name, actions in sides["detected"].items()]
    result = measured(logotal.evaluate(found, truth_of(sides["truth"]), protocol="events"))
    for key, what in (("onset_and_offset", ""), ("onset_only", " of starts")):
        micro, macro = case[key]["micro"], case[key]["macro"]
        expected = {f"F1{what}": micro["f_measure"], f"precision{what}": micro["precision"]}
        expected |= {f"recall{what}": micro["recall"], f"F1{what}, mean of labels": macro["f_measure"]}
        assert {name: result.numbers[name] for name in expected} == pytest.approx(expected, abs=1e-9)
        for label, numbers in case[key]["per_label"].items():
            assert result.labels[label][f"F1{what}"] == pytest.approx(numbers["f_measure"], abs=1e-9)


ACTIONS = (Action(1, 3, "a"), Action(5, 6, "b"))


@pytest.mark.parametrize("protocol", NEIGHBOURS)
def test_what_is_found_as_it_is_scores_one(protocol: str) -> None:
    evaluation = logotal.evaluate([Timeline("v", ACTIONS)], truth_of({"v": ACTIONS}, 8.0, 10.0), protocol=protocol)
    numbers = measured(evaluation).numbers
    assert numbers == dict.fromkeys(numbers, 1.0)
    assert evaluation.result.averages["0.3:0.7"] == 1.0
    assert str(evaluation).startswith(f"{protocol}, split test: {find_protocol(protocol).description}\nin percent, ")
    assert "mAP of the same detections:" in str(evaluation)
    assert evaluation.to_json()["measured"]["numbers"] == numbers


@pytest.mark.parametrize("protocol", NEIGHBOURS)
def test_a_video_without_detections_counts_as_missed(protocol: str) -> None:
    truth = truth_of({"v": ACTIONS, "w": ACTIONS}, 8.0, 10.0)
    numbers = measured(logotal.evaluate([Timeline("v", ACTIONS)], truth, protocol=protocol)).numbers
    assert min(numbers.values()) > 0
    assert sum(1 for value in numbers.values() if value < 1) >= len(numbers) - 2  # not the precisions


@pytest.mark.parametrize("protocol", NEIGHBOURS)
def test_what_lies_in_ignored_spans_and_meets_no_truth_changes_nothing(protocol: str) -> None:
    truth = VideoTruth("v", "test", ACTIONS, 20.0, 10.0, ignored=((4.5, 12.0),))
    others = (Action(9, 11, "a", 0.95), Action(10, 14, "b", 0.95))  # wholly, and half
    found = [Timeline("v", (Action(1, 3, "a"), Action(5, 6, "b"), *others))]
    numbers = measured(
        logotal.evaluate(found, Annotations(("a", "b"), {"v": truth}, Path("t")), protocol=protocol)
    ).numbers
    assert numbers == dict.fromkeys(numbers, 1.0)


def test_moments_need_no_length_and_those_that_have_one_are_told() -> None:
    truth = truth_of({"v": (Action(10, 10, "serve"), Action(30, 30, "serve"))})
    evaluation = logotal.evaluate([Timeline("v", (Action(9, 11, "serve", 0.9),))], truth, protocol="spotting")
    assert measured(evaluation).numbers["mAP at 1 s"] == pytest.approx(6 / 11)  # the recalls 0, 0.1, ..., 0.5
    assert measured(evaluation).notes == ()
    assert "mAP of the same" not in str(evaluation)
    assert not {"mAP", "average_mAP"} & evaluation.to_json().keys()
    json.dumps(evaluation.to_json(), allow_nan=False)
    long = logotal.evaluate([], truth_of({"v": (Action(10, 12, "serve"),)}), protocol="spotting")
    assert measured(long).notes == ("1 of 1 true actions have length: their middle counts",)


def test_a_moment_is_the_middle_or_the_start() -> None:
    truth, found = truth_of({"v": (Action(10, 50, "serve"),)}), [Timeline("v", (Action(29, 31, "serve"),))]
    by = {name: measured(logotal.evaluate(found, truth, protocol=name)) for name in ("spotting", "spotting-starts")}
    assert (by["spotting"].numbers["mAP at 1 s"], by["spotting-starts"].numbers["mAP at 1 s"]) == (1, 0)


def test_a_run_is_scored_as_it_would_show_and_a_file_as_it_is_from_a_score_on() -> None:
    truth = truth_of({"v": (Action(1, 3, "a"), Action(1.2, 3.2, "a"))})
    found = [Timeline("v", (Action(1, 3, "a", 0.9), Action(1.2, 3.2, "a", 0.8), Action(9, 9.5, "a", 0.2)))]
    evaluation = logotal.evaluate(found, truth, protocol="events")
    assert measured(evaluation).numbers["F1"] == 1.0
    assert evaluation.shown.micro.detections == 1  # the other one lies within it
    assert measured(evaluation).by.endswith("of actions of score 0.3 or more")
    assert measured(logotal.evaluate(found, truth, protocol="events", threshold=0)).numbers["precision"] == 2 / 3


def test_collars_are_those_of_the_protocol() -> None:
    truth, found = truth_of({"v": (Action(1, 3, "a"),)}), [Timeline("v", (Action(1.1, 3.9, "a"),))]
    scores = [
        measured(logotal.evaluate(found, truth, protocol=name)).numbers["F1"] for name in ("events", "events-dcase")
    ]
    assert scores == [1.0, 0.0]


def test_what_does_not_fit_says_what_to_do() -> None:
    found = [Timeline("v", ACTIONS)]
    for duration, fps, words in ((None, 10.0, '"duration" to the annotations'), (8.0, None, "with --fps")):
        with pytest.raises(InputError, match=f"video 'v': expected its .* found none; add .*{words}"):
            logotal.evaluate(found, truth_of({"v": ACTIONS}, duration, fps), protocol="segmentation")
    both = truth_of({"v": (Action(1, 3, "a"), Action(2, 4, "b"))}, 8.0, 10.0)
    with pytest.raises(InputError, match=r"expected one action at a time.*found 'a' and 'b' at 2 s; score"):
        logotal.evaluate(found, both, protocol="segmentation")
    sure = [Timeline("v", (Action(1, 3, "a", 7.0),))]
    with pytest.raises(InputError, match=r"video 'v': expected scores from 0 to 1.*found 7 of 'a'; bring"):
        logotal.evaluate(sure, truth_of({"v": ACTIONS}), protocol="spotting")
    for protocol in ("spotting", "events"):
        with pytest.raises(InputError, match="found none"):
            logotal.evaluate([], truth_of({"v": ()}), protocol=protocol)
    with pytest.raises(InputError, match="--fps"):
        logotal.evaluate(found, truth_of({"v": ACTIONS}), protocol="segmentation", fps=0)


def test_actions_that_touch_or_overlap_by_less_than_a_frame_are_apart() -> None:
    touching = truth_of({"v": (Action(1, 3.04, "a"), Action(3, 4, "b"), Action(3.01, 3.03, "c"))}, 8.0, 10.0)
    numbers = measured(logotal.evaluate([], touching, protocol="segmentation")).numbers
    assert numbers["frame accuracy"] == pytest.approx(50 / 80)


def test_a_frame_rate_that_is_said_replaces_that_of_the_videos() -> None:
    truth = truth_of({"v": ACTIONS}, 8.0, 10.0)
    assert "80 frames at 10 fps" in measured(logotal.evaluate([], truth, protocol="segmentation")).by
    assert "16 frames at 2 fps" in measured(logotal.evaluate([], truth, protocol="segmentation", fps=2)).by


def test_a_timeline_says_how_many_frames_there_are() -> None:
    line = Timeline("v", (Action(0, 3, "long", 0.2), Action(1, 2, "sure", 0.9)), duration=4.0)
    assert frame_labels(line, fps=1) == ["long", "sure", "long", "background"]
    assert frame_labels(line, fps=0.1) == ["background"]  # the middle of the only frame is at 5 s
    with pytest.raises(InputError, match="video 'v': expected its duration"):
        frame_labels(Timeline("v"), fps=1)
    equal = Timeline("v", (Action(0, 3, "first"), Action(1, 2, "later")), duration=3)
    assert frame_labels(equal, fps=1, background="-") == ["first", "later", "first"]


def test_the_command_prints_and_saves(tmp_path: Path) -> None:
    actions = [{"segment": [1, 3], "label": "a"}, {"segment": [5, 6], "label": "b"}]
    video = {"subset": "test", "duration": 8, "fps": 10, "annotations": actions}
    (tmp_path / "truth.json").write_text(json.dumps({"database": {"v": video}}))
    (tmp_path / "found.json").write_text(json.dumps({"results": {"v": [{**each, "score": 0.9} for each in actions]}}))
    given = ("evaluate", tmp_path / "found.json", "--annotations", tmp_path / "truth.json", "--protocol")
    done = command(*given, "events", "--per-label", "--save", tmp_path / "numbers.json")
    assert done.returncode == 0, done.stderr
    assert "event-based F1 as sed_eval" in done.stdout
    assert "F1 of starts, mean of labels  100.00" in done.stdout
    saved = json.loads((tmp_path / "numbers.json").read_text())
    assert saved["measured"]["labels"] == {name: {"F1": 1.0, "F1 of starts": 1.0} for name in "ab"}
    printed = json.loads(command(*given, "segmentation", "--fps", "5", "--json").stdout)
    assert printed["measured"]["numbers"]["edit"] == 1.0
    assert printed["fps"] == 5
    refused = command(*given, "segmentatoin")
    assert refused.returncode != 0
    assert "did you mean 'segmentation'?" in refused.stderr


def test_detections_of_others_are_scored_without_torch() -> None:
    lines = (
        "import sys, logotal",
        "from pathlib import Path",
        "from logotal.formats.annotations import Annotations, VideoTruth",
        "act = (logotal.Action(1, 3, 'a'),)",
        "truth = Annotations(('a',), {'v': VideoTruth('v', 'test', act, 8.0, 10.0)}, Path('t'))",
        "found = [logotal.evaluate([logotal.Timeline('v', act)], truth, protocol=name) for name in sys.argv[1:]]",
        "print(len(found), {'torch', 'lightning'} & sys.modules.keys())",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines), "generic", *NEIGHBOURS], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"{len(NEIGHBOURS) + 1} set()"


def test_a_moment_within_the_first_second_is_when_it_is_and_one_before_the_video_is_at_its_start() -> None:
    truth = truth_of({"v": (Action(0.2, 0.2, "goal"),)})
    for start, end, right in ((1.3, 1.3, 0.0), (0.3, 0.3, 1.0), (-0.4, 0.2, 1.0)):
        found = [Timeline("v", (Action(start, end, "goal", 0.9),))]
        assert measured(logotal.evaluate(found, truth, protocol="spotting")).numbers["mAP at 1 s"] == right


def test_events_say_their_collars() -> None:
    actions = (Action(1.0, 2.0, "bark"),)
    found = measured(logotal.evaluate([Timeline("v", actions)], truth_of({"v": actions}), protocol="events"))
    assert "starts within 0.25 s, ends within that or 50 % of the length" in found.by
