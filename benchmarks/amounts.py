"""What a model that `logotal init` proposes is worth after so many labelled actions, beside a linear one.

python -m benchmarks.amounts sbhar --folder F --data SBHAR    transitions of people, scored on the 9 validation people
python -m benchmarks.amounts rendered --folder F              rendered videos, scored on 12 others
python -m benchmarks.amounts                                  the table and the picture of what is there

Each seed draws other videos and other weights; a larger share of a seed holds the smaller ones. What is there stays:
the same command goes on. The rendered videos and their features are those of `benchmarks.ways`.
"""

import argparse
import json
import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import ROOT
from benchmarks.contestants import DENSE_DEEP
from benchmarks.few_labels import Settings, proposed, scored
from benchmarks.measures import with_deviation
from benchmarks.next_sbhar import in_pieces
from benchmarks.ways import WAYS, features_of
from logotal.data.splits import shared
from logotal.formats.annotations import read_annotations
from logotal.recipes import read_recipe
from logotal.report.charts.lines import Series, line_chart

KEPT = Path(__file__).with_name("amounts.json")
SHARES = {"sbhar": (0.05, 0.1, 0.2, 0.4, 1.0), "rendered": (1 / 9, 2 / 9, 4 / 9, 1.0)}
PROPOSED, LINEAR = "as proposed", "linear"

Numbers = dict[str, dict[str, dict[str, list[float]]]]
"""By set, by model and share, and by seed: labelled actions, mAP and F1 in percent."""


def main() -> None:
    """Measures what is missing, prints the table and draws the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", choices=list(SHARES))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--data", type=Path, help="the folder of SBHAR's recipe")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    kept: Numbers = json.loads(KEPT.read_text()) if KEPT.is_file() else {}
    if arguments.name is not None:
        arguments.folder.mkdir(parents=True, exist_ok=True)
        data = data_of(arguments.name, arguments.folder, arguments.data)
        for seed in arguments.seeds:
            for row, share, model in rows(arguments.name):
                found = kept.setdefault(arguments.name, {}).setdefault(row, {})
                if str(seed) not in found:
                    found[str(seed)] = measured(arguments.name, data, arguments.folder, share, seed=seed, model=model)
                    KEPT.write_text(json.dumps(kept, indent=1) + "\n")
                    print(row, seed, found[str(seed)], flush=True)
    for name, numbers in kept.items():
        print(f"{name}\n| | labelled actions | mAP | F1 |\n|---|---:|---:|---:|")
        for row, found in numbers.items():
            print(f"| {row} | {' | '.join(map(with_deviation, zip(*found.values(), strict=True)))} |")
    (ROOT / "docs" / "few-labels.svg").write_text(picture(kept) + "\n")


def data_of(name: str, folder: Path, data: Path) -> Settings:
    """The settings that name the videos and features of a set."""
    if name == "sbhar":
        return in_pieces(data, folder)
    way = f"{DENSE_DEEP} fp32"
    return features_of(WAYS[way], folder, way) | {"clip_stride": WAYS[way].network().clip_stride}


def rows(name: str) -> Iterator[tuple[str, float, str]]:
    """Name, share of the labels and model of each row."""
    for share in SHARES[name]:
        for model in (PROPOSED, LINEAR):
            yield f"{model}, {share:.0%} of the labels", share, model


def measured(name: str, data: Settings, folder: Path, share: float, *, seed: int, model: str) -> list[float]:
    """Labelled actions, mAP and F1 of a training on a share of the labels."""
    mine = {**data, "share": (share, seed)}
    if model == PROPOSED:
        config = proposed(name, mine, seed)
    else:
        changes = {"data": mine, "model": {"input_channels": None}, "training": {"seed": seed}}
        config = read_recipe(name, changes, preset="linear")
    learned = shared(read_annotations(Path(str(config.data.annotations))), config.data)
    actions = sum(len(video.actions) for video in learned.split(config.data.training_split))
    out = folder / "amounts" / f"{name}-{model.replace(' ', '_')}-{share:.3f}-{seed}"
    return [actions, *scored(config, out)]


def picture(kept: Numbers) -> str:
    """F1 against labelled actions, the mean of the seeds."""
    series = []
    for name, numbers in kept.items():
        for model in (PROPOSED, LINEAR):
            found = [list(zip(*row.values(), strict=True)) for key, row in numbers.items() if key.startswith(model)]
            x, y = ([statistics.fmean(row[place]) for row in found] for place in (0, 2))
            series.append(Series(f"{name}, {model}", x, y))
    title = "F1 of what is shown in videos that were never labelled"
    return line_chart(series, title=title, x_label="labelled actions", y_label="F1", markers=True)


if __name__ == "__main__":
    main()
