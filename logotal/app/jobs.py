"""Rounds in a process of their own: one at a time for a project; they go on when the server is closed.

`jobs/NUMBER.json` says how far one is. Who works holds the lock of the folder, which ends with the process however that
ends: a job that says that it is running, while nobody holds the lock, was stopped.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel

from logotal.app.results import numbers_in
from logotal.callbacks import Progress
from logotal.endings import end, listen
from logotal.errors import InputError
from logotal.files.json import read_json
from logotal.files.lock import alone_in
from logotal.files.model import Count, parsed_model
from logotal.files.whole import write_whole
from logotal.formats.edited import FROZEN
from logotal.places import APP, WORK

STEPS = ("labels", "extract", "train", "detect")
PROPOSED = "proposed"
NETWORKS = {"linear": "linear", PROPOSED: None}
"""The preset of each choice; None is the network of the recipe."""
OFTEN = 0.5
"""Seconds between two notes about progress."""
STARTS = 60.0
"""Seconds that a process may take to load what it needs, before it holds the lock."""
PATIENCE, LOOKS = 5.0, 20
"""Seconds for which it asks for the lock, and how often."""


class Job(BaseModel):
    """A round: what it is, how far it is, and what it has to say; `began` is the time of a clock, in seconds."""

    model_config = FROZEN
    number: Count
    network: str
    kind: str = "round"
    state: Literal["running", "done", "failed", "stopped"] = "running"
    step: str = STEPS[0]
    done: float = 0.0
    total: Count = 1
    began: float = 0.0
    seconds: float = 0.0
    process: Count = 0
    steps: list[str] = list(STEPS)
    said: list[str] = []
    error: str | None = None

    def but(self, **changes: Any) -> Self:
        """The same job with changes."""
        return self.model_copy(update=changes)

    @property
    def is_running(self) -> bool:
        """Whether it says that it is at work."""
        return self.state == "running"


class Jobs:
    """The jobs of a project."""

    def __init__(self, project: Path) -> None:
        self.project, self.folder = project, project / APP / WORK / "jobs"
        self._process: subprocess.Popen[bytes] | None = None

    def all(self) -> list[Job]:
        """All jobs, the newest first; one that nobody works at any more is stopped."""
        found = [self.read(number) for number in reversed(numbers_in(self.folder))]
        if found and found[0].is_running and not self._at_work(found[0]):
            found[0] = self.read(found[0].number)  # it may just have ended
            if found[0].is_running:
                found[0] = found[0].but(state="stopped")
        return found

    def read(self, number: int) -> Job:
        """A job as it was written last."""
        path = self.folder / f"{number}.json"
        return parsed_model(read_json(path), path, Job)

    def write(self, job: Job) -> None:
        """Writes how far a job is."""
        write_whole(self.folder / f"{job.number}.json", job.model_dump_json().encode())

    def start(self, network: str) -> Job:
        """Starts a round.

        Raises:
            InputError: there is no such network, or another job is running.
        """
        if network not in NETWORKS:
            raise InputError(f"network: expected {' or '.join(NETWORKS)}, found {network!r:.40}")
        jobs = self.all()
        return self._launch(Job(number=jobs[0].number + 1 if jobs else 1, network=network), jobs)

    def resume(self) -> Job:
        """Goes on with the last job, which was stopped or failed.

        Raises:
            InputError: there is none, or it runs or is done.
        """
        jobs = self.all()
        if not jobs or jobs[0].state not in ("stopped", "failed"):
            raise InputError("nothing was stopped that could be gone on with; start a round")
        return self._launch(Job(number=jobs[0].number, network=jobs[0].network), jobs)

    def cancel(self) -> None:
        """Tells the running job to stop; what it has done stays."""
        for job in self.all()[:1]:
            if job.is_running and job.process:
                with suppress(ProcessLookupError):
                    os.kill(job.process, signal.SIGTERM)  # SIGINT is ignored behind `nohup` and in the background

    def _launch(self, job: Job, before: list[Job]) -> Job:
        if before and before[0].is_running:
            raise InputError("a round is running; wait for it, or stop it first")
        if self._process is not None:
            self._process.wait(STARTS)  # it has done its job, and at most shuts down
        job = job.but(began=time.time())
        self.write(job)
        with (self.folder / f"{job.number}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "logotal.app.jobs", str(self.project), str(job.number)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return job.but(process=self._process.pid)

    def _at_work(self, job: Job) -> bool:
        """Whether the process of a job works, or loads what it needs; that of another server is known by its lock."""
        if self._process is not None:
            return self._process.poll() is None
        with alone_in(self.folder) as alone:
            return not alone or time.time() - job.began < STARTS


class Reporter:
    """Notes how far a job is, not too often."""

    def __init__(self, jobs: Jobs, job: Job) -> None:
        self.jobs, self.job, self.noted = jobs, job, 0.0

    def note(self, *, at_once: bool = True, **changes: Any) -> None:
        """Changes what is known of the job."""
        self.job = self.job.but(seconds=time.time() - self.job.began, **changes)
        if at_once or time.monotonic() - self.noted > OFTEN:
            self.noted = time.monotonic()
            self.jobs.write(self.job)

    def step(self, name: str) -> Progress:
        """Begins a step."""
        self.note(step=name, done=0.0, total=1)
        return lambda done, total: self.note(at_once=False, done=done, total=total)

    def say(self, sentence: str) -> None:
        """Keeps a sentence."""
        self.note(said=[*self.job.said, sentence])


def work(project: Path, number: int) -> None:
    """Does a job, in a process of its own."""
    jobs = Jobs(project)
    for _ in range(LOOKS):
        with alone_in(jobs.folder) as alone:
            if alone:
                _work(jobs, jobs.read(number).but(began=time.time(), process=os.getpid(), state="running"))
                return
        time.sleep(PATIENCE / LOOKS)  # a server that looks whether anybody works holds the lock for an instant


def _work(jobs: Jobs, job: Job) -> None:
    from logotal.app.rounds import play_round  # noqa: PLC0415 - needs torch, and the server none

    report = Reporter(jobs, job)
    try:
        play_round(jobs.project, job.number, NETWORKS[job.network], report.step, report.say)
    except InputError as error:
        report.note(state="failed", error=str(error))
    except KeyboardInterrupt as error:
        report.note(state="stopped")
        end(error)
    except BaseException as error:
        log = jobs.folder / f"{job.number}.log"
        report.note(state="failed", error=f"{type(error).__name__}: {error}; see {log}")
        raise
    else:
        report.note(state="done", done=1, total=1)


if __name__ == "__main__":
    listen()
    work(Path(sys.argv[1]), int(sys.argv[2]))
