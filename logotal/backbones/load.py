"""A backbone with its weights, ready to turn clips into features."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from logotal.backbones.backbone import Backbone, Location, find_backbone, lies_elsewhere
from logotal.backbones.download import downloaded, is_address
from logotal.backbones.fusing import fused as fuse
from logotal.backbones.state import hash_state
from logotal.backbones.weights import find_weights
from logotal.errors import InputError, did_you_mean


@dataclasses.dataclass(frozen=True)
class LoadedBackbone:
    """A backbone, its network in evaluation mode, and the hash of the network's weights."""

    backbone: Backbone
    network: nn.Module
    weights_hash: str

    @torch.inference_mode()
    def features(self, *clips: Float[Tensor, "B K _ T S S"]) -> Float[Tensor, "B C"]:
        """Features of clips, mean over their K crops.

        Args:
            clips: one tensor per stream, in the order of `backbone.streams`.
        """
        if len(clips) != len(self.backbone.streams):
            raise ValueError(f"{self.backbone.name} reads {self.backbone.streams}, found {len(clips)} tensors")
        crops = clips[0].shape[1]
        features: Tensor = self.network.features(*(stream.flatten(0, 1) for stream in clips))  # type: ignore[operator]
        return features.view(-1, crops, features.shape[1]).mean(dim=1)


def load_backbone(
    name: str,
    weights: Location | Mapping[str, Location] | None = None,
    *,
    fused: bool = True,
    changes: Mapping[str, Any] | None = None,
) -> LoadedBackbone:
    """The backbone of that name with its weights, on the CPU.

    Args:
        name: a key of `BACKBONES`, or `image:LOCATION` or `video:LOCATION`.
        weights: a file (or folder, or hub id, or URL with its hash, see `downloaded`); by stream where there are two.
            What is not given is looked for among the weights that `logotal weights` fetched.
        fused: whether normalizations are folded into convolutions, in networks of our own.
        changes: fields of the backbone that are to differ.

    Raises:
        InputError: no such backbone, no weights, or they do not fit, the backbone or its changes.
    """
    ours = not lies_elsewhere(name)
    if ours:
        backbone = find_backbone(name)
        places = [downloaded(str(each)) if is_address(each) else each for each in _locations(backbone, weights)]
    else:
        backbone = find_backbone(name, weights.get("rgb") if isinstance(weights, Mapping) else weights)
        places = []
    backbone = dataclasses.replace(backbone, **(changes or {}))
    network = backbone.build(*places).eval().requires_grad_(False)
    weights_hash = hash_state(network.state_dict())
    if not ours:
        backbone = dataclasses.replace(backbone, channels=_tried(network, backbone))
    return LoadedBackbone(backbone, fuse(network) if fused and ours else network, weights_hash)


def untrained_backbone(backbone: Backbone) -> LoadedBackbone:
    """A backbone of our own with random weights: to see what it costs, before its weights are at hand."""
    network = backbone.build(*(None for _ in backbone.streams)).requires_grad_(False)
    return LoadedBackbone(backbone, fuse(network), weights_hash="")


@torch.inference_mode()
def _tried(network: nn.Module, backbone: Backbone) -> int:
    """Channels of what the network gives of a clip; no other way tells whether it reads clips as they will be cut."""
    if not (backbone.mean and backbone.std):
        raise InputError(
            f"{backbone.name}: its files do not say how frames are normalized; name --mean and --std as it was trained "
            "with, as --mean 0.485 0.456 0.406 --std 0.229 0.224 0.225 for ImageNet's"
        )
    clip = torch.zeros(1, 3, backbone.clip_frames, backbone.crop_size, backbone.crop_size)
    shown = f"{backbone.clip_frames} frames of {backbone.crop_size} x {backbone.crop_size} pixels"
    try:
        features: Tensor = network.features(clip)  # type: ignore[operator]
    except Exception as error:  # whatever a network of others raises
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{backbone.name}: cannot read {shown} ({reason}); leave out or change clips and sizes"
        ) from error
    if features.ndim != 2 or len(features) != 1:
        found = tuple(features.shape)
        raise InputError(f"{backbone.name}: expected one vector for {shown}, found {found}; export its features")
    return features.shape[1]


def _locations(backbone: Backbone, weights: Location | Mapping[str, Location] | None) -> list[Location]:
    if weights is not None and not isinstance(weights, Mapping):
        if len(backbone.streams) > 1:
            named = " and ".join(f"{stream}=FILE" for stream in backbone.streams)
            raise InputError(f"{backbone.name} has {len(backbone.streams)} streams; name weights as {named}")
        return [weights]
    given = weights or {}
    for stream in given:
        if stream not in backbone.streams:
            raise InputError(f"{backbone.name} has no stream {stream!r}; {did_you_mean(stream, backbone.streams)}")
    pairs = zip(backbone.streams, backbone.weights, strict=True)
    return [given[stream] if stream in given else find_weights(name) for stream, name in pairs]
