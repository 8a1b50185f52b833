import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import extraction, limits, page
from benchmarks.contest import Contestant
from benchmarks.contestants import ACTIONFORMER, BF16, FP32, LOOP, OPENVINO
from benchmarks.counting import counted, multiply_accumulates
from benchmarks.goals import GOALS
from benchmarks.our_network import configuration
from benchmarks.roofline import floor, highest_rate, rate_rows, share_rows
from tests.benchmarks.cases import contestant, results, work


def machine(fp32: float, bf16: float) -> dict[str, Any]:
    """Limits of so many operations a second; the slower operations are half as fast."""
    rates = {"convolve fp32": fp32, "multiply fp32": fp32 / 2, "convolve bf16": bf16 / 2, "multiply bf16": bf16}
    measured = {name: contestant(2.0, 1.0, 4.0, extra={"amount": rate}) for name, rate in rates.items()}
    return work("limits", "the machine", copy=contestant(1.0, extra={"amount": 5e9}), **measured)


def detection(bf16: float, theirs: float) -> dict[str, Any]:
    """Detections whose networks do 50e9 multiply-accumulates."""
    single: dict[str, Any] = {"about": {"macs": 50e9, "precision": "fp32"}}
    half: dict[str, Any] = {"about": {"macs": 50e9, "precision": "bf16"}}
    elsewhere: dict[str, Any] = {"about": {"macs": 50e9, "precision": "openvino-bf16"}}  # its limit was not measured
    mine = {FP32: contestant(1.0, **single), BF16: contestant(bf16, **half), OPENVINO: contestant(1.0, **elsewhere)}
    return work("detect", "2,304 steps", **mine, **{ACTIONFORMER: contestant(theirs)})


def test_the_highest_rate_is_of_the_faster_operation_at_its_best() -> None:
    works = {"limits": machine(2e11, 4e11)}
    assert (highest_rate(works, "fp32"), highest_rate(works, "bf16")) == (2e11, 4e11)
    assert math.isnan(highest_rate({}, "fp32"))
    assert dict(rate_rows(works))["multiply fp32"] == "100 GFLOP/s"
    assert dict(rate_rows(works))["copy"] == "5 GB/s"


def test_the_floor_is_two_operations_for_each_multiply_accumulate_at_the_rate_of_its_arithmetic() -> None:
    works = {"limits": machine(2e11, 4e11), "detect-2304": detection(0.5, 4.0)}
    assert floor(works, "detect-2304", FP32) == 0.5
    assert floor(works, "detect-2304", BF16) == 0.25
    assert math.isnan(floor(works, "detect-2304", OPENVINO))
    assert math.isnan(floor(works, "detect-2304", ACTIONFORMER))  # whose work nobody counted
    shares = {row[1]: row[2:] for row in share_rows(works)}
    assert shares == {
        FP32: ("100.0 GFLOP", "1.00 s", "500 ms", "50%"),
        BF16: ("100.0 GFLOP", "500 ms", "250 ms", "50%"),
    }


def why(works: dict[str, Any]) -> str:
    text = "detect, 2,304 steps in memory, bf16: 4 x ActionFormer (set for processors with AMX)"
    goal = next(goal for goal in GOALS if goal.text == text)
    assert goal.met(works) is False
    return goal.why(works)


def test_a_missed_goal_says_whether_the_machine_allows_it() -> None:
    allowed = {"limits": machine(2e11, 4e11), "detect-2304": detection(0.5, 1.6)}  # 0.4 s are left
    assert why(allowed) == (
        "it leaves 400 ms, and the arithmetic alone takes 250 ms at the machine's highest rate: "
        "62% of that rate would have to be reached, and 50% are"
    )
    out_of_reach = {"limits": machine(2e11, 4e11), "detect-2304": detection(0.5, 0.8)}  # 0.2 s are
    assert why(out_of_reach).endswith("3.20 x is the most that the same work allows here")
    assert why({"detect-2304": detection(0.5, 1.6)}) == ""
    text = page.page(results(limits=machine(2e11, 4e11), detect_2304=detection(0.5, 0.8)))
    assert "3.20 x is the most that the same work allows here." in text
    assert "| multiply bf16 | 400 GFLOP/s |" in text


@pytest.mark.parametrize("job", ["convolve", "multiply"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_limits_tell_the_operations_that_they_did(job: str, precision: str) -> None:
    size: dict[str, Any] = {"length": 8} if job == "convolve" else {"size": 8}
    once, _ = limits.JOBS[job](precision=precision, repeat=2, **size)
    assert once()["amount"] == 2 * (2 * 8 * 512 * 512 * 3 if job == "convolve" else 2 * 8**3)
    once, _ = limits.copy(size=1024, repeat=3)
    assert once()["amount"] == 3 * 2048


def test_counting_by_hand_gives_the_same_multiply_accumulates_and_those_of_the_gradient() -> None:
    plain = {"mixer": "maxpool", "levels": 1, "embedding_layers": 1, "head": "light", "head_layers": 1}
    config = configuration(channels=6, changes={"model": {**plain, "width": 16, "groups": 4}})
    projection, heads = 7 * 6 * 16 * 3, 7 * 16 * (20 + 2) * 3
    assert multiply_accumulates(config, [7]) == projection + heads
    assert multiply_accumulates(config, [7, 14]) == 3 * (projection + heads)
    # Nobody asks for the gradient of the features; all else has two, of what came in and of the weights.
    assert multiply_accumulates(config, [7], training=True) == 2 * projection + 3 * heads


def test_our_contestants_are_counted_with_the_arithmetic_that_they_compute_in() -> None:
    ours = Contestant(
        "ours", "ours", "detect", {"precision": "bf16", "length": 30, "channels": 6, "preset": "logo-lean"}
    )
    theirs = Contestant("theirs", "rival", "detect", {"length": 30})
    found = list(counted([ours, theirs], [30]))
    macs = multiply_accumulates(configuration(channels=6, preset="logo-lean"), [30])
    assert found[0].about == {"macs": macs, "precision": "bf16"}
    assert found[1] == theirs


@pytest.mark.slow
def test_the_plain_loop_gives_the_features_of_our_extraction(tmp_path: Path) -> None:
    clips = extraction.write_material(tmp_path, 20)
    told = [extraction.extract(**clips, precision="fp32")[0](), extraction.plain(**clips)[0]()]
    assert [each["clips"] for each in told] == [2, 2]
    ours, plain = (np.array(each["features"]) for each in told)
    assert np.linalg.norm(ours - plain) < 1e-5 * np.linalg.norm(plain)
    assert np.linalg.norm(plain[0] - plain[1]) > 1e-3 * np.linalg.norm(plain)  # other frames, other features
    rows = {FP32: contestant(2.0, extra=told[0]), LOOP: contestant(4.0, extra=told[1])}
    text = page.page(results(extract=work("extract", "20 frames", **rows)))
    assert "| 20 frames | logotal fp32 | 2.00 s, 1.00 clips/s | 2.00 x | 1.00 GiB |" in text
    assert "features differ from the plain loop's by" in text
