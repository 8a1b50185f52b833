"""The pictures of `docs/performance.md`."""

import json
import math
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.contestants import ACTIONFORMER, BF16, FP32, OPENVINO, TRIDET
from benchmarks.log_axis import log_axis
from benchmarks.material import LENGTHS
from benchmarks.measures import median, real_time
from logotal.report.charts.lines import Series, line_chart

MAPS = Path(__file__).with_name("sbhar_map.json")
MAPS_OF_WAYS = Path(__file__).with_name("rendered_map.json")


def sbhar_networks() -> list[dict[str, Any]]:
    """The networks of the recipe `sbhar`, with their mAP where it was measured."""
    networks: list[dict[str, Any]] = json.loads(MAPS.read_text())["networks"]
    return networks


def maps_of_ways() -> dict[str, dict[str, float]]:
    """The mAP of each way to make features on rendered videos, by the seed of the training (`benchmarks.ways`)."""
    found: dict[str, dict[str, float]] = json.loads(MAPS_OF_WAYS.read_text())["ways"] if MAPS_OF_WAYS.is_file() else {}
    return found


def cost(works: Mapping[str, Any]) -> str:
    """Time of detection against length, both logarithmic."""
    series = []
    for name in (FP32, BF16, OPENVINO, ACTIONFORMER, TRIDET):
        found = [works.get(f"detect-{length}", {}).get("contestants", {}).get(name) for length in LENGTHS]
        series.append(Series(name, LENGTHS, [median(each) for each in found]))
    measured = [each for each in series if not all(map(math.isnan, each.y))]
    return line_chart(
        measured,
        title="Detection: cost against length",
        x_label="steps of features",
        y_label="seconds",
        x_axis=log_axis(x for each in measured for x in each.x),
        y_axis=log_axis(y for each in measured for y in each.y),
        markers=True,
    )


def accuracy(works: Mapping[str, Any]) -> str:
    """Average mAP on SBHAR against the time of detection, one point per network."""
    found = works.get("presets", {}).get("contestants", {})
    points = [
        Series(each["name"], [1000 * median(found.get(each["name"]))], [each["map"]])
        for each in sbhar_networks()
        if each["map"] is not None
    ]
    return line_chart(
        points,
        title="SBHAR: average mAP against time",
        x_label="milliseconds for 1,000 steps",
        y_label="mAP 0.3:0.1:0.7",
        markers=True,
    )


def ways(works: Mapping[str, Any]) -> str:
    """Average mAP on rendered videos against the multiple of real time, one point per way to make features."""
    found = works.get("timeline", {}).get("contestants", {})
    points = [
        Series(name, [real_time(found[name])], [statistics.fmean(maps.values())])
        for name, maps in maps_of_ways().items()
        if name in found
    ]
    return line_chart(
        points,
        title="From video to timeline: average mAP against speed",
        x_label="seconds of video in a second, on two cores",
        y_label="mAP 0.3:0.7 on rendered videos",
        x_axis=log_axis(x for each in points for x in each.x),
        markers=True,
    )


def draw(works: Mapping[str, Any], folder: Path) -> list[tuple[str, str]]:
    """Writes the pictures whose works took part, and returns (file name, what it shows)."""
    wanted = {
        "performance-length.svg": (cost, "Cost of detection against length", "detect-2304"),
        "performance-accuracy.svg": (accuracy, "Average mAP on SBHAR against milliseconds", "presets"),
    }
    if maps_of_ways():
        wanted["performance-real-time.svg"] = (ways, "Average mAP on rendered videos against speed", "timeline")
    drawn = []
    for file, (picture, what, needed) in wanted.items():
        if needed in works:
            (folder / file).write_text(picture(works) + "\n")
            drawn.append((file, what))
    return drawn
