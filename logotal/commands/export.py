"""`logotal export`: a run as one file for other runtimes."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from logotal.commands.console import err, note
from logotal.places import run_folder


def export(
    run: str,
    *,
    to: str = "onnx",
    out: Annotated[Path | None, Parameter(alias="-o")] = None,
    overwrite: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Write a trained model as one file that takes features of any length, and say how exactly it answers.

    `logotal detect --model FILE.onnx` then needs onnxruntime and NumPy only.

    Args:
        run: A run folder, or OWNER/NAME on the Hugging Face hub.
        to: onnx (extra onnx), or pt2, PyTorch's exported program.
        out: The file; model.onnx or model.pt2 in the run folder if absent, for a run on the hub in the current one.
        overwrite: Let --out replace a file that is no exported model; a copy of it stays.
    """
    from logotal.export.export import export as write  # noqa: PLC0415 - torch is loaded only now

    target = out or (run_folder(run) if Path(run).is_dir() else Path()) / f"model.{to}"
    with err.status(f"exporting {run} ..."):
        difference = write(run, target, to, overwrite=overwrite)
    note(f"exported: {target} (its outputs differ from ours by {difference:.0e} of the largest)")
