"""A contestant: one process that prepares one job and runs it whenever it is asked, by JSON lines.

    {"job": "detect", "options": {...}}   ->  {"about": {...}}                       untimed
    {"run": true}                         ->  {"seconds": 1.2, "peak": 812646400, "extra": {...}}

It imports nothing of ours before it knows its side, so that the rival's interpreter can run it too. A process of its
own makes the peak of memory (VmHWM, everything resident) the contestant's own, and leaves the machine to whoever runs.
A job that uses another memory tells its peak itself.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

Once = Callable[[], dict[str, Any]]
"""What is timed; gives numbers to report besides, as `stages` in seconds."""

Job = Callable[..., tuple[Once, dict[str, Any]]]
"""Prepares a job from its options: what is to be timed, and what is to be told about it."""


class Stages:
    """Seconds by stage: what the watched functions took since the last `take`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def watch(self, owner: Any, name: str, stage: str) -> None:
        """Adds the time in the function `name` of a module or an object to a stage; nothing where there is none."""
        function = getattr(owner, name, None)
        if function is None:
            return

        def timed(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started

        setattr(owner, name, timed)

    def take(self) -> dict[str, float]:
        """The seconds so far; the clocks begin anew."""
        taken, self.seconds = self.seconds, {}
        return taken


def peak_bytes() -> int:
    """The most that this process has held resident, files that it maps included."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource  # noqa: PLC0415 - elsewhere than on Linux

    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024


def main() -> None:
    """Answers until the input ends. What the code under test prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if sys.argv[1] == "ours":
        importlib.import_module("logotal.commands.allocator").keep_freed_memory()  # as every command does
    jobs: dict[str, Job] = importlib.import_module(f"benchmarks.{sys.argv[1]}").JOBS
    once: Once | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "job" in request:
                once, about = jobs[request["job"]](**request["options"])
                answer: dict[str, Any] = {"about": about}
            else:
                assert once is not None, "asked to run before anything was prepared"
                started = time.perf_counter()
                extra = once()
                seconds = time.perf_counter() - started
                answer = {"seconds": seconds, "peak": extra.pop("peak", peak_bytes()), "extra": extra}
        except Exception as error:  # whatever the code under test raises is its result
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
