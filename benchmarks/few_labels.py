"""What each choice is worth where few actions are labelled: each taken back alone from what `logotal init` proposes.

python -m benchmarks.few_labels rendered --folder F     48 rendered videos, five folds by video, 171 actions
python -m benchmarks.few_labels sbhar --folder F --data SBHAR
                                                        some 50 labelled transitions, scored on the 9 validation people

What is there stays: the same command goes on. The rendered videos and their features are those of `benchmarks.ways`.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.contestants import DENSE_DEEP, DENSE_SMALL, LIGHT
from benchmarks.measures import with_deviation
from benchmarks.next_sbhar import in_pieces
from benchmarks.ways import WAYS, features_of, in_path
from logotal.config import Config
from logotal.data.splits import shared
from logotal.demo.rendered.scene import FPS
from logotal.formats.annotations import read_annotations
from logotal.project.views import MOST
from logotal.recipes import merge, read_recipe
from logotal.runs.evaluate import evaluate
from logotal.runs.pooled import decisive
from logotal.runs.train import train
from logotal.runs.trial import ALL_LABELS, Trial
from logotal.suggest.suggestion import suggest

KEPT = Path(__file__).with_name("few_labels.json")
DEEP, LAST, IMAGES = f"{DENSE_DEEP} fp32", f"{DENSE_SMALL} fp32", f"{LIGHT}, 160 px"
POSED = f"{DENSE_DEEP}, pose fp32"
PROPOSED, PRESENT = "as proposed", "the recipe sbhar, made for 849 actions"
SHARE = 0.2
"""Of the minutes of SBHAR's training people: some 50 of the 252 transitions."""

Settings = Mapping[str, Any]
Measured = Callable[[int], list[float]]
"""What gives mAP and F1 of a seed, in percent."""

ALONE: Settings = {"model": {"members": 1}}
"""One network where `init` proposes three, in a third of the time."""
LEVERS: dict[str, Settings] = {
    PROPOSED: {},
    "three networks": {"model": {"members": 3}},
    "channels as they are, noise 0.1": {"model": {"standardize": False}, "training": {"input_noise": 0.1}},
    "no noise": {"training": {"input_noise": 0.0}},
    "no drop path": {"model": {"drop_path": 0.0}},
    "the projection sees three steps": {"model": {"embedding_kernel": 3}},
    "mixer dilated": {"model": {"mixer": "dilated"}},
    "mixer attention": {"model": {"mixer": "attention"}},
}


VIEWED: dict[str, Settings] = {f"{views} views of each video": {"data": {"views": views}} for views in (1, 3)}


def main() -> None:
    """Measures what is missing and prints the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=["rendered", "sbhar"])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="the folder of SBHAR's recipe")
    parser.add_argument("--only", default="", help="the rows whose names begin so")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    kept: dict[str, dict[str, dict[str, list[float]]]] = json.loads(KEPT.read_text()) if KEPT.is_file() else {}
    rows = rendered(arguments.folder) if arguments.name == "rendered" else sbhar(arguments.folder, arguments.data)
    for name, measured in rows.items():
        if not name.startswith(arguments.only):
            continue
        found = kept.setdefault(arguments.name, {}).setdefault(name, {})
        for seed in arguments.seeds:
            if str(seed) not in found:
                found[str(seed)] = measured(seed)
                KEPT.write_text(json.dumps(kept, indent=1) + "\n")
        means = map(with_deviation, zip(*found.values(), strict=True))
        print(f"| {name} | {' | '.join(means)} |", flush=True)


def rendered(folder: Path) -> dict[str, Measured]:
    """The rows of the rendered videos: what the folds detect, pooled."""
    rows: dict[str, Measured] = {}
    for way in (DEEP, POSED, LAST, IMAGES):
        data = features_of(WAYS[way], folder, way, views=MOST if way == DEEP else 0)
        videos = list(read_annotations(data["annotations"]).videos.values())
        clips = {"clip_frames": data["clip_frames"], "clip_stride": WAYS[way].network().clip_stride}
        settings = merge(suggest(videos, fps=float(FPS), **clips).settings, {"data": data | clips | ALL_LABELS} | ALONE)
        if len(parts := WAYS[way].network().streams_channels) > 1:
            settings = merge(settings, {"model": {"streams": parts}})
        for name, changes in (LEVERS | VIEWED).items() if way == DEEP else [(PROPOSED, {})]:
            rows[f"{way}: {name}"] = _folds(folder, f"{way}, {name}", merge(settings, changes))
        rows[f"{way}: linear"] = _folds(folder, f"{way}, linear", {"data": settings["data"]}, preset="linear")
    return rows


def _folds(folder: Path, name: str, settings: Settings, preset: str | None = None) -> Measured:
    def measured(seed: int) -> list[float]:
        mine = merge(settings, {"training": {"seed": seed}})
        config = read_recipe("rendered", mine, preset=preset) if preset else Config.model_validate(mine)
        trial = Trial.of(config, folder / "folds" / in_path(name) / str(seed), 5)
        row = decisive(trial.pooled(lambda part: None, print).rows)
        return [100 * row.mean_average_precision.value, 100 * row.f1.value]

    return measured


def sbhar(folder: Path, data: Path) -> dict[str, Measured]:
    """The rows of SBHAR: mAP and F1 as shown in recordings of people from whom nothing was learned or chosen."""
    pieces = in_pieces(data, folder)
    rows = {PRESENT: _drawn(folder, "recipe", pieces, {})}
    for name, changes in LEVERS.items():
        rows[name] = _drawn(folder, name, pieces, changes)
    return rows | {"linear": _drawn(folder, "linear", pieces, {}, preset="linear")}


def _drawn(folder: Path, name: str, pieces: Settings, changes: Settings, preset: str | None = None) -> Measured:
    def measured(seed: int) -> list[float]:
        mine: Settings = {"data": {**pieces, "share": (SHARE, seed)}, "training": {"seed": seed}}
        config = read_recipe("sbhar", mine, preset=preset)
        if name not in ("recipe", "linear"):
            config = Config.model_validate(merge(proposed("sbhar", mine["data"], seed).model_dump(), changes))
        return scored(config, folder / in_path(name) / str(seed))

    return measured


def scored(config: Config, out: Path) -> list[float]:
    """MAP and F1 as shown of a training, in percent."""
    found = evaluate(train(config, out, resume=out.is_dir()).folder)
    return [100 * found.result.averages["0.3:0.7"], 100 * found.shown.micro.f1]


def proposed(recipe: str, data: Settings, seed: int) -> Config:
    """What `init` proposes for the labels that `data` gives, on the grid of a recipe."""
    found = read_recipe(recipe, {"data": data}).data
    part = shared(read_annotations(Path(str(found.annotations))), found)
    clips = {"clip_frames": int(found.clip_frames), "clip_stride": found.clip_stride}
    videos = part.split(found.training_split)
    settings = merge(suggest(videos, fps=float(found.fps or videos[0].fps or 0), **clips).settings, ALONE)
    return Config.model_validate(merge({"data": found.model_dump(), "training": {"seed": seed}}, settings))


if __name__ == "__main__":
    main()
