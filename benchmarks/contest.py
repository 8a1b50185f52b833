"""Contestants against each other: processes that take turns, so that a machine that slows down is unfair to none."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RIVAL = ROOT / "benchmarks" / ".rival" / "bin" / "python"
LIMIT = 900
"""Seconds after which an answer is no longer waited for."""


@dataclass(frozen=True)
class Contestant:
    """Who runs a work: a job of the module `side`, or a whole `command`. `about` is told with the result."""

    name: str
    side: str
    job: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """Something that several contestants do; the runs before the `repetitions` that count are `warm`.

    All of it is done `starts` times in new processes: one differed from another of the same contestant by up to 5 % for
    as long as both lived, which no repetition within them averages out.
    """

    name: str
    title: str
    contestants: Sequence[Contestant]
    repetitions: int = 5
    warm: int = 1
    starts: int = 1


def without_bf16(work: Work) -> Work:
    """The work without those who compute in bf16."""
    return replace(work, contestants=[each for each in work.contestants if "bf16" not in each.name])


class Failed(Exception):  # noqa: N818 - an outcome, not an error of ours
    """A contestant could not do its job; the message says why."""


class Process:
    """A contestant in a process of its own."""

    def __init__(self, contestant: Contestant) -> None:
        self.contestant = contestant
        interpreter = RIVAL if contestant.side == "rival" else Path(sys.executable)
        if not interpreter.exists():
            raise Failed("benchmarks/.rival is not built; run make benchmark")
        self.process = subprocess.Popen(
            [interpreter, "-m", "benchmarks.worker", contestant.side],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if "BENCHMARK_LOUD" not in os.environ else None,
            text=True,
        )

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a request and waits for the answer.

        Raises:
            Failed: the job raised, the process died, or it took too long.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"its process ended with status {self.process.wait()}") from None
        if not select.select([self.process.stdout], [], [], LIMIT)[0]:
            raise Failed(f"no answer within {LIMIT} s")
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"its process ended with status {self.process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def prepare(self) -> dict[str, Any]:
        """Has the job prepared, and returns what is to be told about it."""
        request = {"job": self.contestant.job, "options": dict(self.contestant.options)}
        about: dict[str, Any] = self.ask(request)["about"]
        return about

    def run(self) -> dict[str, Any]:
        """Has the job done once."""
        return self.ask({"run": True})

    def close(self) -> None:
        """Ends the process."""
        self.process.kill()
        self.process.communicate()


class Command:
    """A contestant that is a whole command: what is timed is the process from start to end."""

    def __init__(self, contestant: Contestant) -> None:
        if not Path(contestant.command[0]).exists():
            raise Failed(f"{contestant.command[0]} is not there")
        self.command = contestant.command

    def prepare(self) -> dict[str, Any]:
        """There is nothing to prepare."""
        return {}

    def run(self) -> dict[str, Any]:
        """Runs the command; its peak is what the system counted."""
        started = time.perf_counter()
        process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise Failed(f"ended with status {process.returncode}")
        return {"seconds": seconds, "peak": usage.ru_maxrss * 1024, "extra": {}}

    def close(self) -> None:
        """The process has ended by itself."""


def hold(work: Work, say: Callable[[str], object]) -> dict[str, Any]:
    """What each contestant of a work achieved: `{name: {"seconds": [...], "peak": ..., ...}}`, or why it did not.

    With a single repetition and no warm-up there is nothing to interleave: each then runs alone, and holds its memory
    alone.
    """
    results: dict[str, Any] = {}
    alone = work.repetitions == 1 and not work.warm
    groups = [[each] for each in work.contestants] if alone else [list(work.contestants)]
    for group in groups * work.starts:
        running = _start(group, results)
        try:
            for turn in range(work.warm + work.repetitions):
                names = list(running)
                shift = turn % max(len(names), 1)
                for name in names[shift:] + names[:shift]:
                    _turn(name, running, results, counts=turn >= work.warm)
        finally:
            for process in running.values():
                process.close()
    for contestant in work.contestants:
        found = results[contestant.name]
        if "absent" in found:
            say(f"  {contestant.name}: {found['absent']}")
    return {each.name: results[each.name] for each in work.contestants}


def _start(contestants: Sequence[Contestant], results: dict[str, Any]) -> dict[str, Any]:
    running: dict[str, Any] = {}
    for contestant in contestants:
        found = results.setdefault(contestant.name, {"about": {}, "seconds": [], "stages": {}, "peak": 0})
        if "absent" in found:
            continue
        process = None
        try:
            process = Command(contestant) if contestant.command else Process(contestant)
            found["about"] = {**contestant.about, **process.prepare()}
            running[contestant.name] = process
        except Failed as error:
            results[contestant.name] = {"absent": str(error)}
            if process is not None:
                process.close()
    return running


def _turn(name: str, running: dict[str, Any], results: dict[str, Any], *, counts: bool) -> None:
    try:
        answer = running[name].run()
    except Failed as error:
        running.pop(name).close()
        results[name] = {"absent": str(error)}
        return
    found, extra = results[name], answer["extra"]
    found["peak"] = max(found["peak"], answer["peak"])
    if counts:
        found["estimated"] = "seconds" in extra  # where it was given a part of the work only
        found["seconds"].append(extra.pop("seconds", answer["seconds"]))
        for stage, seconds in extra.pop("stages", {}).items():
            found["stages"].setdefault(stage, []).append(seconds)
        found["extra"] = extra
