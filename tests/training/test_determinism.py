"""The same seed gives the same bits: on a CPU with so many threads, whatever the process, hash seed and workers.

`test_resume.py` has the same for a run that was killed, `test_engine.py` for two runs in one process.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import logotal
from logotal.commands.detect import detect
from logotal.commands.evaluate import evaluate
from logotal.recipes import dump_config
from logotal.runs.train import train
from tests.training.small import small_config, small_data

MEASURED = {"seconds"}
"""What of a run is measured, and so differs."""

PROCESS = """
import sys, torch
from pathlib import Path
torch.set_num_threads(int(sys.argv[4]))
from logotal.commands.detect import detect
from logotal.commands.evaluate import evaluate
from logotal.recipes import read_recipe
from logotal.runs.train import train

recipe, folder, features = map(Path, sys.argv[1:4])
train(read_recipe(recipe), folder)
evaluate(folder)
for suffix in ("json", "csv", "html"):
    detect(features, model=folder, fps=30, everything=True, save=folder / f"found.{suffix}")
"""


def process(recipe: Path, folder: Path, features: Path, *, threads: int, hash_seed: int) -> None:
    """Trains, evaluates and detects in a process of its own."""
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed), "OMP_NUM_THREADS": str(threads)}
    given = map(str, (recipe, folder, features, threads))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROCESS, *given],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def unmeasured(folder: Path) -> dict[str, object]:
    """All files of a run, without the numbers in them that are measured."""
    found: dict[str, object] = {}
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        if path.suffix == ".ckpt":
            continue  # they hold the path of the run
        if path.name == "provenance.json":
            found[path.name] = {k: v for k, v in json.loads(path.read_text()).items() if k not in MEASURED}
        elif path.name == "metrics.csv":
            rows = [line.split(",") for line in path.read_text().splitlines()]
            clock = rows[0].index("seconds")
            found[path.name] = [row[:clock] + row[clock + 1 :] for row in rows]
        elif path.name == "MODEL_CARD.md":
            found[path.name] = [line for line in path.read_text().splitlines() if not line.startswith("- Time: ")]
        else:
            found[path.name] = path.read_bytes()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("class_agnostic", [False, True])
def test_two_processes_with_other_hash_seeds_and_threads_leave_the_same_bytes(
    tmp_path: Path, class_agnostic: bool
) -> None:
    data = small_data(tmp_path / "data", training=12)
    config = small_config(
        data,
        model={"class_agnostic": class_agnostic},
        data={"hold_out": 0.25},
        inference={"nms_per_class": not class_agnostic},
        training={"epochs": 2, "input_noise": 0.01},
    )
    (tmp_path / "recipe.yaml").write_text(dump_config(config))
    for name, number in (("a", 1), ("b", 2)):
        process(tmp_path / "recipe.yaml", tmp_path / name, data / "features", threads=number, hash_seed=number)
    first, second = (unmeasured(tmp_path / name) for name in ("a", "b"))
    assert first.keys() == second.keys()
    assert {"model.safetensors", "evaluation.json", "found.html", "MODEL_CARD.md"} <= first.keys()
    assert ("classifier.safetensors" in first) == class_agnostic
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.slow
def test_workers_in_another_process_change_no_bit(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    weights = []
    for workers, hash_seed in ((0, 1), (2, 2)):
        recipe, folder = tmp_path / f"{workers}.yaml", tmp_path / f"run{workers}"
        config = small_config(data, training={"epochs": 2, "workers": workers, "input_noise": 0.01})
        recipe.write_text(dump_config(config))
        process(recipe, folder, data / "features" / "validation_006.npy", threads=1, hash_seed=hash_seed)
        weights.append([(folder / name).read_bytes() for name in ("model.safetensors", "found.json")])
    assert weights[0] == weights[1]


def test_detecting_and_evaluating_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    run = train(small_config(data, training={"epochs": 1}), tmp_path / "run").folder
    found = []
    for name in ("a", "b"):
        evaluate(run)
        for suffix in ("json", "csv", "html"):
            detect(data / "features", model=run, fps=30, everything=True, save=tmp_path / f"{name}.{suffix}")
        kept = [run / "detections.json", run / "evaluation.json", *sorted(tmp_path.glob(f"{name}.*"))]
        found.append([path.read_bytes() for path in kept])
    assert len(found[0]) == 5
    assert found[0] == found[1]


def test_a_video_gives_the_same_bits_alone_whatever_was_detected_before(tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    run = train(small_config(data, training={"epochs": 1}), tmp_path / "run").folder
    first, other = (data / "features" / f"validation_00{number}.npy" for number in (6, 7))
    fresh = logotal.load(run, device="cpu").detect(first, fps=30, everything=True)
    used = logotal.load(run, device="cpu")
    used.detect(other, fps=30, everything=True)
    assert used.detect(first, fps=30, everything=True) == fresh
