import doctest
import json
from pathlib import Path

import pytest

from benchmarks import page, pictures
from benchmarks.contestants import ACTIONFORMER, CLIPS, DENSE
from benchmarks.goals import GOALS
from tests.benchmarks.cases import contestant, detection, results, work

DETECTIONS = {f"detect_{length}": detection(length, length / 1000) for length in (500, 2304, 10_000, 100_000)}


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(page).failed == 0


def rows(text: str, start: str) -> list[str]:
    """The lines of tables that begin so."""
    return [line for line in text.splitlines() if line.startswith(f"| {start}")]


def test_each_goal_has_one_row_with_what_was_measured() -> None:
    found = {row[0]: row[1:] for row in page.goal_rows(results(**DETECTIONS)["works"])}
    assert len(found) == len(GOALS)
    assert found["detect, 2,304 steps in memory, fp32: 2 x ActionFormer"] == ("2.00 x", "met")
    assert found["detect, 2,304 steps in memory, bf16: 4 x ActionFormer (set for processors with AMX)"] == (
        "4.00 x",
        "met",
    )
    assert found["detect, 10,000 steps of a .npy file: under 1.0 GiB"] == ("1.00 GiB", "met")
    assert found["cost of detection grows as length to the power of at most 1.05, fp32"] == ("1.000", "met")


def test_a_goal_that_is_missed_says_so() -> None:
    slow = work("detect", "", **{"logotal fp32": contestant(2.0), ACTIONFORMER: contestant(1.0)})
    found = {row[0]: row[1:] for row in page.goal_rows({"detect-2304": slow})}
    assert found["detect, 2,304 steps in memory, fp32: 2 x ActionFormer"] == ("0.50 x", "**missed**")


def test_a_goal_without_its_rival_is_not_called_met() -> None:
    assert {row[1:] for row in page.goal_rows({})} == {("not measured", "-")}
    found = {row[0]: row[1:] for row in page.goal_rows(results(**DETECTIONS)["works"])}
    assert found["detect, 2,304 steps in memory, fp32: 1.2 x TriDet"] == ("not measured", "-")


def test_each_contestant_is_shown_with_its_ratio_and_an_absent_one_with_its_reason() -> None:
    text = page.page(results(**DETECTIONS))
    assert rows(text, "2304 steps | logotal bf16")[0] == (
        "| 2304 steps | logotal bf16 | 1.15 s | 4.00 x | - | 1.00 GiB |"
    )
    assert rows(text, f"2304 steps | {ACTIONFORMER}")[0].split(" | ")[2:4] == ["4.61 s", "-"]
    assert any("absent: it is on holiday" in line for line in rows(text, "2304 steps"))


def test_ratios_of_several_repetitions_are_shown_with_their_spread() -> None:
    several = work("load", "epoch", logotal=contestant(1, 1, 1), **{ACTIONFORMER: contestant(2, 3, 4)})
    assert "3.00 x (2.00-4.00)" in page.page(results(load=several))


def test_stages_stand_beside_those_of_the_rival() -> None:
    found = {row[1]: row[2:] for row in page.stage_rows({"detect-500": detection(500, 1.0)})}
    assert found["logotal fp32"] == ("900 ms (2.00 x)", "50.0 ms", "-")
    assert found[ACTIONFORMER] == ("1.80 s", "-", "-")


def test_estimated_times_are_marked() -> None:
    judged = {"logotal": contestant(0.5), ACTIONFORMER: contestant(100.0, estimated=True)}
    assert "| ~100 s |" in page.page(results(evaluate_400k=work("evaluate", "many", **judged)))


@pytest.mark.parametrize(("moved", "said"), [(0.0, "no difference"), (1e-6, "largest difference 1e-06")])
def test_the_page_says_how_far_results_are_apart(moved: float, said: str) -> None:
    kept = [[0.0, 1.0, 2.0, 0.5]]
    theirs = [[0.0, 1.0, 2.0, 0.5 + moved]]
    pair = {"logotal": contestant(1, extra={"found": kept}), ACTIONFORMER: contestant(1, extra={"found": theirs})}
    text = page.page(results(nms_200=work("nms", "keeping 200 a video", **pair)))
    assert f"- Soft-NMS, keeping 200 a video: 1 segments; {said}." in text


def test_another_number_of_segments_is_a_difference() -> None:
    assert page.difference([1.0], [1.0, 2.0]) == "**theirs are 2**"


def test_a_way_from_video_to_timeline_is_told_as_a_multiple_of_real_time_and_meets_its_goals_by_it() -> None:
    video = {"extra": {"video": 30.0}}
    ways = {f"{CLIPS} fp32": contestant(80.0, **video), f"{DENSE} fp32": contestant(12.0, **video)}
    works = results(timeline=work("timeline", "30 s of video", **ways))["works"]
    assert "| 12.0 s, 2.5 x real time | 6.67 x |" in page.page(results(**works))
    met = {row[0]: row[1:] for row in page.goal_rows(works)}
    assert met["I3D, dense, 224 px, stride 4, fp32: 2 x real time"] == ("2.50 x", "met")
    assert met["I3D, dense, 224 px, fp32: 5 x overlapping clips"] == ("6.67 x", "met")
    assert met["MobileNetV2, 160 px: 15 x real time"] == ("not measured", "-")


def test_a_quick_run_warns_of_its_numbers() -> None:
    quick = results() | {"quick": True}
    assert "these numbers mean nothing" in page.page(quick)
    assert "these numbers mean nothing" not in page.page(results())


def test_every_table_has_as_many_cells_in_each_row_as_its_header() -> None:
    text = page.page(results(**DETECTIONS), [("cost.svg", "Cost")])
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1
    assert "![Cost](cost.svg)" in text


def test_pictures_are_drawn_of_what_was_measured_only(tmp_path: Path) -> None:
    works = results(**DETECTIONS)["works"]
    assert [file for file, _ in pictures.draw(works, tmp_path)] == ["performance-length.svg"]
    drawn = (tmp_path / "performance-length.svg").read_text()
    assert "logotal fp32" in drawn
    assert ACTIONFORMER in drawn
    assert "OpenVINO" not in drawn  # it did not take part


def test_accuracy_is_drawn_for_networks_with_a_measured_map(tmp_path: Path) -> None:
    listed = pictures.sbhar_networks()
    works = {"presets": work("presets", "", **{each["name"]: contestant(0.01) for each in listed})}
    pictures.draw(works, tmp_path)
    drawn = (tmp_path / "performance-accuracy.svg").read_text()
    for each in listed:
        assert (f"<title>{each['name']}: 10" in drawn.replace("&#x27;", "'")) == (each["map"] is not None)


def test_speed_is_drawn_for_ways_with_a_measured_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps = {f"{DENSE} fp32": {"0": 90.0, "1": 92.0}, "another way": {"0": 80.0}}
    monkeypatch.setattr(pictures, "maps_of_ways", lambda: maps)
    seen = contestant(2.0) | {"extra": {"video": 30.0}}
    pictures.draw({"timeline": work("timeline", "", **{f"{DENSE} fp32": seen})}, tmp_path)
    drawn = (tmp_path / "performance-real-time.svg").read_text()
    assert f"<title>{DENSE} fp32: 15, 91</title>" in drawn
    assert "another way" not in drawn


def test_results_survive_json() -> None:
    made = results(**DETECTIONS)
    assert page.page(json.loads(json.dumps(made))) == page.page(made)
