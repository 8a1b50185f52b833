"""A Ray cluster makes the same features as one process; a task that loses its process twice is named."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.extraction.cluster import Cluster, find_cluster
from logotal.extraction.folder import extract_folder
from logotal.runs.extract import extract as extract_videos
from tests.extraction.test_folder import SETTINGS, DeadlySettings, TinySettings, videos
from tests.extraction.test_processes import NAMES, contents, extract, inputs
from tests.extraction.tiny import tiny_extractor

__all__ = ["inputs", "videos"]  # fixtures

ray = pytest.importorskip("ray", reason="has no release for each Python")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A Ray cluster of one machine with two processors, on loopback."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
        from tests.extraction.ray_nodes import ray_nodes  # noqa: PLC0415 - where Ray is installed

        with ray_nodes(2) as at:
            yield at


def test_a_cluster_that_is_killed_and_goes_on_makes_the_bytes_of_one_process(
    inputs: Path, tmp_path: Path, address: str
) -> None:
    assert extract(inputs, tmp_path / "one").wait() == 0

    on_ray = ("--engine", "ray", "--address", address, "--workers", "2")
    process = extract(inputs, tmp_path / "many", *on_ray)
    deadline = time.monotonic() + 120
    while not list((tmp_path / "many").glob("?.npy")):
        assert process.poll() is None, "extraction ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert extract(inputs, tmp_path / "many", *on_ray).wait() == 0

    many = {name: data for name, data in contents(tmp_path / "many").items() if not name.startswith(".")}
    assert many == contents(tmp_path / "one")
    assert len(many) == 1 + 2 * len(NAMES)


STANDINS = {
    "scontrol": 'test "$*" = "show hostnames a[1-2]" && printf "first\\nsecond\\n"',
    "srun": 'test "$1" = --cpus-per-task=8 && shift && exec "$@"',
    "ray": 'test "$1 $2 $3 $4 $5" = "symmetric-run --address first:6379 --min-nodes 2" && shift 6 && exec "$@"',
    "logotal": f'exec {sys.executable} -m logotal "$@"',
}
"""SLURM's commands, and Ray's, which would end all of Ray on this machine: the cluster is there already."""


def test_the_batch_script_makes_features_on_the_cluster_of_its_job(inputs: Path, tmp_path: Path, address: str) -> None:
    for name, line in STANDINS.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{line}\n")
        (tmp_path / name).chmod(0o755)
    job = {"SLURM_JOB_NODELIST": "a[1-2]", "SLURM_NNODES": "2", "SLURM_CPUS_ON_NODE": "8", "RAY_ADDRESS": address}
    script = ["bash", ROOT / "examples" / "slurm" / "ray.sbatch", inputs / "videos", "--backbone", "i3d-rgb"]
    options = ["--weights", inputs / "weights.pt", "--resize", "36", "--crop-size", "32", "--out", tmp_path / "out"]
    environment = os.environ | job | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run([*map(str, script), *map(str, options)], env=environment, check=True)
    assert {path.name for path in (tmp_path / "out").glob("*.npy")} == {f"{name}.npy" for name in NAMES}


@pytest.mark.parametrize("once", [True, False])
def test_a_task_whose_process_is_killed_is_tried_once_more_and_the_others_are_made(
    videos: list[Path], tmp_path: Path, address: str, once: bool
) -> None:
    notes = tmp_path / "notes"
    if once:
        notes.mkdir()
    told: list[float] = []
    outcomes = extract_folder(
        videos,
        tmp_path / "features",
        DeadlySettings("means", weights=notes),
        workers=2,
        cluster=find_cluster(address),
        progress=lambda done, total: told.append(done),
    )
    assert [outcome.steps for outcome in outcomes] == [2, 2 * once, 2]
    assert (outcomes[1].error is None) == once
    assert once or "ended from outside, mostly for want of memory, twice" in str(outcomes[1].error)
    assert told == [1, 2, 3]
    assert not [path for path in (tmp_path / "features").iterdir() if path.name.startswith(".")]


class OtherSettings(TinySettings):
    """The same backbone, of which processes of Ray see ten crops."""

    def extractor(self):  # type: ignore[no-untyped-def]
        return tiny_extractor(crops="ten" if "RAY_JOB_ID" in os.environ else "center")


def test_a_machine_that_would_make_other_features_is_refused(videos: list[Path], tmp_path: Path, address: str) -> None:
    with pytest.raises(InputError, match="a machine of the cluster would make other features: "):
        extract_folder(videos, tmp_path / "features", OtherSettings("means"), cluster=find_cluster(address))
    assert not list((tmp_path / "features").glob("*.npy"))


def test_a_video_that_cannot_be_read_does_not_stop_the_others(videos: list[Path], tmp_path: Path, address: str) -> None:
    videos[0].write_bytes(b"no video")
    cluster = find_cluster(address)
    outcomes = extract_folder(videos, tmp_path / "features", SETTINGS, workers=2, cluster=cluster)
    assert [outcome.error is None for outcome in outcomes] == [False, True, True]
    assert str(videos[0]) in str(outcomes[0].error)


def test_tasks_get_an_even_share_of_the_processors(address: str) -> None:
    cluster = find_cluster(address)
    assert cluster == Cluster((2,), gpus=0)
    assert (cluster.workers(), cluster.threads(1), cluster.threads(2)) == (1, 2, 1)


def test_what_a_cluster_cannot_do_is_said(tmp_path: Path, address: str) -> None:
    with pytest.raises(InputError, match="--device cuda: expected GPUs in the Ray cluster, found none"):
        find_cluster(address, "cuda")
    with pytest.raises(InputError, match="--device: expected cpu or cuda with --engine ray, found cpu cuda:1"):
        extract_videos(tmp_path, tmp_path, backbone="i3d-rgb", engine="ray", device=("cpu", "cuda:1"))
    with pytest.raises(InputError, match="--engine: expected local or ray, found 'dask'"):
        extract_videos(tmp_path, tmp_path, backbone="i3d-rgb", engine="dask")
    with pytest.raises(InputError, match="--address is that of a Ray cluster; add --engine ray"):
        extract_videos(tmp_path, tmp_path, backbone="i3d-rgb", address="127.0.0.1:6379")


def test_where_there_is_no_cluster_the_way_to_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(InputError) as raised:
        find_cluster("nowhere")
    said = str(raised.value)
    assert said.startswith("--address nowhere: expected a Ray cluster, found none (")
    assert "start one with `ray start --head`" in said
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"--engine ray needs Ray: pip install 'logotal\[ray\]'"):
        find_cluster()
