"""Processes of an extraction that are killed one by one, as a system out of memory does it."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reliability import samples
from reliability.process import ROOT, command_line, environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for child processes in /proc"),
]


def children(pid: int) -> dict[int, str]:
    """The child processes that extract, with their command lines."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        lines = {int(child): Path(f"/proc/{child}/cmdline").read_text() for child in found}
    except FileNotFoundError:
        return {}
    return {child: line for child, line in lines.items() if "spawn_main" in line}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def extraction(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """An extraction in two processes that has written the features of its first video."""
    samples.videos(tmp_path / "videos", 2, frames=24)
    samples.videos(tmp_path / "videos" / "long", 2, frames=700)
    for path in (tmp_path / "videos" / "long").iterdir():
        path.rename(tmp_path / "videos" / f"long_{path.name}")
    options = samples.extraction_options(samples.backbone_weights(tmp_path))
    process = subprocess.Popen(
        command_line("extract", tmp_path / "videos", "--out", tmp_path / "features", "--workers", "2", *options),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
        start_new_session=True,
    )
    deadline = time.monotonic() + 240
    while len(children(process.pid)) < 2 or not (tmp_path / "features" / "features.json").is_file():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(1.0)
    yield process
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_the_processes_of_a_killed_extraction_end_with_it(extraction: "subprocess.Popen[str]") -> None:
    workers = list(children(extraction.pid))
    extraction.kill()
    extraction.wait()
    deadline = time.monotonic() + 120  # they may be in the middle of their imports
    while any(alive(worker) for worker in workers):
        assert time.monotonic() < deadline, "they wait for work forever"
        time.sleep(0.1)


def test_an_extraction_that_loses_a_process_goes_on(extraction: "subprocess.Popen[str]", tmp_path: Path) -> None:
    os.kill(next(iter(children(extraction.pid))), signal.SIGKILL)
    _, said = extraction.communicate(timeout=240)
    assert extraction.returncode == 0, said
    assert "Traceback" not in said
    assert "4 extracted" in said
    lines = [json.loads(line) for line in (tmp_path / "features" / "extract.jsonl").read_text().splitlines()]
    assert [line["outcome"] for line in lines] == ["made"] * 4
