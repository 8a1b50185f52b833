"""Results as a run leaves them, made up."""

from typing import Any

from benchmarks.contestants import ACTIONFORMER, BF16, FP32, TRIDET


def contestant(*seconds: float, peak: float = 2**30, **more: Any) -> dict[str, Any]:
    """What one contestant achieved."""
    return {"seconds": list(seconds), "peak": peak, "stages": {}, "about": {}, "extra": {}, **more}


def work(group: str, title: str, **contestants: Any) -> dict[str, Any]:
    """A work; contestants by the names of `benchmarks.works`."""
    return {"group": group, "title": title, "contestants": contestants}


def results(**works: Any) -> dict[str, Any]:
    """A run, with dashes in the names of its works."""
    named = {name.replace("_", "-"): found for name, found in works.items()}
    return {"machine": {"processor": "Abacus 1"}, "quick": False, "seconds": 120.0, "works": named}


def detection(length: int, seconds: float) -> dict[str, Any]:
    """A detection in which fp32 takes `seconds`, bf16 half, ActionFormer double, TriDet as long as fp32."""
    stages = {"forward": [seconds * 0.9], "decode": [seconds * 0.05]}
    return {
        "group": "detect",
        "title": f"{length} steps",
        "contestants": {
            FP32: contestant(seconds, stages=stages),
            BF16: contestant(seconds / 2, stages=stages),
            ACTIONFORMER: contestant(2 * seconds, stages={"forward": [seconds * 1.8]}),
            TRIDET: {"absent": "it is on holiday"},
        },
    }
