"""`logotal convert`: a checkpoint of ActionFormer, TriDet or TemporalMaxer becomes a run folder."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from logotal.commands.console import note


def convert(
    checkpoint: Path,
    *,
    origin: Annotated[str, Parameter(name="--from")],
    settings: Path,
    annotations: Path,
    out: Annotated[Path, Parameter(alias="-o")],
    features: Path | None = None,
    protocol: str = "generic",
    raw: bool = False,
    padding: Literal["published", "none"] = "published",
) -> None:
    """Read a published checkpoint with its YAML into a run folder that detect and evaluate work on.

    Args:
        checkpoint: Their file (.pth.tar, .pth), which is read as tensors alone.
        origin: actionformer, tridet or temporalmaxer.
        settings: The YAML that it was trained with, from their folder configs.
        annotations: The data set's annotations, which hold the labels and their order.
        out: The run folder.
        features: Where the run finds features; `logotal evaluate --features` names them later as well.
        protocol: By which the run is evaluated: thumos14, activitynet13, ...
        raw: Take the last weights, not the averaged ones.
        padding: Their answers depend on how far a video is padded; none: padding changes nothing, the steps near the
            ends of videos answer a little differently than published, and the run can be exported.
    """
    from logotal.convert.checkpoint import convert_checkpoint  # noqa: PLC0415 - loaded when the command runs

    run = convert_checkpoint(
        checkpoint,
        settings,
        out,
        origin=origin,
        annotations=annotations,
        features=features,
        protocol=protocol,
        raw=raw,
        padding=padding,
    )
    note(f"converted: {run.folder}")
    note(f"now: logotal detect FEATURES --model {run.folder}, or logotal evaluate {run.folder}")
