"""`logotal import`: features and poses that others made, to a folder of features."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import logotal
from logotal.commands.console import note, progress_bar
from logotal.words import amount

Words = Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="", show_default=False)]
Paths = Annotated[tuple[Path, ...], Parameter(consume_multiple=True, negative="", show_default=False)]
Flag = Annotated[bool, Parameter(negative="")]


def import_(
    *files: Path,
    out: Annotated[Path, Parameter(alias="-o")],
    key: str | None = None,
    layout: str | None = None,
    join: Flag = False,
    fps: float | None = None,
    stride: int | None = None,
    window: int | None = None,
    videos: Paths = (),
    annotations: Path | None = None,
    coordinates: str | None = None,
    likelihood: float | None = None,
    individuals: Words = (),
    apart: Flag = False,
    overwrite: Flag = False,
) -> None:
    """Bring features or poses that others made into a folder that training and detection take.

    Reads .npy, .npz, .h5, .pt and tables, and the poses of DeepLabCut, SLEAP and MediaPipe: docs/features.md.

    Args:
        files: Files of features, or folders of them.
        out: Folder for the features: a .npy and a .json per video, and features.json with the grid of all.
        key: Which array of a file of several; '*' where each is a video.
        layout: TC or CT: which axis is time, where the files do not show it.
        join: Each of the files or folders is a stream (rgb, flow); those of a video are joined along the channels.
        fps: Frame rate in which stride and window count; that of each video if absent.
        stride: Frames between steps; measured by the durations if absent.
        window: Frames that a step sees; as many as the stride if absent.
        videos: Video files, or folders of them, whose names and durations count.
        annotations: ActivityNet JSON, or a project folder (`logotal init`), whose names and durations count.
        coordinates: xy, xyz, xys or xyzs where numbers are points of a body (s: how sure); none where they are not.
        likelihood: How sure a point has to be; 0.6 for DeepLabCut, 0.5 for MediaPipe, 0 for SLEAP if absent.
        individuals: The bodies that are taken, in this order; all if absent.
        apart: A file for each body, VIDEO__BODY.npy; otherwise bodies are joined along the channels.
        overwrite: Files in the folder may be written over.
    """
    with progress_bar("importing") as progress:
        found = logotal.import_features(
            files,
            out,
            key=key,
            layout=layout,
            join=join,
            fps=fps,
            stride=stride,
            window=window,
            videos=videos,
            annotations=annotations,
            coordinates=coordinates,
            likelihood=likelihood,
            individuals=individuals,
            apart=apart,
            overwrite=overwrite,
            say=note,
            progress=progress,
        )
    note(f"{amount(len(found.steps), 'file')} of {amount(found.channels, 'channel')} in {found.folder}")
    note(f"in the recipe: {found.settings()}")
