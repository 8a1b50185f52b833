"""The same work by one process, by several, and by several machines: what differs, how long it takes, and after a kill.

    python -m benchmarks.processes

Machines are stood in for by processes of this one on loopback: agents of torchrun, nodes of Ray. Each process of
several has one thread, as one of two cores. The ratio of times is the median over the rounds, of which each does all.
A killed one is ended by SIGKILL, with all that it started, as soon as its first result is there; then the same command
runs again, and what it leaves is compared with what was made without a kill.
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

from logotal.backbones.i3d import I3D
from logotal.demo.rendered import write_rendered
from logotal.demo.synthetic import write_synthetic
from logotal.places import METRICS, WEIGHTS
from tests.extraction.ray_nodes import ray_nodes
from tests.ports import free_port

ONE_THREAD = {"OMP_NUM_THREADS": "1"}
EXTRACT = ("--backbone", "i3d-rgb", "--resize", "128", "--crop-size", "112", "--clips", "dense", "--precision", "fp32")
TRAIN = (
    "--training.epochs",
    "4",
    "--training.input_noise",
    "0",
    "--model.drop_path",
    "0",
    "--training.accelerator",
    "cpu",
)
LOGOTAL = (sys.executable, "-m", "logotal")


@dataclass(frozen=True)
class Way:
    """Commands that run at the same time, each with OUT for the folder of their results."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    environment: Mapping[str, str]

    def start(self, out: Path) -> list[subprocess.Popen[bytes]]:
        """All its processes; each leads a group."""
        return [
            subprocess.Popen(
                [str(out) if word == "OUT" else word for word in command],
                env=os.environ | self.environment,
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for command in self.commands
        ]

    def run(self, out: Path) -> float:
        """Seconds until all have ended.

        Raises:
            SystemExit: one failed.
        """
        began = time.monotonic()
        if any(process.wait() for process in self.start(out)):
            raise SystemExit(f"{self.name} failed")
        return time.monotonic() - began

    def run_killed(self, out: Path, sign: str) -> None:
        """Runs it, kills it when there is a first file like `sign`, and runs it again."""
        processes = self.start(out)
        while not list(out.glob(sign)):
            time.sleep(0.01)
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.run(out)


def ways_to_extract(folder: Path, ray: str) -> list[Way]:
    """The first is what the others are compared with."""
    command = (
        *LOGOTAL,
        "extract",
        str(folder / "videos"),
        *EXTRACT,
        "--weights",
        str(folder / "i3d.pt"),
        "--out",
        "OUT",
    )
    on_ray = ("--engine", "ray", "--address", ray, "--workers", "2")
    return [
        Way("extract: 1 process", (command,), {}),
        Way("extract: 2 processes (`--workers 2`)", ((*command, "--workers", "2"),), {}),
        Way("extract: Ray, 2 machines (`--engine ray`)", ((*command, *on_ray),), {}),
        Way("extract: 2 parts at once (`--shard`)", tuple((*command, "--shard", f"{k}/2") for k in (1, 2)), ONE_THREAD),
    ]


def ways_to_train(data: Path) -> list[Way]:
    """The first is what the others are compared with."""
    settings = ("--data.features", str(data), "--data.annotations", str(data / "annotations.json"), *TRAIN)
    command = ("train", "synthetic", "--out", "OUT", "--resume", *settings)
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--no-python")
    there = (
        "--nnodes",
        "2",
        "--nproc-per-node",
        "1",
        "--rdzv-backend",
        "c10d",
        "--rdzv-endpoint",
        f"127.0.0.1:{free_port()}",
    )
    return [
        Way("train: 1 process", ((*LOGOTAL, *command),), {}),
        Way("train: 2 processes (torchrun)", ((*torchrun, "--nproc-per-node", "2", *LOGOTAL, *command),), ONE_THREAD),
        Way("train: 2 machines (torchrun)", ((*torchrun, *there, *LOGOTAL, *command),) * 2, ONE_THREAD),
    ]


def results(out: Path) -> dict[str, np.ndarray]:
    """The features, or the weights, that were made in a folder."""
    if (out / WEIGHTS).is_file():
        return dict(load_file(out / WEIGHTS))
    return {path.name: np.load(path) for path in sorted(out.glob("*.npy"))}


def difference(found: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> str:
    """How two results differ: the norm of the difference of all values, as a part of their norm."""
    assert found.keys() == expected.keys(), f"expected {sorted(expected)}, found {sorted(found)}"
    if all(np.array_equal(found[name], value) for name, value in expected.items()):
        return "the same bytes"
    squares = [(np.square(found[n] - v, dtype=np.float64).sum(), np.square(v).sum()) for n, v in expected.items()]
    apart, whole = np.sqrt(np.sum(squares, axis=0))
    return f"{apart / whole:.1e}"


def measured(ways: list[Way], folder: Path, rounds: int, sign: str) -> list[str]:
    """A row for each way."""
    times: dict[str, list[float]] = {}
    for number in range(rounds):
        for way in ways:
            out = folder / "out" / f"{ways.index(way)}"
            shutil.rmtree(out, ignore_errors=True)
            times.setdefault(way.name, []).append(way.run(out))
            print(f"round {number}, {way.name}: {times[way.name][-1]:.1f} s", flush=True)
    rows, first = [], results(folder / "out" / "0")
    for number, way in enumerate(ways):
        whole, killed = folder / "out" / str(number), folder / "out" / f"{number} killed"
        way.run_killed(killed, sign)
        ratio = statistics.median(a / b for a, b in zip(times[way.name], times[ways[0].name], strict=True))
        after = difference(results(killed), results(whole))
        rows.append(f"| {way.name} | {difference(results(whole), first) if number else ''} | {ratio:.2f} | {after} |")
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Makes the material, measures all ways, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--videos", type=int, default=8)
    arguments = parser.parse_args()
    os.environ |= {"CUDA_VISIBLE_DEVICES": "", "RAY_AUTH_MODE": "disabled"}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_rendered(folder, training=arguments.videos, validation=0)
        torch.manual_seed(0)
        torch.save(I3D(input_channels=3).state_dict(), folder / "i3d.pt")
        with ray_nodes(1, 1) as ray:
            rows = measured(ways_to_extract(folder, ray), folder / "features", arguments.rounds, "*.npy")
        data = write_synthetic(folder / "synthetic")
        rows += measured(ways_to_train(data), folder / "runs", arguments.rounds, METRICS)
    print("| | differs from 1 process by | time | killed and run again, differs by |\n|---|---|---:|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
