"""Processes that do jobs: one job at a time each, on a device of its own where there are several.

Whatever ends a process (memory, a crash) costs only the job that it was at; a new one takes the next. No process
outlives the one that started it, even where that is killed.
"""

import contextlib
import multiprocessing
import os
import signal
import time
import traceback
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from logotal.ablation.jobs import Job, perform
from logotal.endings import end_worker_with_parent
from logotal.errors import InputError

OUTPUT = "output.txt"
"""What training and evaluation print goes into this file of the run folder."""

PAUSE = 0.2
"""Seconds between two reports of a job."""


@dataclass(frozen=True)
class Step:
    """A job goes on: which part of it is done, from 0 to 1."""

    job: Job
    part: float


@dataclass(frozen=True)
class End:
    """A job has ended; with a reason if it failed."""

    job: Job
    seconds: float
    reason: str | None = None


@dataclass
class Worker:
    """A process, the pipe to it, and the job that it is at."""

    process: SpawnProcess
    pipe: "Connection[Job | None, float | tuple[str | None]]"
    device: str | None
    job: Job
    since: float = field(default_factory=time.monotonic)


def run_jobs(
    jobs: Sequence[Job], *, processes: int, threads: int, devices: Sequence[str] = ()
) -> Generator[Step | End, None, None]:
    """Does the jobs, and yields what happens; closing the iterator stops everything.

    Args:
        jobs: in the order in which they are begun.
        processes: how many at once.
        threads: of torch, in each process.
        devices: what CUDA_VISIBLE_DEVICES can be, one for each process in turn; empty leaves it as it is.
    """
    waiting = deque(jobs)
    workers: list[Worker] = []
    try:
        for slot in range(min(processes, len(waiting))):
            device = devices[slot % len(devices)] if devices else None
            workers.append(_start(waiting.popleft(), threads, device))
        while workers:
            wait([worker.pipe for worker in workers] + [worker.process.sentinel for worker in workers])
            for worker in list(workers):
                ended = yield from _news(worker)
                if ended:
                    workers.remove(worker)
                    if waiting:
                        workers.append(_next(worker, waiting.popleft(), threads))
                    else:
                        _stop(worker)
    finally:
        for worker in workers:
            _stop(worker)


def cuda_devices() -> list[str]:
    """What CUDA_VISIBLE_DEVICES can be so that a process sees one device of those that are there."""
    import torch  # noqa: PLC0415 - the processes choose their device before they import it

    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    count = torch.cuda.device_count()
    return [name.strip() for name in named.split(",")][:count] if named else [str(index) for index in range(count)]


def _news(worker: Worker) -> Generator[Step | End, None, bool]:
    """Yields what a worker has said since; returns whether its job has ended."""
    alive = worker.process.is_alive()  # asked first: what a dying process said last is still read
    with contextlib.suppress(EOFError, ConnectionError):
        while worker.pipe.poll():
            message = worker.pipe.recv()
            if isinstance(message, tuple):
                yield End(worker.job, time.monotonic() - worker.since, *message)
                return True
            yield Step(worker.job, message)
    if not alive:
        worker.process.join()
        reason = f"its process ended with exit code {worker.process.exitcode}; -9 is often a lack of memory"
        yield End(worker.job, time.monotonic() - worker.since, reason)
        return True
    return False


def _start(job: Job, threads: int, device: str | None) -> Worker:
    context = multiprocessing.get_context("spawn")  # CUDA does not survive a fork
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, threads, device))
    process.start()
    theirs.close()
    ours.send(job)
    return Worker(process, ours, device, job)


def _next(worker: Worker, job: Job, threads: int) -> Worker:
    """The worker at its next job, or a new one in its place if its process has ended."""
    if worker.process.is_alive():
        try:
            worker.pipe.send(job)
        except OSError:  # ended in this very moment
            pass
        else:
            return Worker(worker.process, worker.pipe, worker.device, job)
    _stop(worker)
    return _start(job, threads, worker.device)


def _stop(worker: Worker) -> None:
    """Ends a process at once: runs can be resumed after any kill."""
    worker.process.kill()
    worker.process.join()
    worker.process.close()
    worker.pipe.close()


def _serve(pipe: "Connection[float | tuple[str | None], Job]", threads: int, device: str | None) -> None:
    """The life of a process: takes jobs from the pipe, says how far each is, and why it failed if it did."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent stops this process
    end_worker_with_parent()
    if device is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = device
    import torch  # noqa: PLC0415 - after the device is chosen

    torch.set_num_threads(threads)
    while True:
        job = pipe.recv()
        pipe.send((_attempt(job, pipe),))


def _attempt(job: Job, pipe: "Connection[float | tuple[str | None], Job]") -> str | None:
    last = 0.0

    def tell(part: float) -> None:
        nonlocal last
        if time.monotonic() - last >= PAUSE:
            last = time.monotonic()
            pipe.send(part)

    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        with (
            (job.folder / OUTPUT).open("a", encoding="utf-8") as output,
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            try:
                perform(job, tell)
            except InputError as error:
                return str(error)
            except Exception as error:  # the others go on, whatever it was
                traceback.print_exc()
                return f"{type(error).__name__}: {error}; see {job.folder / OUTPUT}"
    except OSError as error:
        return f"{error}; the run folder cannot be written"
    return None
