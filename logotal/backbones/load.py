"""A backbone with its weights, ready to turn clips into features."""

import dataclasses
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from logotal.backbones.backbone import Backbone, Location, find_backbone
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
    name: str, weights: Location | Mapping[str, Location] | None = None, *, fused: bool = True
) -> LoadedBackbone:
    """The backbone of that name with its weights, on the CPU.

    Args:
        name: a key of `BACKBONES`.
        weights: a file (or folder, or hub id, or URL with its hash, see `downloaded`); by stream where there are two.
            What is not given is looked for among the weights that `logotal weights` fetched.
        fused: whether normalizations are folded into convolutions.

    Raises:
        InputError: no such backbone, no weights, or they do not fit.
    """
    backbone = find_backbone(name)
    locations = [downloaded(str(each)) if is_address(each) else each for each in _locations(backbone, weights)]
    network = backbone.build(*locations).eval().requires_grad_(False)
    weights_hash = hash_state(network.state_dict())
    backbone = dataclasses.replace(backbone, channels=int(network.channels))  # type: ignore[arg-type]
    return LoadedBackbone(backbone, fuse(network) if fused else network, weights_hash)


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
