"""The measures of neighbouring fields give what the fields' own code gives, to 1e-9."""

import json
from itertools import chain, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.evaluation.events import event_scores
from logotal.evaluation.frame_labels import frame_labels
from logotal.evaluation.frames import frame_scores
from logotal.evaluation.spotting import LOOSE, TIGHT, spotting_scores
from logotal.timeline import Action, Timeline
from tests.shared import shared


@pytest.fixture(scope="module")
def golden():
    return json.loads(shared("golden/neighbours.json").read_text())


def spelled(runs):
    return list(chain.from_iterable([label] * count for label, count in runs))


def test_segmentation_is_scored_as_ms_tcn_does(golden):
    case = golden["segmentation"]
    truth, found = ([spelled(video[key]) for video in case["videos"]] for key in ("truth", "predicted"))
    scores = frame_scores(truth, found, background=[case["background"]])
    assert 100 * scores.accuracy == pytest.approx(case["accuracy"], abs=1e-9)
    assert 100 * scores.edit == pytest.approx(case["edit"], abs=1e-9)
    assert {str(overlap): 100 * value for overlap, value in scores.f1.items()} == pytest.approx(case["f1"], abs=1e-9)
    each = [100 * frame_scores([one], [other]).edit for one, other in zip(truth, found, strict=True)]
    assert each == pytest.approx(case["edit_per_video"], abs=1e-9)


@pytest.mark.parametrize(("name", "tolerances"), [("loose", LOOSE), ("tight", TIGHT)])
def test_spotting_is_scored_as_soccernet_does(golden, name, tolerances):
    case = golden["spotting"]
    expected = case[name]
    assert list(tolerances) == expected["tolerances_seconds"]
    key = next(key for key in case["games"][0] if key not in {"duration", "truth"})
    truth = [[(time, index) for time, index in game["truth"]] for game in case["games"]]
    found = [[(time, score, index) for time, index, score in game[key]] for game in case["games"]]
    scores = spotting_scores(truth, found, classes=case["classes"], tolerances=tolerances, fps=case["fps"])
    assert scores.average == pytest.approx(expected["average_mAP"], abs=1e-9)
    assert scores.per_class == pytest.approx(np.array(expected["per_class"]), abs=1e-9)
    assert scores.at == pytest.approx(np.array(expected["mAP_per_tolerance"]), abs=1e-9)


@pytest.mark.parametrize(("name", "ends"), [("onset_and_offset", True), ("onset_only", False)])
def test_events_are_scored_as_sed_eval_does(golden, name, ends):
    case = golden["events"]
    key = next(key for key in case["files"][0] if key != "truth")
    truth, found = ([list(map(tuple, file[side])) for file in case["files"]] for side in ("truth", key))
    scores, expected = event_scores(truth, found, ends=ends), case[name]
    for one, other in [(scores.micro, expected["micro"])] + [
        (scores.labels[label], numbers) for label, numbers in expected["per_label"].items()
    ]:
        numbers = {"f_measure": one.f1, "precision": one.precision, "recall": one.recall}
        assert numbers == pytest.approx(other, abs=1e-9)
    assert scores.macro_f1 == pytest.approx(expected["macro"]["f_measure"], abs=1e-9)


def test_as_many_pairs_as_possible_are_made():
    truth = [[(1.0, 2.0, "a"), (1.2, 2.2, "a")]]
    found = [[(1.2, 2.2, "a"), (1.4, 2.4, "a")]]  # the first fits both, the second one only
    assert event_scores(truth, found).micro.right == 2
    for order in permutations(found[0]):
        assert event_scores(truth, [order]).micro.right == 2


def test_the_surest_action_labels_a_frame():
    line = Timeline("v", (Action(0.0, 3.0, "long", 0.2), Action(1.0, 2.0, "sure", 0.9), Action(9.0, 99.0, "late", 0.5)))
    assert frame_labels(line, fps=1, frames=4) == ["long", "sure", "long", "background"]
    assert frame_labels(line, fps=1, frames=10)[-1] == "late"
    assert frame_labels(Timeline("v"), fps=25, frames=2, background="none") == ["none", "none"]
    with pytest.raises(InputError, match="frames per second above 0"):
        frame_labels(line, fps=0, frames=3)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40))
def test_what_is_found_as_it_is_scores_one(labels):
    scores = frame_scores([labels], [labels])
    assert (scores.accuracy, scores.edit, *scores.f1.values()) == (1, 1, 1, 1, 1)


def test_what_does_not_fit_is_said():
    with pytest.raises(InputError, match="as many found labels as true ones"):
        frame_scores([["a"]], [["a", "a"]])
    with pytest.raises(InputError, match="as many videos"):
        spotting_scores([[]], [], classes=1)
    with pytest.raises(InputError, match="two tolerances or more, found 1, 1 and 1"):
        spotting_scores([[]], [[]], classes=1, tolerances=(1.0,))
    with pytest.raises(InputError, match="a class below 1"):
        spotting_scores([[(1.0, 1)]], [[]], classes=1)
    with pytest.raises(InputError, match="at least one event"):
        event_scores([[]], [[]])
