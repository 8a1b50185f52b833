"""Rendered videos: small real video files whose timeline is known exactly, for the demo and for tests.

Articulated figures clap, jump, squat, walk and wave in rooms, seen by a hand-held camera with a noisy sensor. Between
their actions they fidget; balls and boxes pass, lights flicker, bystanders stand around. In every fourth video there
are two performers, whose actions overlap; every tenth has no action. All of this is
easier than real video: a result here says that the pipeline works, not how well it sees.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logotal.callbacks import Progress, silent
from logotal.demo.rendered.motion import ACTIONS
from logotal.demo.rendered.scene import FPS, film, random_scene
from logotal.demo.rendered.script import plan, truth
from logotal.demo.truth import write_truth
from logotal.endings import end_worker_with_parent, kill_workers, unheard
from logotal.timeline import Timeline
from logotal.video.writer import write_video

LABELS = tuple(ACTIONS)
TRAINING, VALIDATION = 36, 12
"""Videos of the demo's two splits."""
SHORTEST, LONGEST = 18, 26
"""Seconds of a video."""


class RenderedVideo(NamedTuple):
    """One video: its frames (H, W, 3) RGB, made as they are asked for, its true timeline and its frame rate."""

    frames: Iterator[NDArray[np.uint8]]
    truth: Timeline
    fps: int


def rendered_video(name: str, *, seed: int, index: int) -> RenderedVideo:
    """The video number `index` of the data set that `seed` makes."""
    generator, noise = (np.random.default_rng([seed, index, part]) for part in range(2))
    duration = int(generator.integers(SHORTEST * FPS, LONGEST * FPS)) / FPS
    performers = plan(generator, duration, performers=2 if index % 4 == 2 else 1, idle=index % 10 == 9)
    scene = random_scene(generator, duration)
    return RenderedVideo(film(scene, performers, noise), Timeline(name, truth(performers), duration), FPS)


def write_rendered_video(path: Path, *, seed: int, index: int) -> Timeline:
    """Writes the video number `index` into a file, which is named like the video, and returns its true timeline."""
    video = rendered_video(path.stem, seed=seed, index=index)
    write_video(path, video.frames, video.fps)
    return video.truth


def write_rendered(
    folder: Path,
    *,
    training: int = TRAINING,
    validation: int = VALIDATION,
    seed: int = 0,
    workers: int = 2,
    progress: Progress = silent,
) -> Path:
    """Writes `videos/*.mp4` and `annotations.json` for `training` and `validation` videos; returns the folder.

    The same seed makes the same frames and annotations.

    Args:
        folder: where to write; what is there of the same names is replaced.
        training: videos of the split `training`.
        validation: videos of the split `validation`, which come after them in the data set.
        seed: decides everything.
        workers: processes; with one, none is started.
        progress: callback(videos done, videos in all).
    """
    names = [f"training_{i:03d}" for i in range(training)] + [f"validation_{i:03d}" for i in range(validation)]
    jobs = [(folder / "videos" / f"{name}.mp4", seed, index) for index, name in enumerate(names)]
    timelines = []
    for timeline in _written(jobs, workers):
        timelines.append(timeline)
        progress(len(timelines), len(jobs))
    write_truth(folder, timelines, LABELS, fps=FPS, version=f"rendered, seed {seed}")
    return folder


Job = tuple[Path, int, int]


def _written(jobs: list[Job], workers: int) -> Iterator[Timeline]:
    if workers == 1 or len(jobs) < 2:
        yield from map(_write, jobs)
        return
    context = multiprocessing.get_context("spawn")  # a fork would take the threads of torch along, and hang
    with ProcessPoolExecutor(workers, context, initializer=end_worker_with_parent) as pool:
        try:
            with unheard():
                written = pool.map(_write, jobs)
            yield from written
        except BaseException:
            kill_workers(pool)
            raise


def _write(job: Job) -> Timeline:
    path, seed, index = job
    return write_rendered_video(path, seed=seed, index=index)
