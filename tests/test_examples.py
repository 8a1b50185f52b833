"""The examples for schedulers: their scripts run with stand-ins that note commands, which are then carried out here."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import logotal
from logotal.cli import app

torch = pytest.importorskip("torch")

from torch.distributed.run import get_args_parser  # noqa: E402

from logotal.extraction.folder import Settings  # noqa: E402
from logotal.video.writer import write_video  # noqa: E402
from tests.extraction.tiny import tiny_extractor  # noqa: E402

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts of bash")

EXAMPLES = Path(__file__).parents[1] / "examples"
NOTES = """#!{python}
import json, os, sys
with open({notes!r}, "a") as notes:
    notes.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
"""
SKYPILOT = {"name", "num_nodes", "workdir", "resources", "envs", "file_mounts", "setup", "run"}
"""Keys of a task of SkyPilot; of some 20, as `sky/utils/schemas.py` of release 0.14 has them."""

Noted = list[tuple[list[str], dict[str, str]]]


@pytest.fixture
def videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nine short videos, and a network that is small."""
    monkeypatch.setattr(Settings, "extractor", lambda settings: tiny_extractor())
    for number in range(9):
        frames = torch.full((20, 32, 32, 3), 20 * number, dtype=torch.uint8).numpy()
        write_video(tmp_path / "videos" / f"video {number}.mp4", frames, fps=25)
    return tmp_path / "videos"


def noted(folder: Path, script: list[str], surroundings: list[dict[str, str]], *commands: str) -> Noted:
    """The commands that a script gives, once in each surroundings, with the variables that they see."""
    for command in commands:
        (folder / command).write_text(NOTES.format(python=sys.executable, notes=str(folder / "notes")))
        (folder / command).chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    for variables in surroundings:
        subprocess.run(script, env=os.environ | variables | {"PATH": path, "HOME": str(folder)}, check=True, timeout=60)
    return [(each[0], each[1]) for each in map(json.loads, (folder / "notes").read_text().splitlines())]


def example(name: str) -> dict[str, Any]:
    """What a file of YAML says."""
    return dict(yaml.safe_load((EXAMPLES / name).read_text()))


def by_skypilot(tmp_path: Path, videos: Path, out: Path) -> Noted:
    task = example("skypilot/extract.yaml")
    assert {task["envs"]["VIDEOS"], task["envs"]["FEATURES"]} == set(task["file_mounts"])
    given = task["envs"] | {"VIDEOS": str(videos), "FEATURES": str(out), "SKYPILOT_NUM_NODES": str(task["num_nodes"])}
    given |= dict.fromkeys(("VIDEO_BUCKET", "FEATURE_BUCKET"), "s3://bucket")
    nodes = [given | {"SKYPILOT_NODE_RANK": str(rank)} for rank in range(task["num_nodes"])]
    return noted(tmp_path, ["bash", "-c", task["run"]], nodes, "logotal")


def by_kubernetes(tmp_path: Path, videos: Path, out: Path) -> Noted:
    job = example("kubernetes/extract.yaml")["spec"]
    assert job["completionMode"] == "Indexed"
    assert job["completions"] == job["parallelism"]
    pod = job["template"]["spec"]
    (container,) = pod["containers"]
    places = {"/videos": str(videos), "/features": str(out)}
    assert places.keys() < {volume["mountPath"] for volume in container["volumeMounts"]}
    assert {volume["name"] for volume in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    images = [each["image"] for each in (*pod["initContainers"], container)]
    assert images == 2 * [f"ghcr.io/logotal/logotal:{logotal.__version__}-cuda"]
    arguments = [places.get(argument, argument) for argument in container["args"]]
    return [(arguments, {"JOB_COMPLETION_INDEX": str(index)}) for index in range(job["completions"])]


def by_slurm(tmp_path: Path, videos: Path, out: Path) -> Noted:
    script = EXAMPLES / "slurm" / "extract.sbatch"
    array = re.search(r"^#SBATCH --array=1-(\d+)$", script.read_text(), flags=re.MULTILINE)
    assert array
    about = {"MIN": "1", "MAX": array[1], "COUNT": array[1], "STEP": "1"}
    tasks = [
        {f"SLURM_ARRAY_TASK_{name}": value for name, value in (about | {"ID": str(task)}).items()}
        for task in range(1, int(array[1]) + 1)
    ]
    given = ["bash", str(script), str(videos), "--out", str(out), "--backbone", "i3d-rgb", "--precision", "bf16"]
    return noted(tmp_path, given, tasks, "logotal")


@pytest.mark.parametrize("scheduled", [by_skypilot, by_kubernetes, by_slurm])
def test_the_parts_of_a_scheduler_make_the_features_of_one_machine(
    scheduled: Any, videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logotal.extract(videos, tmp_path / "whole", backbone="i3d-rgb", precision="bf16")
    parts = scheduled(tmp_path, videos, tmp_path / "parts")
    assert len(parts) > 1
    for arguments, variables in parts:
        with monkeypatch.context() as surroundings:
            for name, value in variables.items():
                surroundings.setenv(name, value)
            command, bound, _ = app.parse_args(arguments, exit_on_error=False, print_error=False)
            command(*bound.args, **bound.kwargs)
    whole, made = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir() if path.suffix != ".jsonl"}
        for name in ("whole", "parts")
    )
    assert len(whole) == 2 * 9 + 1
    assert made == whole
    assert len(list((tmp_path / "parts").glob("extract.*-of-*.jsonl"))) > 1


def test_skypilot_knows_every_key_and_asks_for_the_buckets() -> None:
    for name in ("skypilot/extract.yaml", "skypilot/train.yaml"):
        task = example(name)
        assert task.keys() == SKYPILOT
        sources = {mount["source"] for mount in task["file_mounts"].values()}
        asked = {f"${{{variable}}}" for variable, value in task["envs"].items() if value is None}
        assert sources <= asked  # SkyPilot refuses to launch where such a variable is not given


def test_a_task_of_slurm_goes_back_into_the_queue_before_its_time_is_over(tmp_path: Path) -> None:
    (tmp_path / "logotal").write_text("#!/bin/sh\nkill -USR1 $PPID\nexec sleep 1\n")
    (tmp_path / "logotal").chmod(0o755)
    script = ["bash", str(EXAMPLES / "slurm" / "extract.sbatch"), "videos"]
    ((arguments, _),) = noted(tmp_path, script, [{"SLURM_JOB_ID": "1234"}], "scontrol")
    assert arguments == ["requeue", "1234"]
    assert f"--signal=B:{signal.SIGUSR1.name.removeprefix('SIG')}@" in (EXAMPLES / "slurm/extract.sbatch").read_text()


def test_a_training_of_skypilot_is_one_of_torchrun_on_as_many_machines_as_there_are(tmp_path: Path) -> None:
    task = example("skypilot/train.yaml")
    given = task["envs"] | {"RECIPE": "thumos14", "DATA_BUCKET": "s3://data", "RUN_BUCKET": "s3://runs"}
    given |= {"SKYPILOT_NUM_NODES": "2", "SKYPILOT_NODE_IPS": "10.0.0.7\n10.0.0.8", "SKYPILOT_NUM_GPUS_PER_NODE": "4"}
    nodes = [given | {"SKYPILOT_NODE_RANK": str(rank)} for rank in (0, 1)]
    for rank, (arguments, _) in enumerate(noted(tmp_path, ["bash", "-c", task["run"]], nodes, "torchrun")):
        told = get_args_parser().parse_args(arguments)
        assert (told.nnodes, told.node_rank, told.nproc_per_node) == ("2", rank, "4")
        assert (told.master_addr, told.module, told.training_script) == ("10.0.0.7", True, "logotal")
        _, bound, _ = app.parse_args(told.training_script_args, exit_on_error=False, print_error=False)
        assert bound.arguments["recipe"] == "thumos14"
        assert bound.arguments["resume"] is True
        assert bound.arguments["out"].is_relative_to("/runs")
