"""What computes a backbone's network: torch, or on a CPU another runtime that makes the same features in less time."""

from dataclasses import replace

from logotal.backbones.backbone import lies_elsewhere
from logotal.backbones.load import LoadedBackbone
from logotal.errors import InputError, did_you_mean

RUNTIMES = ("torch", "openvino")


def run_elsewhere(loaded: LoadedBackbone, runtime: str, arithmetic: str, device: str) -> LoadedBackbone:
    """The backbone as another runtime than torch computes it.

    Raises:
        InputError: there is no such runtime, it is not installed, or it is not for this backbone, clips or device.
    """
    if runtime not in RUNTIMES:
        raise InputError(f"no runtime {runtime!r}; {did_you_mean(runtime, RUNTIMES)}")
    backbone = loaded.backbone
    if lies_elsewhere(backbone.name):
        raise InputError(f"runtime {runtime}: expected a network of logotal's own, found {backbone.name}; take torch")
    if backbone.clips == "dense":
        raise InputError(
            f"runtime {runtime}: expected overlapping clips, found dense; take torch, which is faster there"
        )
    if device != "cpu":
        raise InputError(f"runtime {runtime}: expected the device cpu, found {device}; add --device cpu, or take torch")
    from logotal.backbones.openvino import OpenVinoNetwork  # noqa: PLC0415 - an extra

    return replace(loaded, network=OpenVinoNetwork(loaded.network, arithmetic))
