"""Which processes train together: on how many machines, on how many devices of each, and whether this one writes.

torchrun and srun start processes and say so in their environment; without them Lightning starts those of a machine
itself. Their sizes and the settings must agree: processes that do not know of each other would train as many models.
"""

import os
from dataclasses import dataclass
from typing import Literal

from logotal.config import TrainingConfig
from logotal.device import count_devices
from logotal.errors import InputError

Launcher = Literal["torchrun", "SLURM", "Lightning"]

RANKS = {"torchrun": ("RANK",), "SLURM": ("SLURM_PROCID",), "Lightning": ("NODE_RANK", "LOCAL_RANK")}
"""The numbers that are all 0 in the first process."""

OPTIONS = {"torchrun": ("--nnodes", "--nproc-per-node"), "SLURM": ("--nodes", "--ntasks-per-node")}
"""How a launcher is told the number of machines, and of processes on each."""


@dataclass(frozen=True)
class World:
    """Sizes of a training: machines, devices of each, which have a process each, and what kind of device."""

    nodes: int
    devices: int
    accelerator: str

    @property
    def size(self) -> int:
        """How many processes there are in all."""
        return self.nodes * self.devices


def launcher() -> Launcher:
    """What started this process; a lone task of SLURM, or a batch script without srun, starts others by Lightning."""
    if "TORCHELASTIC_RUN_ID" in os.environ:
        return "torchrun"
    return "SLURM" if "SLURM_STEP_ID" in os.environ and _number("SLURM_NTASKS") > 1 else "Lightning"


def first_process() -> bool:
    """Whether this is the process that writes, of all that train together."""
    return all(_number(name, 0) == 0 for name in RANKS[launcher()])


def launched() -> bool:
    """Whether another process of this machine started this one to train with it, and stays to end it."""
    return launcher() == "torchrun" or (launcher() == "Lightning" and _number("LOCAL_RANK", 0) > 0)


def processes() -> int:
    """How many train together with this one now."""
    import torch.distributed  # noqa: PLC0415 - a help text needs none

    together = torch.distributed.is_available() and torch.distributed.is_initialized()
    return torch.distributed.get_world_size() if together else 1


def find_world(training: TrainingConfig) -> World:
    """The sizes of a training, from its launcher and its settings.

    Raises:
        InputError: they disagree, this machine lacks such devices, or they cannot share a batch evenly.
    """
    kind, most = _accelerator(training.accelerator)
    by = launcher()
    if by == "Lightning":
        nodes, devices = _settled(training)
    else:
        nodes, devices = _started() if by == "torchrun" else _started_by_slurm()
        for name, wanted, found, option in (
            ("nodes", training.nodes, nodes, OPTIONS[by][0]),
            ("devices", training.devices, devices, OPTIONS[by][1]),
        ):
            if wanted not in ("auto", found):
                raise InputError(
                    f"training.{name} is {wanted}, and {by} was told {option} {found}; give --training.{name} auto, "
                    f"which takes that number, or {option} {wanted}"
                )
    if most is not None and devices > most:
        raise InputError(
            f"{devices} devices are to train on each machine, and PyTorch finds {most} here; give --training.devices "
            f"{most}{f' and {OPTIONS[by][1]} {most}' if by != 'Lightning' else ''}, or --training.accelerator cpu"
        )
    size = nodes * devices
    if training.batch_size % size:
        raise InputError(
            f"training.batch_size is {training.batch_size}, the videos of a step on all devices together, which "
            f"{size} devices cannot share evenly; give --training.batch_size {-(-training.batch_size // size) * size}, "
            "or train on fewer devices"
        )
    return World(nodes, devices, kind)


def check_lone(training: TrainingConfig) -> None:
    """Makes sure that a training, among others of a program, has one device.

    Raises:
        InputError: it has more.
    """
    if (size := find_world(training).size) > 1:
        raise InputError(
            f"each of several trainings has one device, found {size}; give --training.devices 1, and start it without "
            "torchrun and srun"
        )


def _accelerator(wanted: str) -> tuple[str, int | None]:
    """The kind of device, and how many of it there are; a CPU has any number of processes."""
    if wanted != "cpu":
        for kind in ("cuda", "mps"):
            if count := count_devices(kind):
                return kind, count
    if wanted == "gpu":
        raise InputError(
            "training.accelerator is gpu, and PyTorch finds none here; give --training.accelerator cpu, or install "
            "the driver and the build of PyTorch for it"
        )
    return "cpu", None


def _settled(training: TrainingConfig) -> tuple[int, int]:
    """Machines, and devices of each, where settings alone say it."""
    nodes = 1 if training.nodes == "auto" else training.nodes
    missing = [name for name in ("NODE_RANK", "MASTER_ADDR", "MASTER_PORT") if name not in os.environ]
    if nodes > 1 and missing:
        raise InputError(
            f"training.nodes is {nodes}, and nothing says which machine this is ({', '.join(missing)} not set); start "
            "it on each with torchrun or srun"
        )
    devices = 1 if training.devices == "auto" else training.devices  # more would begin this program anew, unasked
    size, local, node = nodes * devices, _number("LOCAL_RANK", 0), _number("NODE_RANK", 0)
    if _number("WORLD_SIZE", size) != size or local >= devices or node >= nodes:
        found = [
            f"{name} {os.environ[name]}" for name in ("WORLD_SIZE", "LOCAL_RANK", "NODE_RANK") if name in os.environ
        ]
        raise InputError(
            f"the environment says {', '.join(found)}, and the settings training.nodes {nodes}, training.devices "
            f"{devices}; start it with torchrun or srun, or unset these variables"
        )
    return nodes, devices


def _started() -> tuple[int, int]:
    """Machines, and processes on each, that torchrun started."""
    nodes, devices, size = map(_number, ("GROUP_WORLD_SIZE", "LOCAL_WORLD_SIZE", "WORLD_SIZE"))
    if nodes * devices != size:
        raise InputError(
            f"torchrun started {size} processes on {nodes} machines, {devices} of them on this one; give it the same "
            "--nproc-per-node on each"
        )
    return nodes, devices


def _started_by_slurm() -> tuple[int, int]:
    """Machines, and processes on each, that srun started."""
    if "SLURM_NTASKS_PER_NODE" not in os.environ:
        raise InputError(
            f"SLURM started {_number('SLURM_NTASKS')} tasks and does not say how many on each machine; give it "
            "--nodes and --ntasks-per-node instead of --ntasks"
        )
    nodes, devices, size = map(_number, ("SLURM_NNODES", "SLURM_NTASKS_PER_NODE", "SLURM_NTASKS"))
    if nodes * devices != size:
        raise InputError(
            f"SLURM started {size} tasks, and was told --nodes {nodes} --ntasks-per-node {devices}; give it these two "
            "without --ntasks"
        )
    return nodes, devices


def _number(name: str, default: int = 1) -> int:
    """A variable of the environment."""
    try:
        return int(os.environ.get(name, default))
    except ValueError as error:
        raise InputError(f"{name} is {os.environ[name]!r}, expected a whole number; unset it") from error
