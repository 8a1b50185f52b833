"""Stops real commands at many moments by SIGINT and SIGTERM: the status, one sentence, whole files, no process left.

    python -m reliability.signals --moments 50 --seed 0

The moments are spread evenly over the whole life of a command, from its start, as many for each of the two signals,
which go to its process group. A moment at which the command had just ended is drawn anew. Before Python has loaded
logotal, and while it shuts down, the system's own ending counts as well.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from logotal.runs.parts import SUFFIX
from reliability.process import ROOT, environment
from reliability.record import try_commands
from reliability.trials import STOPPED, Trial
from reliability.whole import faults, leftovers

START = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from logotal import endings
def listen(listen=endings.listen):
    listen()
    os.close(os.open(os.environ["LISTENS"], os.O_CREAT))
endings.listen = listen
from logotal.__main__ import main
main()
"""
"""In the background of a shell, processes begin by ignoring Ctrl-C. Leaves a file as soon as logotal listens."""

DRAWS = 5
"""How often a moment is drawn anew before it counts as too late: a command may be over sooner than at first."""


@dataclass
class Row:
    """What became of a command: signals while it ran, of them those that ended as they should."""

    command: str
    signals: int = 0
    sigint: int = 0
    sigterm: int = 0
    """Signals of each kind while it ran."""
    ended: int = 0
    """Signals after which it had ended with 130 or 143 and one sentence."""
    early: int = 0
    """Signals that came before logotal listened, which the system or Python answered."""
    at_exit: int = 0
    """Signals that ended it by the system's own way later than that: Python no longer listens while it shuts down."""
    too_late: int = 0
    slowest: float = 0.0
    """Seconds from a signal to the end."""
    statuses: dict[str, int] = field(default_factory=dict)
    """How often it ended with each status; below zero, the system ended it by that signal."""
    orphans: int = 0
    broken: int = 0
    leftovers: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether every signal did what it should."""
        return not self.faults


def stop_often(name: str, moments: int, seed: int, folder: Path) -> Row:
    """Stops one of the commands `STOPPED` at so many moments by each of the two signals."""
    box = folder / "box"
    trial = STOPPED[name](folder / "inputs", box / "out")
    words = trial.command[3:] + (["--workers", "2"] if name == "extract" else [])
    row, random = Row(name), Random(f"{seed} {name}")
    _empty(box)
    began = time.monotonic()
    _start(words, folder).communicate(timeout=300)
    usual = time.monotonic() - began
    for moment in range(2 * moments):
        number = (signal.SIGINT, signal.SIGTERM)[moment % 2]
        wait = usual * ((moment // 2) + random.random()) / moments
        for _ in range(DRAWS):
            _empty(box)
            process = _start(words, folder)
            time.sleep(wait)
            if _stop(row, process, number, trial, folder):
                break
            wait = usual * random.random()  # over sooner than at first
        else:
            row.too_late += 1
        print(f"{name}: {row.signals} of {2 * moments}", *row.faults[-1:], flush=True)
    return row


def _empty(box: Path) -> None:
    shutil.rmtree(box, ignore_errors=True)
    box.mkdir(parents=True)


def _start(words: list[str], folder: Path) -> "subprocess.Popen[str]":
    listens = folder / "listens"
    listens.unlink(missing_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", START, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(LISTENS=str(listens)),
        cwd=ROOT,
        start_new_session=True,
    )


def _stop(row: Row, process: "subprocess.Popen[str]", number: signal.Signals, trial: Trial, folder: Path) -> bool:
    """Sends a signal and counts what became of it; False where the command had ended."""
    since, found, listened = time.monotonic(), [], (folder / "listens").exists()
    if process.poll() is not None:
        process.communicate()
        return False
    os.killpg(process.pid, number)
    try:
        _, said = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        _, said = process.communicate()
        found.append("did not end within 30 s")
    seconds, status = time.monotonic() - since, process.returncode
    if status == 0:
        return False
    row.signals += 1
    row.sigint += number == signal.SIGINT
    row.sigterm += number == signal.SIGTERM
    row.slowest = max(row.slowest, seconds)
    row.statuses[str(status)] = row.statuses.get(str(status), 0) + 1
    lines = [line for line in said.splitlines() if line.startswith("logotal: ")]
    if status == 128 + number and len(lines) == 1 and "Traceback" not in said:
        row.ended += 1
    elif not listened and (status == -number or (status == 1 and said.rstrip().endswith("KeyboardInterrupt"))):
        row.early += 1
    elif status == -number and "Traceback" not in said:
        row.at_exit += 1
    else:
        found.append(f"ended with {status}: {said.strip()[-200:]}")
    if _outlives(process.pid):
        row.orphans += 1
        found.append("a process is left")
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    places = [folder / "box", *([trial.also] if trial.also else [])]
    bad = [each for place in places for each in faults(place)]
    left = [path for place in places for path in leftovers(place) if path.suffix != SUFFIX]  # which is gone on from
    row.broken += bool(bad)
    row.leftovers += bool(left)
    found += bad + [f"{path.name} stays" for path in left]
    row.faults += [f"{number.name}, signal {row.signals}: {fault}" for fault in found]
    return True


def _outlives(group: int) -> bool:
    """Whether a process is left after five seconds; the one that tracks resources of the others ends a little later."""
    until = time.monotonic() + 5
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
        STOPPED,
        lambda name, folder, options: stop_often(name, options.moments, options.seed, folder),
        moments=50,
        seed=0,
    )


if __name__ == "__main__":
    main()
