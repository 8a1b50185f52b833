"""What the machine's limits allow, and how much of it is reached; from the results of a run, nothing is measured here.

A network's work is counted in multiply-accumulates of convolutions, linear maps and attention, as papers do. Its limit
is the time that these alone take at the highest rate that `limits` measured in the same arithmetic.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.measures import clock, median

Works = Mapping[str, Any]
"""The works of a run by name, as `contest.hold` gives their contestants."""


MAIN = ("detect-2304", "split", "forward", "detect", "train", "timeline")
"""The works of which it is told how near to the limit they come."""


def one(works: Works, work: str, name: str) -> Mapping[str, Any]:
    """What a contestant achieved; empty where it took no part."""
    found: Mapping[str, Any] = works.get(work, {}).get("contestants", {}).get(name, {})
    return found


def rate(found: Mapping[str, Any]) -> float:
    """Operations or bytes a second at best; nan where nothing was measured."""
    return found["extra"]["amount"] / min(found["seconds"]) if found.get("seconds") else math.nan


def highest_rate(works: Works, precision: str) -> float:
    """Floating-point operations a second, of the faster of a convolution and a matrix product; nan without them."""
    rates = [rate(one(works, "limits", f"{job} {precision}")) for job in ("convolve", "multiply")]
    return max((each for each in rates if not math.isnan(each)), default=math.nan)


def floor(works: Works, work: str, name: str) -> float:
    """The seconds that a contestant's multiply-accumulates alone take at the highest rate; nan where not counted."""
    about = one(works, work, name).get("about", {})
    return 2 * float(about["macs"]) / highest_rate(works, about["precision"]) if "macs" in about else math.nan


def rate_rows(works: Works) -> Iterator[tuple[str, str]]:
    """Each limit of the machine."""
    for name, found in works.get("limits", {}).get("contestants", {}).items():
        unit = "GB/s" if name == "copy" else "GFLOP/s"
        yield name, "-" if math.isnan(rate(found)) else f"{rate(found) / 1e9:,.0f} {unit}"


def share_rows(works: Works) -> Iterator[tuple[str, ...]]:
    """How near to its limit each counted contestant comes: in the forward pass, where that was timed, or in all."""
    for work in MAIN:
        held = works.get(work, {"contestants": {}})
        for name, found in held["contestants"].items():
            forward, seconds = found.get("stages", {}).get("forward"), found.get("seconds")
            least = floor(works, work, name)
            if not seconds or math.isnan(least):
                continue
            spent = median({"seconds": forward or seconds})
            title = f"{held['title']}: forward pass" if forward else held["title"]
            amount = f"{2 * found['about']['macs'] / 1e9:,.1f} GFLOP"
            yield title, name, amount, clock(spent), clock(least), f"{least / spent:.0%}"
