"""Whether a round of labelling should begin with the model of the round before, or anew.

python -m benchmarks.warm sbhar --folder F --data SBHAR    a fifth of the minutes is labelled, then two fifths
python -m benchmarks.warm rendered --folder F              a quarter of 36 videos is labelled, then a half

A model learns from the first labels with what `logotal init` proposes for them. With the labels of the next round one
begins anew and others with the weights of that model, with as many epochs or fewer; all are scored on videos that were
never labelled. What is there stays: the same command goes on. The rendered videos and their features are those of
`benchmarks.ways`.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import logotal.runs.train as training
from benchmarks.amounts import data_of
from benchmarks.few_labels import Settings, proposed
from benchmarks.measures import with_deviation
from logotal.config import Config
from logotal.model.ensemble import Network, build_network
from logotal.recipes import merge
from logotal.runs.evaluate import evaluate
from logotal.runs.folder import Run
from logotal.runs.load import load
from logotal.runs.train import train

KEPT = Path(__file__).with_name("warm.json")
SHARES = {"sbhar": (0.2, 0.4), "rendered": (0.25, 0.5)}
EPOCHS = {
    "anew": 1.0,
    "anew, half of the epochs": 0.5,
    "from the last model": 1.0,
    "from the last model, half of the epochs": 0.5,
    "from the last model, a quarter of the epochs": 0.25,
}
"""The part of the proposed epochs that each way to begin trains for."""
BEFORE = "the round before"


def main() -> None:
    """Measures what is missing and prints the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=list(SHARES))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="the folder of SBHAR's recipe")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    kept: dict[str, dict[str, dict[str, list[float]]]] = json.loads(KEPT.read_text()) if KEPT.is_file() else {}
    data = data_of(arguments.name, arguments.folder, arguments.data)
    for seed in arguments.seeds:
        found = kept.setdefault(arguments.name, {})
        if all(str(seed) in found.get(name, {}) for name in EPOCHS):
            continue
        for name, numbers in measured(arguments.name, data, arguments.folder, seed):
            found.setdefault(name, {})[str(seed)] = numbers
            KEPT.write_text(json.dumps(kept, indent=1) + "\n")
    for name, numbers in kept[arguments.name].items():
        print(f"| {name} | {' | '.join(map(with_deviation, zip(*numbers.values(), strict=True)))} |", flush=True)


def measured(name: str, data: Settings, folder: Path, seed: int) -> Iterator[tuple[str, list[float]]]:
    """MAP and F1 in percent, and the seconds of the training, of each way to begin."""
    first, second = (proposed(name, {**data, "share": (share, seed)}, seed) for share in SHARES[name])
    before, numbers = scored(first, folder / name / f"before{seed}")
    yield BEFORE, numbers
    weights = load(before.folder, device="cpu").detector.state_dict()
    for place, (way, part) in enumerate(EPOCHS.items()):
        epochs = max(round(part * second.training.epochs), 1)
        warmup = min(second.training.warmup_epochs, epochs // 4)
        changes = {"training": {"epochs": epochs, "warmup_epochs": warmup}}
        config = Config.model_validate(merge(second.model_dump(), changes))
        with begun_with(weights if way.startswith("from") else {}):
            yield way, scored(config, folder / name / f"way{place}_{seed}")[1]


def scored(config: Config, out: Path) -> tuple[Run, list[float]]:
    """A run, with its numbers."""
    began = time.monotonic()
    run = train(config, out, resume=out.is_dir())
    seconds = time.monotonic() - began
    result = evaluate(run.folder)
    return run, [100 * result.result.averages["0.3:0.7"], 100 * result.shown.micro.f1, seconds]


@contextmanager
def begun_with(weights: Mapping[str, Any]) -> Iterator[None]:
    """Trainings begin with these weights, where there are any of the same shape."""

    def begun(*arguments: Any, **options: Any) -> Network:
        network = build_network(*arguments, **options)
        own = network.state_dict()
        fitting = {name: value for name, value in weights.items() if name in own and own[name].shape == value.shape}
        network.load_state_dict(own | fitting)
        if weights:
            print(f"{len(fitting)} of {len(own)} tensors are those of the round before", flush=True)
        return network

    with patch.object(training, "build_network", begun):
        yield


if __name__ == "__main__":
    main()
