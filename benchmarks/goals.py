"""The goals of the project's speed, each with what was measured."""

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.contestants import ACTIONFORMER, BF16, CLIPS, DENSE, DENSE_DEEP, DENSE_SMALL, FP32, LIGHT, TRIDET
from benchmarks.material import LENGTHS
from benchmarks.measures import clock, exponent, gibibytes, median, ratio, real_time, times
from benchmarks.pictures import maps_of_ways
from benchmarks.roofline import Works, floor, one


@dataclass(frozen=True)
class Goal:
    """A number to reach: at least `bound` if it is a ratio, at most `bound` if it is a cost.

    `why` says of a goal that is missed what it would have taken; it is empty where nothing is known.
    """

    text: str
    measure: Callable[[Works], float]
    bound: float
    show: Callable[[float], str]
    at_most: bool = False
    why: Callable[[Works], str] = lambda works: ""

    def met(self, works: Works) -> bool | None:
        """Whether it was reached; None if it was not measured."""
        value = self.measure(works)
        if math.isnan(value):
            return None
        return value <= self.bound if self.at_most else value >= self.bound


def faster(work: str, ours: str, theirs: str) -> Callable[[Works], float]:
    """How many times faster ours is."""
    return lambda works: ratio(one(works, work, ours), one(works, work, theirs))


def shortfall(bound: float, work: str, ours: str, theirs: str) -> Callable[[Works], str]:
    """In words: the time that a ratio of `bound` leaves, beside what the multiply-accumulates alone take."""
    return lambda works: _left(works, work, ours, median(one(works, work, theirs)), bound)


def _left(works: Works, work: str, name: str, whole: float, bound: float) -> str:
    """In words: `bound` times faster than `whole` seconds, beside what the multiply-accumulates alone take."""
    allowed, least, taken = whole / bound, floor(works, work, name), median(one(works, work, name))
    if math.isnan(least) or math.isnan(allowed):
        return ""
    limit = f"it leaves {clock(allowed)}, and the arithmetic alone takes {clock(least)} at the machine's highest rate"
    if least > allowed:
        return f"{limit}: {times(whole / least)} x is the most that the same work allows here"
    return f"{limit}: {least / allowed:.0%} of that rate would have to be reached, and {least / taken:.0%} are"


def peak(work: str, name: str) -> Callable[[Works], float]:
    """The peak of resident memory in bytes."""
    return lambda works: float(one(works, work, name).get("peak", math.nan))


def seconds(work: str, name: str) -> Callable[[Works], float]:
    """The median time."""
    return lambda works: median(one(works, work, name))


def growth(name: str) -> Callable[[Works], float]:
    """The exponent of the cost of detection against length."""

    def fitted(works: Works) -> float:
        points = [(length, median(one(works, f"detect-{length}", name))) for length in LENGTHS]
        measured = [(length, cost) for length, cost in points if not math.isnan(cost)]
        return exponent(*zip(*measured, strict=True)) if measured else math.nan

    return fitted


def _ratio(text: str, bound: float, work: str, ours: str, theirs: str = ACTIONFORMER) -> Goal:
    measure, why = faster(work, ours, theirs), shortfall(bound, work, ours, theirs)
    return Goal(text, measure, bound, lambda value: f"{times(value)} x", why=why)


def _memory(text: str, bound: float, work: str, name: str) -> Goal:
    return Goal(text, peak(work, name), bound * 2**30, gibibytes, at_most=True)


def _real_time(text: str, bound: float, name: str) -> Goal:
    """A multiple of real time, from video to timeline."""

    def why(works: Works) -> str:
        found = one(works, "timeline", name)
        return _left(works, "timeline", name, real_time(found) * median(found), bound)

    def measure(works: Works) -> float:
        return real_time(one(works, "timeline", name))

    return Goal(text, measure, bound, lambda value: f"{times(value)} x", why=why)


def _time(text: str, bound: float, work: str) -> Goal:
    return Goal(text, seconds(work, "logotal"), bound, lambda value: f"{value:.3f} s", at_most=True)


def _exponent(text: str, name: str) -> Goal:
    return Goal(text, growth(name), 1.05, lambda value: f"{value:.3f}", at_most=True)


def _accuracy(ours: str, theirs: str) -> Goal:
    """Points of mAP on rendered videos that one way to make features lies above another."""

    def measure(works: Works) -> float:
        found = maps_of_ways()
        if not works.get("timeline") or not {ours, theirs} <= set(found):
            return math.nan
        return statistics.fmean(found[ours].values()) - statistics.fmean(found[theirs].values())

    def why(works: Works) -> str:
        return (
            "its last layer sees 99 frames of the video around each feature, that of a clip 16; several depths, which "
            "`logotal init` proposes, hold the nearer layers as well"
        )

    text = f"mAP of {ours} less that of {theirs}: -1 or more"
    return Goal(text, measure, -1.0, lambda value: f"{value:+.1f}", why=why)


AMX = " (set for processors with AMX)"
GOALS = (
    _ratio("detect, 2,304 steps in memory, fp32: 2 x ActionFormer", 2.0, "detect-2304", FP32),
    _ratio("detect, 2,304 steps in memory, fp32: 1.2 x TriDet", 1.2, "detect-2304", FP32, TRIDET),
    _ratio("detect, 2,304 steps in memory, bf16: 4 x ActionFormer" + AMX, 4.0, "detect-2304", BF16),
    _ratio("detect, 2,304 steps in memory, bf16: 3 x TriDet" + AMX, 3.0, "detect-2304", BF16, TRIDET),
    _ratio("the test split at its real lengths, fp32: 3 x ActionFormer", 3.0, "split", FP32),
    _ratio("the test split at its real lengths, bf16: 5 x ActionFormer" + AMX, 5.0, "split", BF16),
    _ratio("soft-NMS, keeping 200: 10 x the published C++", 10.0, "nms-200", "logotal"),
    _ratio("soft-NMS, keeping 2,000: 3 x the published C++", 3.0, "nms-2000", "logotal"),
    _ratio("evaluator with recall, 42,400 detections: 100 x", 100.0, "evaluate-42k", "logotal"),
    _time("evaluator, a set of ActivityNet's size: about a second", 1.5, "evaluate-activitynet"),
    _ratio("training step, bf16: 2 x TriDet" + AMX, 2.0, "train", BF16, TRIDET),
    _ratio("training step, fp32: 1.0 x ActionFormer", 1.0, "train", FP32),
    _ratio("training step, fp32: 1.0 x TriDet", 1.0, "train", FP32, TRIDET),
    _ratio("training steps of real lengths, fp32: 1.3 x TriDet, which pads to 2,304", 1.3, "train-real", FP32, TRIDET),
    _memory("training step, fp32: at most 2.0 GiB", 2.0, "train", FP32),
    _memory("training step, bf16: at most 2.0 GiB", 2.0, "train", BF16),
    _memory("detect, 10,000 steps of a .npy file: under 1.0 GiB", 1.0, "detect-10000", FP32),
    _memory("detect, 100,000 steps of a .npy file: under 2.5 GiB", 2.5, "detect-100000", FP32),
    _exponent("cost of detection grows as length to the power of at most 1.05, fp32", FP32),
    _exponent("cost of detection grows as length to the power of at most 1.05, bf16", BF16),
    _real_time("I3D, dense, 224 px, stride 4, fp32: 2 x real time", 2.0, f"{DENSE} fp32"),
    _ratio("I3D, dense, 224 px, fp32: 5 x overlapping clips", 5.0, "timeline", f"{DENSE} fp32", f"{CLIPS} fp32"),
    _real_time("I3D, dense, 224 px, stride 4, bf16: 4 x real time" + AMX, 4.0, f"{DENSE} bf16"),
    _real_time("I3D, dense, 112 px, stride 4, fp32: 8 x real time", 8.0, f"{DENSE_SMALL} fp32"),
    _real_time("MobileNetV2, 160 px: 15 x real time", 15.0, f"{LIGHT}, 160 px"),
    _accuracy(f"{DENSE} bf16", f"{CLIPS} bf16"),
    _accuracy(f"{DENSE}, several depths bf16", f"{CLIPS} bf16"),
    _accuracy(f"{DENSE_SMALL} fp32", f"{CLIPS}, 112 px fp32"),
    _accuracy(f"{DENSE_DEEP} fp32", f"{CLIPS}, 112 px fp32"),
    _time("logotal --help: under 0.3 s", 0.3, "help"),
    _time("import logotal, whole process: under 0.1 s", 0.1, "import"),
)
