"""Features of one video, and of many in several processes, of which any may be killed, as for want of memory."""

import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import torch

from logotal.data.feature_recipe import video_sidecar, write_video_features
from logotal.endings import end_worker_with_parent, kill_workers, unheard
from logotal.errors import InputError
from logotal.extraction.extractor import Extractor
from logotal.extraction.progress import VideoShare
from logotal.files.whole import clear_leftover
from logotal.video.flow import keep_to_one_thread

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized, SynchronizedArray

LOOK_EVERY = 0.5
"""Seconds between two looks at what the processes have done."""
KILLED = "a process of the extraction was ended from outside, mostly for want of memory"


class MakesExtractors(Protocol):
    """What a process needs to load the network."""

    def extractor(self) -> Extractor:
        """The extractor, made anew."""


@dataclass(frozen=True)
class Outcome:
    """What became of one video: `error` is None where its features are there, `skipped` where they already were.

    `steps`, `duration` (seconds of video) and `seconds` (that it took) are those of new features, made on `host`.
    """

    video: Path
    steps: int = 0
    duration: float = 0.0
    skipped: bool = False
    error: str | None = None
    seconds: float = 0.0
    host: str = field(default_factory=platform.node)


def killed_twice(video: Path) -> Outcome:
    """What became of a video whose process was killed, and the next one too."""
    return Outcome(video, error=f"{video}: {KILLED}, twice; free some, or leave this video out")


def clear_leftovers(targets: Iterable[Path]) -> None:
    """Removes what killed processes have left of these feature files."""
    for features in targets:
        clear_leftover(features)
        clear_leftover(video_sidecar(features))


def extractor_with(settings: MakesExtractors, threads: int) -> Extractor:
    """The extractor of a process that has so many processors."""
    torch.set_num_threads(threads)
    extractor = settings.extractor()
    if "flow" in extractor.loaded.backbone.streams:
        keep_to_one_thread()
    return extractor


def extract_one(extractor: Extractor, video: Path, features: Path, progress: Callable[[float], object]) -> Outcome:
    """Makes the features of a video; `progress` is told the parts of it that are done."""
    share, began = VideoShare(progress), time.monotonic()
    try:
        array, about = extractor.extract(video, share.tell)
    except (InputError, OSError) as error:
        return Outcome(video, error=str(error), seconds=time.monotonic() - began)
    finally:
        share.finish()
    write_video_features(features, array, about)  # a full disk is not the fault of this video, and ends the work
    return Outcome(video, len(array), about.duration or 0.0, seconds=time.monotonic() - began)


def in_processes(
    videos: Mapping[Path, Path],
    settings: Sequence[MakesExtractors],
    workers: int,
    progress: Callable[[float], object],
) -> Iterator[Outcome]:
    """The same of several videos in several processes, which share the cores evenly, as they come.

    Where a process is killed, all begin anew, and the videos that were under way are tried once more, each alone: the
    one at fault is an outcome then, and the others are made.

    Raises:
        InputError: processes were killed twice before they began with any video.
    """
    left, suspects, idle = dict(videos), list[Path](), False
    while left:
        alone = [suspects.pop()] if suspects else []
        lost = yield from _in_pool(left, alone or list(left), settings, 1 if alone else workers, progress)
        if alone and lost:
            del left[alone[0]]
            yield killed_twice(alone[0])
        elif lost is not None:
            if idle and not lost:
                raise InputError(f"{KILLED}, twice before it began; take fewer --workers than {workers}")
            suspects, idle = lost, not lost


def _in_pool(
    left: dict[Path, Path],
    chosen: Sequence[Path],
    settings: Sequence[MakesExtractors],
    workers: int,
    progress: Callable[[float], object],
) -> Generator[Outcome, None, list[Path] | None]:
    """Makes the features of the chosen videos and takes them out of `left`.

    Returns the videos that were under way when a process was killed; None if none was.
    """
    threads = max((os.cpu_count() or 1) // workers, 1)
    context = multiprocessing.get_context("spawn")  # a forked torch hangs
    done, started, begun = context.Value("d"), context.Value("i"), context.Array("b", len(chosen))
    initial = (settings, started, threads, done, begun)
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=initial) as pool:
        try:
            with unheard():
                jobs = {pool.submit(_job, place, video, left[video]) for place, video in enumerate(chosen)}
            for outcome in _outcomes(jobs, done, progress):
                del left[outcome.video]
                yield outcome
        except BrokenProcessPool:
            clear_leftovers(left.values())
            return [video for video, was in zip(chosen, begun[:], strict=True) if was and video in left]
        except BaseException:
            kill_workers(pool)
            clear_leftovers(left.values())
            raise
    return None


def _outcomes(
    jobs: "set[Future[Outcome]]", done: "Synchronized[float]", progress: Callable[[float], object]
) -> Iterator[Outcome]:
    told = 0.0
    while jobs:
        finished, jobs = wait(jobs, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED)
        now = done.value
        progress(now - told)
        told = now
        failed = [job for job in finished if job.exception() is not None]
        yield from [job.result() for job in finished if job not in failed]
        for job in failed:
            job.result()


_extractor: Extractor | None = None
_done: "Synchronized[float] | None" = None
_begun: "SynchronizedArray[int] | None" = None


def _start(
    settings: Sequence[MakesExtractors],
    started: "Synchronized[int]",
    threads: int,
    done: "Synchronized[float]",
    begun: "SynchronizedArray[int]",
) -> None:
    global _extractor, _done, _begun  # a worker process loads the network once
    end_worker_with_parent()
    with started.get_lock():
        number, started.value = started.value, started.value + 1
    _extractor, _done, _begun = extractor_with(settings[number % len(settings)], threads), done, begun


def _job(place: int, video: Path, features: Path) -> Outcome:
    assert _extractor is not None
    assert _begun is not None
    _begun[place] = 1
    return extract_one(_extractor, video, features, _count)


def _count(videos: float) -> None:
    assert _done is not None
    with _done.get_lock():
        _done.value += videos
