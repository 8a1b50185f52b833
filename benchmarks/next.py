"""What to label next, against any order: labelling simulated on sets whose labels are known.

python -m benchmarks.next sbhar --data SBHAR --first 12 --most 0.29       recordings in pieces of a minute, transitions
python -m benchmarks.next rendered --data PROJECT --held 0.33 --most 0.7   any project with features and all its labels

A few videos are labelled by chance; a linear model learns from them, an order chooses the next ones by what it finds in
the others, and so on. All models of a seed are scored on the same videos, which are never labelled.
What is there stays.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

from benchmarks.contest import ROOT
from benchmarks.labelling import Labelling
from benchmarks.measures import with_deviation
from benchmarks.next_sbhar import in_pieces
from benchmarks.orders import ORDERS
from logotal.report.charts.lines import Series, line_chart

CURVES = Path(__file__).with_name("next_curves.json")
NEAR = 0.95
"""The part of the mAP of all labels that counts as reached."""
STEPS = 50
WHOLE = "all labels"
PICTURED = "sbhar"
"""The set whose curves docs/app.md shows."""
COUNTED = ("videos", "minutes", "actions")

Curves = dict[str, list[list[dict[str, float]]]]
"""By order, and for each seed, the rounds; all labels are an order of one round."""


def main() -> None:
    """Simulates what is missing, prints the table, draws the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="of the set; with `sbhar`, the data are the folder of its recipe")
    parser.add_argument("--data", type=Path, help="simulates; without it, the table and the picture are made anew")
    parser.add_argument("--orders", nargs="+", choices=list(ORDERS), default=list(ORDERS), metavar="ORDER")
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--held", type=float, help="part of the groups that each seed draws to score on")
    parser.add_argument("--first", type=int, default=4, help="videos that are labelled by chance")
    parser.add_argument("--most", type=float, default=0.6, help="part of the videos that is labelled at last")
    parser.add_argument("--keep", type=Path, default=CURVES, help="file of the curves")
    arguments = parser.parse_args()
    kept: dict[str, Curves] = json.loads(arguments.keep.read_text()) if arguments.keep.is_file() else {}
    if arguments.data is not None:
        curves = kept.setdefault(arguments.name, {})
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(arguments.seeds):
                simulate(arguments, seed, Path(folder), curves)
                arguments.keep.write_text(json.dumps(kept) + "\n")
    curves = kept[arguments.name]
    print(table(curves))
    if arguments.keep == CURVES and arguments.name == PICTURED:
        (ROOT / "docs" / f"next-{PICTURED}.svg").write_text(picture(curves) + "\n")


def simulate(arguments: argparse.Namespace, seed: int, folder: Path, curves: Curves) -> None:
    """Adds the curves of a seed to the orders that lack it."""
    recipe, data = str(arguments.data), {}
    if arguments.name == "sbhar":
        recipe, data = "sbhar", in_pieces(arguments.data, folder)
    for order in (WHOLE, *arguments.orders):
        if len(curves.get(order, [])) > seed:
            continue
        if order == WHOLE and WHOLE in curves and arguments.held is None:
            curves[WHOLE].append(curves[WHOLE][0])  # the same videos
            continue
        labelling = Labelling(recipe, data, seed=seed, held=arguments.held)
        rounds = labelling.whole() if order == WHOLE else labelling.rounds(order, arguments.first, arguments.most)
        curve = []
        for each in rounds:
            curve.append(asdict(each))
            print(f"seed {seed}, {order}: {each}", flush=True)
        curves.setdefault(order, []).append(curve)


def table(curves: Curves) -> str:
    """A row for each order: the mean height of its curve, and the part of all labels that comes near their mAP."""
    rows = [
        "| order | mAP, mean of the curve | against random | videos | minutes | actions |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    whole = [rounds[0] for rounds in curves[WHOLE]]
    orders = {order: seeds for order, seeds in curves.items() if order != WHOLE}
    ends = [min(rounds[-1]["minutes"] for rounds in of_seed) for of_seed in zip(*orders.values(), strict=True)]
    heights = {order: [*map(height, seeds, ends)] for order, seeds in orders.items()}
    for order, found in heights.items():
        gains = [ours - theirs for ours, theirs in zip(found, heights["random"], strict=True)]
        pairs = list(zip(orders[order], whole, strict=True))
        taken = [with_deviation([100 * reached(*pair, key) / pair[1][key] for pair in pairs]) for key in COUNTED]
        rows.append(f"| {order} | {with_deviation(found)} | {with_deviation(gains)} | {' | '.join(taken)} |")
    return "\n".join(
        [*rows, f"all labels: {with_deviation([each['map'] for each in whole])}; ± deviation over {len(whole)} seeds"]
    )


def height(rounds: Sequence[Mapping[str, float]], last: float) -> float:
    """The mean of a curve over labelled minutes, up to the last ones that all orders have."""
    first = rounds[0]["minutes"]
    return statistics.fmean(at(rounds, first + (last - first) * step / STEPS) for step in range(STEPS + 1))


def at(rounds: Sequence[Mapping[str, float]], minutes: float) -> float:
    """The height of a curve after so many minutes, on straight lines between rounds."""
    for before, after in pairwise(rounds):
        if minutes <= after["minutes"]:
            part = (minutes - before["minutes"]) / (after["minutes"] - before["minutes"])
            return before["map"] + part * (after["map"] - before["map"])
    return rounds[-1]["map"]


def reached(rounds: Sequence[Mapping[str, float]], whole: Mapping[str, float], key: str) -> float:
    """Where a curve first comes near the mAP of all labels; after the last round it goes straight to these."""
    goal, before = NEAR * whole["map"], rounds[0]
    for after in (*rounds, whole):
        if after["map"] >= goal:
            rise = after["map"] - before["map"]
            part = (goal - before["map"]) / rise if rise > 0 else 1.0
            return before[key] + max(part, 0.0) * (after[key] - before[key])
        before = after
    return whole[key]


def picture(curves: Curves) -> str:
    """The mean curves of all orders over the seeds, and the mAP of all labels."""
    series = []
    for order, seeds in curves.items():
        if order != WHOLE:
            rounds = list(zip(*seeds, strict=True))
            x, y = ([statistics.fmean(each[key] for each in one) for one in rounds] for key in ("minutes", "map"))
            series.append(Series("logotal next" if order == "next" else order, x, y))
    goal = statistics.fmean(rounds[0]["map"] for rounds in curves[WHOLE])
    span = [min(min(one.x) for one in series), max(max(one.x) for one in series)]
    series.append(Series(WHOLE, span, [goal, goal]))
    title = "mAP of a linear model on videos that are never labelled"
    return line_chart(series, title=title, x_label="labelled minutes", y_label="mAP", markers=True)


if __name__ == "__main__":
    main()
