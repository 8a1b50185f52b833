"""How a process ends that is told to: SIGINT (Ctrl-C) and SIGTERM, which Windows does not send.

The command line listens to both. The first one becomes a `Stopped`, which runs through all `finally` blocks, so that
nothing half done stays; a second one ends the process at once. Work with an end of its own (a training, which stops
between two steps) asks `deferred` instead.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from logotal.errors import printable

SIGNALS = (signal.SIGINT, signal.SIGTERM)

ASKING = (*SIGNALS, *([signal.SIGUSR1] if hasattr(signal, "SIGUSR1") else []))
"""What `deferred` listens to: schedulers send SIGUSR1 some time before they end a job."""

GRACE = 10.0
"""Seconds in which a command has to end: a library may lose what it is told, and nothing would end it."""

GIVING_BACK = 1.0
"""Seconds for which the thread of a pool is waited for, whose processes were killed."""

LOADING = 5.0
"""Seconds for which a module that is being loaded is waited for."""

SENTENCE = "stopped; every file that is there is whole, and the same command begins again or goes on"


class Stopped(KeyboardInterrupt):
    """The process was told to stop; `number` is that of the signal, the message what a user can do.

    It is empty where another process, of several that work together, says it.
    """

    def __init__(self, number: int = signal.SIGINT, message: str = SENTENCE) -> None:
        super().__init__(message)
        self.number = number


_BORN = os.getpid(), os.getppid()
"""This process and what started it, before anything that takes its time is loaded."""

_at_end: list[Callable[[], object]] = []


def at_end(work: Callable[[], object]) -> None:
    """Has something done before a stopped process ends: a signal may come before any `finally` block has begun."""
    _at_end.append(work)


def number_of(error: KeyboardInterrupt) -> int:
    """The signal behind an interruption."""
    return error.number if isinstance(error, Stopped) else signal.SIGINT


def interruption(error: BaseException) -> KeyboardInterrupt | None:
    """The interruption that an error is or comes of: a library that is stopped in its middle fails in its own way."""
    if isinstance(error, KeyboardInterrupt):
        return error
    listeners = (each for each in map(signal.getsignal, SIGNALS) if isinstance(each, _Listener))
    heard = next((each.heard for each in listeners), None)
    return None if heard is None else Stopped(heard)


def _imports(frame: FrameType | None) -> bool:
    """Whether a module is being loaded: one that is stopped halfway stays so, and some written in C++ then abort."""
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


class _Listener:
    """The handler of the command line; `heard` is the number of the signal that came."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.heard: int | None = None
        self.until = 0.0
        self.held = 0
        self.late: int | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self.process:  # a fork, which its parent ends
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        if self.held:
            self.late = number
            return
        if self.heard is not None:
            os._exit(128 + number)
        self.heard, self.until = number, time.monotonic() + LOADING
        last = threading.Timer(GRACE, os._exit, [128 + number])
        last.daemon = True
        last.start()
        self.stop(number, frame)

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Stops what is done, or looks again a little later while a module is being loaded."""
        if time.monotonic() < self.until and _imports(frame) and self.again(number):
            return
        raise Stopped(number)

    def again(self, number: int) -> bool:
        """Has `stop` called a little later, if the system can."""
        if not hasattr(signal, "setitimer"):
            return False
        signal.signal(signal.SIGALRM, lambda _, later: self.stop(number, later))
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        return True


def listen() -> None:
    """Has signals stop this process; one that it was started to ignore, as behind `nohup`, stays ignored."""
    listener, before = _Listener(), sys.unraisablehook

    def lost(unraisable: "sys.UnraisableHookArgs") -> None:
        error = unraisable.exc_value
        if not (isinstance(error, Stopped) and listener.again(error.number)):
            before(unraisable)

    sys.unraisablehook = lost  # what is raised inside a destructor stops nothing
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, listener)


def end(error: KeyboardInterrupt) -> NoReturn:
    """Says in a sentence that the process was stopped, and ends it with 128 and the number of the signal."""
    number = number_of(error)
    threading.excepthook = lambda failed: None  # threads of libraries lose what they work with from here on
    try:
        if sentence := str(error) if isinstance(error, Stopped) else str(error) or SENTENCE:
            print(f"logotal: {printable(sentence)}", file=sys.stderr, flush=True)
        sys.stdout.flush()
    except OSError:  # nobody reads it any more
        pass
    for each in _at_end:
        each()
    if (processes := sys.modules.get("multiprocessing.util")) is not None:
        processes._run_finalizers(0)  # gives back semaphores, of which Python would warn
    # Threads and pools of libraries would be waited for.
    os._exit(128 + number)


@contextmanager
def deferred() -> Iterator[Callable[[], int | None]]:
    """Signals only ask: yields what gives the number of the one that came, or None.

    A second one is handled as it would be without this. Outside of the main thread nothing is deferred.
    """
    asked: list[int] = []
    process = os.getpid()

    def ask(number: int, frame: FrameType | None) -> None:
        if os.getpid() != process:  # a process that loads data: its parent stops it
            return
        if asked:
            former = before[number]
            if isinstance(former, _Listener):
                os._exit(128 + number)
            raise Stopped(number)
        asked.append(number)

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in ASKING:
            former = signal.getsignal(number)
            if former is not signal.SIG_IGN and former is not None:
                before[number] = former
                signal.signal(number, ask)
    try:
        yield lambda: asked[0] if asked else None
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def ended_with_parent() -> Iterator[None]:
    """Ends this process at once if what started it ends meanwhile: a killed one tells nobody. Not on Windows."""
    done = threading.Event()
    process, parent = _BORN
    if os.getpid() != process:  # a fork
        parent = os.getppid()

    def watch() -> None:
        while not done.wait(0.5):
            if os.getppid() != parent:
                os._exit(128 + signal.SIGKILL)

    if sys.platform != "win32":
        threading.Thread(target=watch, name="parent", daemon=True).start()
    try:
        yield
    finally:
        done.set()


def end_worker_with_parent() -> None:
    """Ends this process, which `multiprocessing` started, at once when its parent ends: it would wait for work forever.

    The loader of PyTorch looks who its parent is too late, where that one was killed as it started it.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None, "not a process of multiprocessing"

    def watch() -> None:
        parent.join()
        os._exit(128 + signal.SIGKILL)

    threading.Thread(target=watch, name="parent", daemon=True).start()


@contextmanager
def unheard() -> Iterator[None]:
    """Processes that are started meanwhile do not hear signals, which reach a whole group; their parent ends them.

    It hears them itself when all are started: a process that is half started would say that its parent is gone.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    listeners = {each for each in map(signal.getsignal, SIGNALS) if isinstance(each, _Listener)}
    for each in listeners:  # other threads take signals that are blocked in this one
        each.held += 1
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for each in listeners:
            each.held -= 1
            if each.late is not None and not each.held:
                number, each.late = each.late, None
                each(number, None)


def kill_workers(pool: ProcessPoolExecutor) -> None:
    """Ends the processes of a pool at once, in the middle of what they do."""
    workers = list((getattr(pool, "_processes", None) or {}).values())
    manager = getattr(pool, "_executor_manager_thread", None)
    pool.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.join()
    if manager is not None:  # it gives back semaphores, of which Python would warn if the process ended meanwhile
        manager.join(GIVING_BACK)
