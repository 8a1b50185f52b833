"""The price in mAP of each way to make features, on rendered videos: what the picture of real time against mAP shows.

python -m benchmarks.ways                 all ways and seeds, some two hours on two cores; what is there stays
python -m benchmarks.ways --only I3D      the ways whose names begin so

The videos are those of seed 1: the settings of the recipe were chosen on those of seed 0. Only the features differ,
whose channels are all brought to one scale, as `logotal init` proposes.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.contestants import CLIPS, DENSE, DENSE_DEEP, DENSE_SMALL, LIGHT
from benchmarks.measures import with_deviation
from benchmarks.pictures import MAPS_OF_WAYS, maps_of_ways
from logotal.backbones.backbone import Backbone, find_backbone
from logotal.data.features import FeatureFolder
from logotal.demo.rendered import write_rendered
from logotal.extraction.folder import Settings, extract_folder
from logotal.places import ANNOTATIONS, FEATURES
from logotal.recipes import read_recipe
from logotal.runs.evaluate import evaluate
from logotal.runs.train import train
from logotal.video.files import find_videos

SEED_OF_VIDEOS = 1
AVERAGE = "0.3:0.7"


@dataclass(frozen=True)
class Way:
    """A backbone, what it is shown, and the arithmetic."""

    backbone: str
    pixels: int
    precision: str = "fp32"
    changes: Mapping[str, Any] = field(default_factory=dict)

    def network(self) -> Backbone:
        """The backbone as it is used here: a feature every four frames."""
        return replace(find_backbone(self.backbone).seeing(self.pixels), clip_stride=4, **self.changes)

    def settings(self) -> Settings:
        """What extraction is told."""
        network = self.network()
        seen = {name: getattr(network, name) for name in ("resize", "crop_size", "clip_stride")}
        return Settings(self.backbone, precision=self.precision, changes={**seen, **self.changes})


_ALONG = {"clips": "dense"}
WAYS: dict[str, Way] = {
    **{f"{LIGHT}, {pixels} px": Way("mobilenetv2", pixels) for pixels in (160, 224, 112)},
    f"{LIGHT}, 160 px, differences": Way("mobilenetv2", 160, changes={"differences": "both"}),
    **{f"{DENSE_SMALL} {exact}": Way("i3d-rgb", 112, exact, _ALONG) for exact in ("fp32", "bf16")},
    f"{DENSE_DEEP} fp32": Way("i3d-rgb", 112, changes={**_ALONG, "depths": "several"}),
    f"{DENSE_DEEP}, pose fp32": Way("i3d-rgb", 112, changes={**_ALONG, "depths": "several", "pose": True}),
    f"{CLIPS}, 112 px fp32": Way("i3d-rgb", 112),
    f"{DENSE}, several depths bf16": Way("i3d-rgb", 224, "bf16", {**_ALONG, "depths": "several"}),
    **{f"{DENSE} {exact}": Way("i3d-rgb", 224, exact, _ALONG) for exact in ("fp32", "bf16")},
    **{f"{CLIPS} {exact}": Way("i3d-rgb", 224, exact) for exact in ("bf16", "fp32")},
}
"""By the names that the works of `timeline` have; what takes longest comes last."""


def main() -> None:
    """Measures what is missing and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="the ways whose names begin so")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the trainings")
    parser.add_argument("--folder", type=Path, required=True, help="for videos, features and runs")
    arguments = parser.parse_args()
    for name, way in WAYS.items():
        if not name.startswith(arguments.only):
            continue
        for seed in arguments.seeds:
            if str(seed) not in maps_of_ways().get(name, {}):
                keep(name, seed, score(way, arguments.folder, name, seed))
        maps = list(maps_of_ways()[name].values())
        print(f"{name}: {with_deviation(maps)} ({len(maps)} seeds)", flush=True)


def keep(name: str, seed: int, found: float) -> None:
    """Writes a number down, beside those that others have written meanwhile."""
    ways = maps_of_ways()
    ways.setdefault(name, {})[str(seed)] = found
    source = f"python -m benchmarks.ways: rendered videos of seed {SEED_OF_VIDEOS}, average mAP at {AVERAGE}, by seed"
    MAPS_OF_WAYS.write_text(json.dumps({"source": source, "ways": ways}, indent=1) + "\n")


def score(way: Way, folder: Path, name: str, seed: int) -> float:
    """The average mAP of one training on the features of one way."""
    model = {"input_channels": None, "standardize": True}  # as many as the features have
    training = {"seed": seed, "input_noise": 0.3}
    overrides = {"data": features_of(way, folder, name), "model": model, "training": training}
    out = folder / in_path(name) / f"seed{seed}"
    run = train(read_recipe("rendered", overrides), out, resume=out.is_dir())
    return 100 * evaluate(run.folder).result.averages[AVERAGE]


def features_of(way: Way, folder: Path, name: str, views: int = 0) -> dict[str, Any]:
    """Settings of the data that name rendered videos and their features, which are made where they are missing."""
    if not (folder / ANNOTATIONS).is_file():
        write_rendered(folder, seed=SEED_OF_VIDEOS)
    features = folder / in_path(name) / FEATURES
    for view in range(1 + views):
        settings, place = replace(way.settings(), view=view), FeatureFolder(features).view(view).folder
        for outcome in extract_folder(find_videos([folder / "videos"]), place, settings):
            if outcome.error:
                raise SystemExit(outcome.error)
    return {"annotations": folder / ANNOTATIONS, "features": features, "clip_frames": way.network().clip_frames}


def in_path(name: str) -> str:
    """The name of a way without spaces."""
    return name.replace(" ", "_")


if __name__ == "__main__":
    main()
