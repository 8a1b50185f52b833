"""Detection and training on a GPU, beside our presets of the rivals run the published way.

python -m benchmarks.gpu                                      some minutes; writes docs/performance-gpu.md
python -m benchmarks.gpu --device cpu --quick --out page.md   small stand-ins on the host, to see that it works

The contest is that of `benchmarks.run`: a process each, in turns.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from benchmarks.contest import ROOT, Contestant, Work
from benchmarks.contestants import OUR_ACTIONFORMER, TRIDET, ours
from benchmarks.counting import counted
from benchmarks.goals import Goal
from benchmarks.machine import describe
from benchmarks.measures import median
from benchmarks.ours import WAYS
from benchmarks.page import contest, goal_rows, limits, table
from benchmarks.roofline import Works, floor, one
from benchmarks.run import held
from benchmarks.sentences import GPU, QUICK

PRECISIONS = ("fp32", "tf32", "bf16")
RIVALS = {TRIDET: "tridet", OUR_ACTIONFORMER: "actionformer"}


def works(device: str, *, quick: bool) -> Iterator[Work]:
    """The limits of the device, forward passes, detections and training steps."""
    length, batch, repetitions = (64, 2, 1) if quick else (2304, 8, 10)
    yield Work("limits", "the device", list(_limits(device, quick=quick)), repetitions)
    ways = () if quick else tuple(WAYS)
    videos = {"batch": batch, "length": length}
    title = f"{batch} videos of {length:,} steps on the device"
    forward = counted(_contestants("forward", ways, device=device, **videos), [length] * batch)
    yield Work("forward", title, list(forward), repetitions)
    title = f"{length:,} steps in the host's memory"
    detect = counted(_contestants("detect", device=device, length=length), [length])
    yield Work("detect", title, list(detect), repetitions)
    title = f"one step, 2 windows of {length:,}"
    train = counted(_contestants("train", device=device, batches=[[length, length]]), [length] * 2, training=True)
    yield Work("train", title, list(train), repetitions)


def _limits(device: str, *, quick: bool) -> Iterator[Contestant]:
    sizes: Mapping[str, Mapping[str, int]] = {"convolve": {"length": 8 * 4541}, "multiply": {"size": 8192}}
    small: Mapping[str, Mapping[str, int]] = {"convolve": {"length": 64}, "multiply": {"size": 64}}
    for job, size in (small if quick else sizes).items():
        for precision in PRECISIONS:
            yield Contestant(f"{job} {precision}", "limits", job, {"device": device, "precision": precision, **size})
    yield Contestant("copy", "limits", "copy", {"device": device, "size": 2**20 if quick else 2**32})


def _contestants(job: str, ways: tuple[str, ...] = (), **options: Any) -> Iterator[Contestant]:
    for precision in PRECISIONS:
        yield ours(f"logotal {precision}", job, precision=precision, **options)
        for way in ways:
            yield ours(f"logotal {precision}, {way}", job, precision=precision, way=way, **options)
    for name, preset in RIVALS.items():
        for precision in ("fp32", "tf32"):
            shown = name if precision == "fp32" else f"{name} but {precision}"
            yield ours(shown, job, precision=precision, preset=preset, published=True, **options)


def share(name: str) -> Callable[[Works], float]:
    """Which part of the device's highest rate a forward pass reaches."""
    return lambda found: floor(found, "forward", name) / median(one(found, "forward", name))


GOALS = tuple(
    Goal(f"forward pass, {name}: 60 % of the device's highest rate", share(name), 0.6, lambda value: f"{value:.0%}")
    for name in (f"logotal {precision}, {way}" for precision in PRECISIONS for way in WAYS)
)


def page(machine: Mapping[str, str], found: Works, *, quick: bool) -> Iterator[str]:
    """The lines of the page."""
    yield from ("# Performance on a GPU", "", GPU.strip(), "")
    if quick:
        yield from (QUICK, "")
    yield from table(("machine", ""), list(machine.items()))
    yield from ("", "## Goals", "")
    yield from table(("goal", "measured", "met"), goal_rows(found, GOALS))
    for name, title in (("forward", "Forward pass"), ("detect", "Detection"), ("train", "Training")):
        yield from ("", f"## {title}", "")
        yield from contest({name: found[name]}, list(RIVALS))
    yield from ("", "## Limits of the device", "")
    yield from limits(found)


def main() -> None:
    """Measures and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--quick", action="store_true", help="small stand-ins, once")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "performance-gpu.md")
    arguments = parser.parse_args()
    machine = describe()
    if arguments.device.startswith("cuda"):
        if not torch.cuda.is_available():
            parser.error("no GPU that this torch can use; --device cpu --quick tries the benchmark on the host")
        machine = {"GPU": torch.cuda.get_device_name(), "CUDA": str(torch.version.cuda), **machine}
    found: dict[str, Any] = {}
    for work in works(arguments.device, quick=arguments.quick):
        found[work.name] = held(work, work.name)
    arguments.out.write_text("\n".join(page(machine, found, quick=arguments.quick)) + "\n")
    print(f"wrote {arguments.out}")


if __name__ == "__main__":
    main()
