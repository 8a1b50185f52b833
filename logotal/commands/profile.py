"""`logotal profile`: what a network costs in parameters, multiply-accumulates, memory and time."""

from typing import Annotated

from cyclopts import Parameter

from logotal.commands.console import note, out, table
from logotal.commands.settings import given
from logotal.config import ModelConfig
from logotal.errors import InputError
from logotal.ranges import check_range
from logotal.recipes import read_recipe

HEADINGS = {
    "embedding": "embed",
    "encoder": "blocks",
    "fusion": "fusion",
    "classification": "class",
    "regression": "bounds",
}
"""The parts of a network, in words that fit a terminal."""


def profile(
    recipe: str = "thumos14",
    *,
    preset: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    length: Annotated[tuple[int, ...], Parameter(negative="")] = (2304,),
    labels: int = 20,
    repetitions: int = 5,
    device: str = "cpu",
    model: ModelConfig | None = None,
) -> None:
    """Print parameters, GMACs per part, memory and latency of networks, side by side.

    Args:
        recipe: Name of a recipe that ships, or a .yaml file.
        preset: Networks to show beside the recipe's own: actionformer, tridet, temporalmaxer, logo-paper, logo-light,
            logo-lean, logo-pair, linear; each with its own --preset.
        length: Grid steps of the video; several with a --length each.
        labels: Labels of the data set.
        repetitions: Timed passes of each network; they take turns, and the median is shown.
        device: cpu, cuda, ...
        model: The network; applies to all that are shown.
    """
    from logotal.device import find_device  # noqa: PLC0415 - torch is loaded only now
    from logotal.model.profile import profiles  # noqa: PLC0415 - torch is loaded only now

    find_device(device)
    for steps in length:
        check_range("--length", steps, least=1)
    check_range("--labels", labels, least=1)
    check_range("--repetitions", repetitions, least=0)
    chosen = {name or recipe: read_recipe(recipe, given(model=model), preset=name).model for name in (None, *preset)}
    for name, config in chosen.items():
        if config.input_channels is None:
            raise InputError(f"{name}: how many channels the features have is not set; add --model.input-channels")
    for steps in length:
        found = profiles(chosen, num_labels=labels, length=steps, repetitions=repetitions, device=device)
        rows = [["", "params", "GMACs", *HEADINGS.values(), "MiB", "ms"]]
        for name, each in found.items():
            by_part = (_giga(each.parts[part].macs) if part in each.parts else "-" for part in HEADINGS)
            memory = f"{each.activation_bytes / 2**20:.0f}"
            time = f"{each.milliseconds:.0f}" if repetitions else "-"
            rows.append([name, f"{each.parameters / 1e6:.2f} M", _giga(each.macs), *by_part, memory, time])
        out.print(
            f"{steps} steps of {next(iter(chosen.values())).input_channels} channels, {labels} labels:", markup=False
        )
        out.print(table(rows))
    note("GMACs: convolutions, linear layers and attention; MiB: most that tensors on the way held at one time")


def _giga(macs: int) -> str:
    return f"{macs / 1e9:.2f}"
