"""Extraction in several processes gives the same as one; killed and resumed, the same bytes as undisturbed."""

import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from logotal.backbones.i3d import I3D
from logotal.video.writer import write_video

NAMES = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with videos, and I3D weights that mean nothing."""
    folder = tmp_path_factory.mktemp("inputs")
    for index, name in enumerate(NAMES):
        frames = np.random.default_rng(index).integers(0, 255, (44, 40, 48, 3), dtype=np.uint8)
        write_video(folder / "videos" / f"{name}.mp4", frames, fps=25)
    torch.manual_seed(0)
    torch.save(I3D(input_channels=3).state_dict(), folder / "weights.pt")
    return folder


def extract(inputs: Path, out: Path, *options: str, stderr: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "logotal", "extract", inputs / "videos", "--backbone", "i3d-rgb", "--out", out]
    small = ["--weights", inputs / "weights.pt", "--resize", "36", "--crop-size", "32", "--precision", "fp32"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen([*map(str, [*command, *small]), *options], env=environment, stderr=stderr)


def contents(folder: Path) -> dict[str, bytes]:
    """The files, but for the log, which says how long each video took."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "extract.jsonl"}


@pytest.mark.slow
def test_one_process_two_processes_and_a_killed_one_make_the_same_files(inputs: Path, tmp_path: Path) -> None:
    assert extract(inputs, tmp_path / "one").wait() == 0
    assert extract(inputs, tmp_path / "two", "--workers", "2").wait() == 0

    killed = tmp_path / "killed"
    process = extract(inputs, killed)
    deadline = time.monotonic() + 120
    while not (killed / "b.npy").exists():
        assert process.poll() is None, "extraction ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    first = (killed / "a.npy").stat().st_mtime_ns
    assert extract(inputs, killed).wait() == 0
    assert (killed / "a.npy").stat().st_mtime_ns == first, "what was done was made again"

    whole = contents(tmp_path / "one")
    assert set(whole) == {"features.json", *(f"{name}{suffix}" for name in NAMES for suffix in (".npy", ".json"))}
    assert np.load(tmp_path / "one" / "a.npy").shape == (8, 1024)
    assert {name: data for name, data in contents(killed).items() if not name.startswith(".")} == whole

    # Several processes share the cores, and with other numbers of threads sums go in another order.
    two = contents(tmp_path / "two")
    assert two.keys() == whole.keys()
    for name in whole:
        if name.endswith(".npy"):
            found, expected = np.load(tmp_path / "two" / name), np.load(tmp_path / "one" / name)
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
        else:
            assert two[name] == whole[name]


@pytest.mark.slow
def test_the_failure_of_one_video_is_named_and_ends_with_status_1(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "a.mp4").write_bytes((inputs / "videos" / "a.mp4").read_bytes())
    (tmp_path / "videos" / "broken.mp4").write_bytes(b"no video")
    (tmp_path / "weights.pt").write_bytes((inputs / "weights.pt").read_bytes())
    dry = extract(tmp_path, tmp_path / "features", "--dry-run", stderr=subprocess.PIPE)
    said = dry.communicate()[1].decode()
    assert dry.returncode == 1
    assert re.search(r"1 to extract, 2 s of video, about \d+ s at \S+ x real time; 0 were there already, 1 can", said)
    assert "failed: " in said
    assert not (tmp_path / "features").exists()

    assert extract(tmp_path, tmp_path / "features").wait() == 1
    assert (tmp_path / "features" / "a.npy").is_file()
    lines = [json.loads(line) for line in (tmp_path / "features" / "extract.jsonl").read_text().splitlines()]
    assert [(Path(line["video"]).name, line["outcome"], line["host"]) for line in lines] == [
        ("a.mp4", "made", platform.node()),
        ("broken.mp4", "failed", platform.node()),
    ]
    assert json.loads((tmp_path / "features" / "a.json").read_text())["frames"] == 44
    assert not (tmp_path / "features" / "broken.npy").exists()
