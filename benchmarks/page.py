"""`docs/performance.md` from the results of a run. Nothing here measures anything."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.contestants import ACTIONFORMER, BF16, CLIPS, FP32, LOOP, THEIR_LIGHT, TRIDET
from benchmarks.goals import GOALS, Goal
from benchmarks.measures import clock, gibibytes, median, ratio, real_time, spread, times
from benchmarks.roofline import one, rate_rows, share_rows
from benchmarks.sentences import GROUPS, INTRODUCTION, QUICK, RIVAL

Row = Sequence[str]


def page(results: Mapping[str, Any], pictures: Sequence[tuple[str, str]] = ()) -> str:
    """The text of the page; `pictures` are (file name, what it shows)."""
    return "\n".join(_lines(results, pictures)) + "\n"


def table(header: Row, rows: Sequence[Row]) -> Iterator[str]:
    """A table in Markdown."""
    yield f"| {' | '.join(header)} |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _lines(results: Mapping[str, Any], pictures: Sequence[tuple[str, str]]) -> Iterator[str]:
    works = results["works"]
    yield from ("# Performance", "")
    yield INTRODUCTION.strip()
    if results["quick"]:
        yield from ("", QUICK)
    yield ""
    yield from table(("machine", ""), [(key, value) for key, value in results["machine"].items()])
    yield from ("", f"The whole run took {results['seconds'] / 60:.0f} minutes.", "", "## Goals", "")
    yield from table(("goal", "measured", "met"), goal_rows(works))
    yield from misses(works)
    yield from ("", "## The same work", "")
    yield from agreement(works)
    for group, (title, text) in GROUPS.items():
        chosen = {name: work for name, work in works.items() if work["group"] == group}
        if chosen:
            yield from ("", f"## {title}", "", text, "")
            yield from limits(works) if group == "limits" else contest(chosen)
        if group == "detect" and chosen:
            yield from ("", "Where the time goes, with the ratio to ActionFormer's same stage:", "")
            yield from table(("work", "contestant", "forward", "decode", "NMS"), list(stage_rows(chosen)))
    for file, what in pictures:
        yield from ("", f"![{what}]({file})")
    yield from ("", "## The rival", "", RIVAL.strip())


def goal_rows(works: Mapping[str, Any], goals: Sequence[Goal] = GOALS) -> list[Row]:
    """Each goal, what was measured, and whether it is met."""
    rows: list[Row] = []
    for goal in goals:
        met = goal.met(works)
        measured = "not measured" if met is None else goal.show(goal.measure(works))
        rows.append((goal.text, measured, "-" if met is None else "met" if met else "**missed**"))
    return rows


def misses(works: Mapping[str, Any]) -> Iterator[str]:
    """What each goal that is missed would have taken, as far as that is known."""
    told = [(goal, goal.why(works)) for goal in GOALS if goal.met(works) is False]
    if any(why for _, why in told):
        yield from ("", "What the goals that are missed would take:", "")
        yield from (f"- *{goal.text}*: {why}." for goal, why in told if why)


def rivals(work: Mapping[str, Any]) -> list[str]:
    """Against whom ratios are shown."""
    found = [name for name in (ACTIONFORMER, TRIDET, LOOP, f"{CLIPS} fp32", THEIR_LIGHT) if name in work["contestants"]]
    return found or [next(iter(work["contestants"]))]


def contest(works: Mapping[str, Any], against: Sequence[str] = ()) -> Iterator[str]:
    """Each contestant's time, its ratio to those `against` whom it ran (the usual ones if absent), and its memory."""
    against = against or rivals(next(iter(works.values())))
    header = ("work", "contestant", "time", *(f"faster than {name.split(',')[0]}" for name in against), "peak memory")
    rows = []
    for work in works.values():
        for name, found in work["contestants"].items():
            if "absent" in found:
                rows.append((work["title"], name, f"absent: {found['absent']}", *("-" for _ in against), "-"))
                continue
            about = "~" if found.get("estimated") else ""
            ratios = (_faster(found, name, rival, work["contestants"].get(rival)) for rival in against)
            spent, clips = median(found), found.get("extra", {}).get("clips")
            time = about + clock(spent) + (f", {clips / spent:.2f} clips/s" if clips else "")
            if not math.isnan(factor := real_time(found)):
                time += f", {factor:.3g} x real time"
            rows.append((work["title"], name, time, *ratios, gibibytes(found["peak"])))
    yield from table(header, rows)


def limits(works: Mapping[str, Any]) -> Iterator[str]:
    """The machine's highest rates, and how near to them each counted contestant comes."""
    yield from table(("operation", "highest rate"), list(rate_rows(works)))
    shares = list(share_rows(works))
    if shares:
        yield ""
        yield from table(("work", "contestant", "arithmetic", "time", "at the highest rate", "reached"), shares)


def _faster(found: Mapping[str, Any], name: str, rival: str, theirs: Mapping[str, Any] | None) -> str:
    value = ratio(found, theirs)
    if name == rival or math.isnan(value):
        return "-"
    if len(found["seconds"]) < 2:
        return f"{times(value)} x"
    low, high = spread(found, theirs)
    return f"{times(value)} x ({times(low)}-{times(high)})"


def stage_rows(works: Mapping[str, Any]) -> Iterator[Row]:
    """The stages of detection, each beside the rival's."""
    for work in works.values():
        theirs = work["contestants"].get(ACTIONFORMER, {}).get("stages", {})
        for name, found in work["contestants"].items():
            if "absent" in found:
                continue
            cells = []
            for stage in ("forward", "decode", "nms"):
                mine = {"seconds": found["stages"].get(stage, [])}
                value = ratio(mine, {"seconds": theirs.get(stage, [])})
                beside = "" if name == ACTIONFORMER or math.isnan(value) else f" ({times(value)} x)"
                cells.append(clock(median(mine)) + beside)
            yield (work["title"], name, *cells)


def agreement(works: Mapping[str, Any]) -> Iterator[str]:
    """What was checked to be equal before anything was compared."""
    found = one(works, "agreement", "logotal").get("extra")
    if found:
        apart = ", ".join(f"{name} {value:.0e}" for name, value in found["differences"].items())
        count = f"{found['parameters']:,}"
        yield f"- Our `actionformer` preset has {count} parameters; with the weights of the rival, its answers differ"
        yield f"  from the rival's, relative to the largest, by at most: {apart}."
    for name in ("nms-200", "nms-2000"):
        ours, theirs = (one(works, name, who).get("extra", {}).get("found") for who in ("logotal", ACTIONFORMER))
        if ours and theirs:
            yield f"- Soft-NMS, {works[name]['title']}: {len(ours):,} segments; {difference(ours, theirs)}."
    ours, theirs = (
        one(works, "evaluate-42k", who).get("extra", {}).get("numbers") for who in ("logotal", ACTIONFORMER)
    )
    if ours and theirs:
        yield f"- Evaluator: {len(ours)} numbers (mAP, recall@1x, recall@5x); {difference(ours, theirs)}."
    plain = one(works, "extract", LOOP).get("extra", {}).get("features")
    for name in (FP32, BF16):
        features = one(works, "extract", name).get("extra", {}).get("features")
        if plain and features:
            apart = math.dist(_flat(features), _flat(plain)) / math.hypot(*_flat(plain))
            yield f"- Extraction, {name}: features differ from the plain loop's by {apart:.0e} of their norm."


def difference(ours: Sequence[Any], theirs: Sequence[Any]) -> str:
    """How far two lists of numbers, or of rows of numbers, are apart, in words.

    >>> difference([1.0, 2.0], [1.0, 2.5]), difference([[0.5, 1.0]], [[0.5, 1.0]])
    ('largest difference 5e-01', 'no difference')
    """
    if len(ours) != len(theirs):
        return f"**theirs are {len(theirs)}**"
    pairs = zip(_flat(ours), _flat(theirs), strict=True)
    largest = max((abs(a - b) for a, b in pairs), default=0.0)
    return "no difference" if largest == 0 else f"largest difference {largest:.0e}"


def _flat(values: Sequence[Any]) -> list[float]:
    return [number for value in values for number in (value if isinstance(value, list) else [value])]
