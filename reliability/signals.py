"""Stops real commands at many moments by SIGINT and SIGTERM: the status, one sentence, whole files, no process left.

    python -m reliability.signals --moments 20 --seed 0

The moments are spread evenly over the whole life of a command, from its start; the signal goes to its process group.
Before Python has loaded logotal, the system's own ending counts as well.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from reliability.process import ROOT, environment
from reliability.record import try_commands
from reliability.trials import TRIALS
from reliability.whole import faults, leftovers

START = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from logotal.__main__ import main
main()
"""
"""In the background of a shell, processes begin by ignoring Ctrl-C."""

EARLY = 1.5
"""Seconds in which Python may not have loaded logotal yet, on a busy machine."""


@dataclass
class Row:
    """What became of a command: signals while it ran, of them those that ended as they should."""

    command: str
    signals: int = 0
    ended: int = 0
    """Signals after which it had ended with 130 or 143 and one sentence."""
    early: int = 0
    """Signals that came while Python itself started, which the system or Python answered."""
    at_exit: int = 0
    """Signals that ended it by the system's own way later than that: Python no longer listens while it shuts down."""
    too_late: int = 0
    slowest: float = 0.0
    """Seconds from a signal to the end."""
    orphans: int = 0
    broken: int = 0
    leftovers: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether every signal did what it should."""
        return not self.faults


def stop_often(name: str, moments: int, seed: int, folder: Path) -> Row:
    """Stops one of the `TRIALS` at so many moments by each of the two signals."""
    box = folder / "box"
    trial = TRIALS[name](folder / "inputs", box / "out")
    words = trial.command[3:] + (["--workers", "2"] if name == "extract" else [])
    row, random, usual = Row(name), Random(f"{seed} {name}"), 0.0
    for moment in range(-1, 2 * moments):
        shutil.rmtree(box, ignore_errors=True)
        box.mkdir(parents=True)
        number = (signal.SIGINT, signal.SIGTERM)[moment % 2]
        wait = usual * ((moment // 2) + random.random()) / moments if moment >= 0 else None
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", START, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=ROOT,
            start_new_session=True,
        )
        if wait is None:
            process.communicate(timeout=300)
            usual = time.monotonic() - began
            continue
        time.sleep(wait)
        _stop(row, process, number, wait, box)
        print(f"{name}: {row.signals} of {2 * moments}", *row.faults[-1:], flush=True)
    return row


def _stop(row: Row, process: "subprocess.Popen[str]", number: int, wait: float, box: Path) -> None:
    since, found = time.monotonic(), []
    if process.poll() is not None:
        row.too_late += 1
        return
    os.killpg(process.pid, number)
    try:
        _, said = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        _, said = process.communicate()
        found.append("did not end within 30 s")
    seconds = time.monotonic() - since
    row.signals += 1
    row.slowest = max(row.slowest, seconds)
    lines = [line for line in said.splitlines() if line.startswith("logotal: ")]
    if process.returncode == 128 + number and len(lines) == 1 and "Traceback" not in said:
        row.ended += 1
    elif wait < EARLY and (process.returncode == -number or (process.returncode == 1 and "logotal" not in said)):
        row.early += 1
    elif process.returncode == -number:
        row.at_exit += 1
    elif process.returncode == 0:
        row.signals -= 1
        row.too_late += 1
    else:
        found.append(f"ended with {process.returncode}: {said.strip()[-200:]}")
    if _outlives(process.pid):
        row.orphans += 1
        found.append("a process is left")
        os.killpg(process.pid, signal.SIGKILL)
    bad, left = faults(box), leftovers(box)
    row.broken += bool(bad)
    row.leftovers += bool(left)
    found += bad + [f"{path.name} stays" for path in left]
    row.faults += [f"signal {number} after {wait:.2f} s: {fault}" for fault in found]


def _outlives(group: int) -> bool:
    """Whether a process is left after two seconds; the one that tracks resources of the others ends a little later."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True


def main() -> None:
    """The command line."""
    try_commands(
        "signals",
        __doc__,
        TRIALS,
        lambda name, folder, options: stop_often(name, options.moments, options.seed, folder),
        moments=20,
        seed=0,
    )


if __name__ == "__main__":
    main()
