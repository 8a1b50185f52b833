import dataclasses

import pytest

from logotal.errors import InputError
from logotal.evaluation.evaluate import evaluate
from logotal.evaluation.protocols import PROTOCOLS, Protocol, find_protocol, tiou_range
from logotal.timeline import Action, Timeline
from tests.evaluation.cases import annotations, video

GENERIC = PROTOCOLS["generic"]


def test_ranges_are_free_of_rounding_noise():
    assert tiou_range(0.5, 0.95, 0.05) == (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def test_every_protocol_is_found_by_its_name_and_describes_itself():
    for name, protocol in PROTOCOLS.items():
        assert find_protocol(name) is protocol
        assert protocol.name == name
        assert protocol.description


def test_an_unknown_protocol_names_the_nearest():
    with pytest.raises(InputError, match="no protocol 'tumos14'; did you mean 'thumos14'"):
        find_protocol("tumos14")


def test_the_generic_protocol_prints_the_averages_of_both_fields():
    assert GENERIC.tious == (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
    assert set(GENERIC.averages) == {"0.3:0.7", "0.5:0.95"}


@pytest.mark.parametrize("tious", [(), (0.0,), (0.5, 1.1)])
def test_a_protocol_refuses_tiou_outside_of_0_to_1(tious: tuple[float, ...]):
    with pytest.raises(ValueError, match="averages must name tIoU"):
        Protocol("mine", "", {"all": tious})


def test_a_protocol_refuses_numbers_that_are_not_computed():
    with pytest.raises(ValueError, match="average_numbers must be 1 to 100"):
        Protocol("mine", "", {"all": (0.5,)}, average_numbers=(200,))
    with pytest.raises(ValueError, match="recall_multiples must be at least 1"):
        Protocol("mine", "", {"all": (0.5,)}, recall_multiples=(0,))


def test_the_truth_as_detections_scores_1_everywhere():
    truth = annotations(video("a", (1, 2, "jump"), (3, 5, "run")), video("b", (0, 9, "run")))
    detections = [Timeline(found.id, found.actions) for found in truth.videos.values()]
    result = evaluate(truth, detections, GENERIC)

    assert result.averages == {"0.3:0.7": 1.0, "0.5:0.95": 1.0}
    assert result.mean_recall(1) == dict.fromkeys(GENERIC.tious, 1.0)
    assert result.average_recall[100] == 1.0
    assert result.notes() == []


def test_no_detections_score_0_and_every_video_is_named():
    truth = annotations(video("a", (1, 2, "jump")), video("b", (0, 9, "run")))
    result = evaluate(truth, [Timeline("b")], GENERIC)

    assert result.averages == {"0.3:0.7": 0.0, "0.5:0.95": 0.0}
    assert result.coverage.without_detections == ("a", "b")


def test_what_is_not_scored_is_listed_with_counts_and_nothing_is_lost():
    truth = annotations(video("a", (1, 2, "jump")), video("t", (1, 2, "jump"), split="train"))
    jump, swim = Action(1, 2, "jump", 0.5), Action(1, 2, "swim", 0.9)
    detections = [Timeline("a", (jump, swim, swim)), Timeline("t", (jump,)), Timeline("x", (jump, swim))]
    result = evaluate(truth, detections, GENERIC, split="test")

    assert result.coverage.not_in_split == {"t": 1, "x": 2}
    assert result.coverage.unknown_labels == {"swim": 2}
    assert result.prediction_counts.tolist() == [1, 0]
    assert result.averages["0.3:0.7"] == 1.0


def test_proposals_of_a_model_that_knows_no_labels_are_recalled_as_those_of_one_that_does():
    truth = annotations(video("a", (1, 2, "jump"), (3, 5, "run")), video("b", (0, 9, "run")))
    found = {"a": [(1, 2, 0.9), (3, 4.4, 0.8), (7, 8, 0.7)], "b": [(5, 6, 0.6), (0, 8, 0.5)]}

    def result(*labels):
        listed = [Timeline(v, tuple(Action(s, e, label, p) for s, e, p in found[v] for label in labels)) for v in found]
        return evaluate(truth, listed, GENERIC)

    named, unnamed = result("jump"), result("action")
    assert unnamed.average_recall == named.average_recall
    assert unnamed.area_under_curve == named.area_under_curve
    assert unnamed.average_recall[100] == pytest.approx((10 + 5 + 8) / 30)  # tIoU 1, 0.7 and 0.89, of 0.5 to 0.95
    assert unnamed.averages["0.3:0.7"] == 0.0
    assert unnamed.coverage.unknown_labels == {"action": 5}
    assert result("run", "action").average_recall[5] == named.average_recall[5]


def test_a_detection_in_a_video_without_actions_is_a_false_positive():
    truth = annotations(video("a", (1, 2, "jump")), video("background"))
    right, false = Timeline("a", (Action(1, 2, "jump", 0.5),)), Timeline("background", (Action(1, 2, "jump", 0.9),))
    result = evaluate(truth, [right, false], GENERIC)

    assert result.coverage.videos == 2
    assert result.averages["0.3:0.7"] == pytest.approx(0.5)


def test_a_label_of_another_split_is_known_but_does_not_enter_the_mean():
    truth = annotations(video("a", (1, 2, "jump")), video("t", (1, 2, "run"), split="train"))
    detections = [Timeline("a", (Action(1, 2, "jump"), Action(1, 2, "run")))]
    result = evaluate(truth, detections, GENERIC, split="test")

    assert result.averages["0.3:0.7"] == 1.0
    assert result.coverage.unknown_labels == {}
    assert result.label_table()[2][:4] == ["run", "0", "1", "-"]


def test_dropped_truths_are_listed_with_their_video():
    same, point = (1, 2, "jump"), (4, 4, "run")
    truth = annotations(video("a", same, same, point, (12, 13, "run"), duration=10.0))
    inside = dataclasses.replace(GENERIC, inside_video=True)

    dropped = evaluate(truth, [], inside).coverage
    assert dropped.duplicates == (("a", Action(*same)),)
    assert dropped.degenerate == (("a", Action(*point)),)
    assert dropped.outside == (("a", Action(12, 13, "run")),)
    assert evaluate(truth, [], GENERIC).coverage.outside == ()


def test_actions_that_end_after_their_video_count_as_they_are_and_are_named():
    cut, rounded = (8, 14, "jump"), (1, 10.05, "run")
    truth = annotations(video("a", cut, rounded, (3, 4, "jump"), duration=10.0))
    result = evaluate(truth, [Timeline("a", (Action(*cut), Action(*rounded), Action(3, 4, "jump")))], GENERIC)

    assert result.averages["0.3:0.7"] == 1.0
    assert result.coverage.cut == (("a", Action(*cut)),)
    assert result.notes() == [
        "annotated actions that end after their video, counted as they are: 1 (a 'jump' 8 to 14 s)"
    ]
    assert result.to_json()["cut"] == [{"video": "a", "label": "jump", "segment": [8, 14]}]


def test_an_excluded_video_is_neither_truth_nor_prediction():
    truth = annotations(video("a", (1, 2, "jump")), video("bad", (1, 2, "jump")))
    protocol = dataclasses.replace(GENERIC, excluded_videos=frozenset({"bad", "absent"}))
    detections = [Timeline("a", (Action(1, 2, "jump", 0.5),)), Timeline("bad", (Action(5, 6, "jump", 0.9),))]
    result = evaluate(truth, detections, protocol)

    assert result.coverage.excluded == ("bad",)
    assert result.coverage.not_in_split == {"bad": 1}
    assert result.averages["0.3:0.7"] == 1.0


def test_the_order_of_videos_and_timelines_changes_nothing():
    videos = [video("a", (1, 2, "jump")), video("b", (1, 3, "jump"))]
    found = [Timeline("a", (Action(5, 6, "jump", 0.6),)), Timeline("b", (Action(1, 3, "jump", 0.5),))]

    assert (
        evaluate(annotations(*videos), found, GENERIC).to_json()
        == evaluate(annotations(*videos[::-1]), found[::-1], GENERIC).to_json()
    )


def test_of_equal_scores_the_last_timeline_of_the_file_comes_first():
    truth = annotations(video("a", (1, 2, "jump")), video("b", (1, 3, "jump")))
    wrong, right = Timeline("a", (Action(5, 6, "jump", 0.5),)), Timeline("b", (Action(1, 3, "jump", 0.5),))

    assert evaluate(truth, [wrong, right], GENERIC).averages["0.3:0.7"] == pytest.approx(1 / 2)
    assert evaluate(truth, [right, wrong], GENERIC).averages["0.3:0.7"] == pytest.approx(1 / 4)


def test_a_video_with_two_timelines_is_an_error():
    with pytest.raises(InputError, match="video 'a': expected one timeline, found two"):
        evaluate(annotations(video("a", (1, 2, "jump"))), [Timeline("a"), Timeline("a")], GENERIC)


def test_a_split_without_truth_is_an_error():
    with pytest.raises(InputError, match="expected actions in split 'test', found none"):
        evaluate(annotations(video("a"), video("b", (1, 1, "jump"))), [], GENERIC)


def test_the_generic_protocol_asks_for_the_split_where_there_are_several():
    truth = annotations(video("a", (1, 2, "jump")), video("t", (1, 2, "jump"), split="train"))
    with pytest.raises(InputError, match="expected the name of the split to score, the file has 'test', 'train'"):
        evaluate(truth, [], GENERIC)


def test_a_split_that_the_file_lacks_names_the_nearest():
    with pytest.raises(InputError, match="no video in split 'Test'; did you mean 'test'"):
        evaluate(annotations(video("a", (1, 2, "jump"))), [], PROTOCOLS["thumos14"])


def test_the_split_of_a_protocol_can_be_overridden():
    truth = annotations(video("a", (1, 2, "jump")))

    assert evaluate(truth, [], PROTOCOLS["thumos14"], split="test").split == "test"


def test_a_protocol_without_proposal_numbers_computes_none():
    protocol = dataclasses.replace(GENERIC, average_numbers=(), recall_multiples=())
    result = evaluate(annotations(video("a", (1, 2, "jump"))), [], protocol)

    assert result.area_under_curve is None
    assert result.proposal_table() == []
    assert [row[0] for row in result.table()] == ["tIoU", "mAP"]
