"""`logotal demo`: makes a data set, trains LoGo on it, evaluates, and writes a page to look at."""

import shutil
import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from logotal.commands.console import note, out, training_progress
from logotal.errors import InputError

MARK = ".logotal-demo"


def demo(
    *, save: Annotated[Path, Parameter(alias="-o")] = Path("demo"), seed: int = 0, epochs: int | None = None
) -> None:
    """Show everything on made-up features, with nothing to download: about two minutes on a laptop CPU.

    Plants actions in synthetic features (no video is involved), trains LoGo on 60 of them, evaluates it on 20 others
    and writes a timeline page that shows what it found beside what was planted.

    Args:
        save: Folder for the data, the run and the page; an earlier demo there is replaced.
        seed: Decides the data and the training.
        epochs: Trains for so many epochs instead of the recipe's.
    """
    from logotal.commands.evaluate import evaluate  # noqa: PLC0415 - loaded when the command runs
    from logotal.data.annotations import read_annotations  # noqa: PLC0415
    from logotal.data.formats import read_timelines, write_timelines  # noqa: PLC0415
    from logotal.data.synthetic import write_synthetic  # noqa: PLC0415
    from logotal.recipes import read_recipe  # noqa: PLC0415
    from logotal.timeline import Timeline  # noqa: PLC0415
    from logotal.training.train import train  # noqa: PLC0415

    started = time.monotonic()
    _clear(save)
    out.print("1/4  planting actions in synthetic features: 60 videos to learn from, 20 to test on")
    data = write_synthetic(save / "data", seed=seed)
    out.print("2/4  training LoGo on them")
    overrides: dict[str, dict[str, object]] = {"data": {"features": data}, "training": {"seed": seed}}
    if epochs is not None:
        overrides["training"] |= {"epochs": epochs, "warmup_epochs": min(2, epochs)}
    with training_progress() as progress:
        train(read_recipe("synthetic", overrides), save / "run", progress=progress, say=note)
    out.print("3/4  evaluating on the videos it has not seen")
    evaluate(save / "run")
    out.print("4/4  writing the timelines")
    truth = read_annotations(data / "annotations.json")
    timelines = [timeline.above(0.1) for timeline in read_timelines(save / "run" / "detections.json")]
    truths = {video.id: Timeline(video.id, video.actions, video.duration) for video in truth.videos.values()}
    write_timelines(timelines, save / "report.html", truths=truths)
    out.print(f"done in {time.monotonic() - started:.0f} s; open {save / 'report.html'}", markup=False)
    out.print("The features are synthetic: these numbers show that everything works, not how well it sees.")


def _clear(folder: Path) -> None:
    """Removes an earlier demo, and nothing else."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise InputError(f"{folder}: is not empty and no earlier demo; choose another folder with --save")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
