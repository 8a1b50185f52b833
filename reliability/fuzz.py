"""Thousands of broken files for everything that reads one: refused in one line, or read; nothing else may happen.

    python -m reliability.fuzz --count 10000 --seed 0 --keep /tmp/broken

Each target (`reliability.targets`) works in a process of its own, which is watched: an exception that is not an
InputError is a crash, and so is a process that dies; an input that takes longer than `HANG` seconds is a hang; a
process that grows by more than `MOST_MEMORY` is a blow-up. After a death, the next process goes on behind the input.
What was found is kept as files in --keep, with the text of the exception.
"""

import argparse
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from logotal.errors import InputError
from reliability.figures import fuzz_table
from reliability.material import Material
from reliability.record import record
from reliability.targets import TARGETS

HANG = 10.0
"""Seconds that no input may take."""

MOST_MEMORY = 2**30
"""Bytes by which no process may grow."""

START = 300.0
"""Seconds that a process may take to make its whole inputs, on a busy machine."""


Make = Callable[[Path], Material]


@dataclass
class Row:
    """What became of the inputs of one target; `peak` is the growth of its process in MiB."""

    target: str
    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    crashes: int = 0
    hangs: int = 0
    blow_ups: int = 0
    slowest: float = 0.0
    peak: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether every input was read or refused."""
        return not (self.crashes or self.hangs or self.blow_ups)


def broken_input(material: Material, target: str, seed: int, index: int) -> bytes:
    """The broken input of that number: first what was written by hand, then whole inputs, then mutations of them."""
    if index < len(material.bombs):
        return material.bombs[index]
    index -= len(material.bombs)
    if index < len(material.seeds):
        return material.seeds[index]
    random = Random(f"{seed} {target} {index}")
    return random.choice(material.mutations)(random, material.seeds)


def fuzz(
    target: str, count: int, seed: int, keep: Path | None = None, *, make: Make | None = None, hang: float = HANG
) -> Row:
    """Reads `count` broken inputs of a target in watched processes.

    Args:
        target: a key of `TARGETS`, or any name where `make` is given.
        count: of inputs, those written by hand and the whole ones included.
        seed: of the mutations.
        keep: where inputs that broke something are kept.
        make: gives the material of a target that is not in `TARGETS`.
        hang: seconds that no input may take.
    """
    row = Row(target)
    context = multiprocessing.get_context("spawn")
    while row.inputs < count:
        receive, send = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(send, target, make, range(row.inputs, count), seed), daemon=True)
        worker.start()
        send.close()
        _Watch(row, worker, receive, keep, hang).until_it_ends()
    return row


@dataclass
class _Watch:
    """Counts what a process reports until it is done, dies or has to be ended; `input` is what it reads now."""

    row: Row
    worker: Any
    receive: Any
    keep: Path | None
    hang: float
    input: bytes = b""
    base: int | None = None
    since: float = field(default_factory=time.monotonic)

    def until_it_ends(self) -> None:
        """Returns when the process is gone."""
        while True:
            if not self.receive.poll(0.05):
                if self._ended():
                    return
                continue
            try:
                kind, value = self.receive.recv()
            except EOFError:
                self.worker.join()
                self._found("crashes", f"the process died with {self.worker.exitcode}")
                return
            self.since = time.monotonic()
            if kind == "done":
                self.worker.join()
                return
            if kind == "failed":
                raise RuntimeError(f"the trial of {self.row.target} itself failed\n{value}")
            if kind == "ready":
                self.base = value
            elif kind == "input":
                self.input = value
            else:
                self._count(kind, *value)

    def _count(self, kind: str, seconds: float, peak: int, said: str) -> None:
        self.row.slowest = max(self.row.slowest, seconds)
        self.row.peak = max(self.row.peak, (peak - (self.base or 0)) / 2**20)
        if kind == "crashed":
            self._found("crashes", said)
            return
        self.row.inputs += 1
        setattr(self.row, kind, getattr(self.row, kind) + 1)

    def _ended(self) -> bool:
        """Whether the process had to be ended."""
        waited = time.monotonic() - self.since
        grown = 0 if self.base is None else _memory(self.worker.pid, "VmRSS") - self.base
        if grown <= MOST_MEMORY and waited <= (START if self.base is None else self.hang):
            return False
        self.worker.kill()
        self.worker.join()
        self.row.slowest, self.row.peak = max(self.row.slowest, waited), max(self.row.peak, grown / 2**20)
        self._found("blow_ups" if grown > MOST_MEMORY else "hangs", f"ended after {waited:.1f} s, {grown >> 20} MiB")
        return True

    def _found(self, kind: str, said: str) -> None:
        """Counts a fault and keeps its input."""
        row, number = self.row, self.row.inputs
        row.inputs += 1
        setattr(row, kind, getattr(row, kind) + 1)
        row.faults.append(f"input {number}: {said.strip().splitlines()[-1][:200]}")
        if self.keep is not None:
            self.keep.mkdir(parents=True, exist_ok=True)
            name = f"{row.target.replace(' ', '-')}-{number}"
            (self.keep / name).write_bytes(self.input)
            (self.keep / f"{name}.txt").write_text(said, encoding="utf-8", errors="backslashreplace")


def _work(send: Any, target: str, make: Make | None, indices: range, seed: int) -> None:
    """Reads the inputs of some numbers, and reports each."""
    warnings.simplefilter("ignore")
    for stream in (1, 2):  # FFmpeg and onnxruntime write there what they think of each input
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    try:
        with tempfile.TemporaryDirectory(prefix="logotal-fuzz-") as name:
            folder = Path(name)
            material = (make or TARGETS[target])(folder / "seeds")
            path = folder / "in" / f"input{material.suffix}"
            path.parent.mkdir()
            for whole in material.seeds:  # once, so that what is loaded at first use counts as the beginning
                path.write_bytes(whole)
                material.read(path)
            send.send(("ready", _memory("self", "VmHWM")))
            for index in indices:
                content = broken_input(material, target, seed, index)
                send.send(("input", content))
                path.write_bytes(content)
                began = time.monotonic()
                kind, said = _read(material, path, folder)
                send.send((kind, (time.monotonic() - began, _memory("self", "VmHWM"), said)))
            send.send(("done", None))
    except Exception:
        send.send(("failed", traceback.format_exc()))


def _read(material: Material, path: Path, folder: Path) -> tuple[str, str]:
    """What becomes of an input, and what was said about it."""
    try:
        material.read(path)
        kind, said = "accepted", ""
    except InputError as error:
        kind, said = _one_line(error)
    except Exception:
        kind, said = "crashed", traceback.format_exc()
    for stray in [each for each in folder.iterdir() if each.name not in ("seeds", "in")]:
        kind, said = "crashed", f"code ran, or wrote outside: {stray}"
        shutil.rmtree(stray) if stray.is_dir() else stray.unlink()
    return kind, said


def _one_line(error: InputError) -> tuple[str, str]:
    """A refusal is a line that can be printed and read."""
    said = str(error)
    try:
        said.encode()
    except UnicodeEncodeError:
        return "crashed", f"a message that cannot be printed: {said!a:.200}"
    return ("refused", "") if len(said) < 5000 else ("crashed", f"a message of {len(said)} characters")


def _memory(process: int | str, field: str) -> int:
    """Bytes of memory that a process has (VmRSS) or had at most (VmHWM); 0 where it is gone or this is not Linux."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def main() -> int:
    """Runs the targets and prints the table; the status is 1 where something happened that must not."""
    parser = argparse.ArgumentParser(description="Reads broken files with everything that reads files.")
    parser.add_argument("--count", type=int, default=10_000, help="inputs per target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=list(TARGETS), choices=list(TARGETS), help="targets")
    parser.add_argument("--keep", type=Path, help="folder for the inputs that broke something")
    parser.add_argument("--no-record", action="store_true", help="leave reliability/results.json as it is")
    options = parser.parse_args()
    rows = {}
    for target in options.only:
        row = fuzz(target, options.count, options.seed, options.keep)
        rows[target] = asdict(row) | {"sound": row.sound}
        print(fuzz_table({target: rows[target]}).splitlines()[-1], flush=True)
        for fault in row.faults[:10]:
            print(f"    {fault}", flush=True)
        if not options.no_record:
            made_by = f"python -m reliability.fuzz --count {options.count} --seed {options.seed}"
            record("fuzz", {target: rows[target] | {"made_by": made_by}})
    print(f"\n{fuzz_table(rows)}")
    return 0 if all(row["sound"] for row in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
