"""A backbone small enough to test extraction with: features are means and contrasts of what the clip shows."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from logotal.backbones.backbone import Backbone, find_backbone
from logotal.backbones.load import LoadedBackbone
from logotal.extraction.extractor import Extractor


class Means(nn.Module):
    """Mean color of every frame of a clip (B, 3, T, S, S): (B, 3 T)."""

    channels = 48

    def features(self, clips: Tensor) -> Tensor:
        return clips.mean(dim=(3, 4)).flatten(1)


class TwoMeans(nn.Module):
    """The same of frames and of flow: (B, 5 T), frames first."""

    channels = 80

    def features(self, rgb: Tensor, flow: Tensor) -> Tensor:
        return torch.cat([rgb.mean(dim=(3, 4)).flatten(1), flow.mean(dim=(3, 4)).flatten(1)], dim=1)


def tiny_backbone(**changes: object) -> Backbone:
    settings = {"name": "means", "channels": 48, "resize": 32, "crop_size": 28, "build": Means, "dense_stride": None}
    settings |= changes
    return replace(find_backbone("i3d-rgb"), **settings)  # type: ignore[arg-type]


def tiny_extractor(batch_size: int = 3, **changes: object) -> Extractor:
    loaded = LoadedBackbone(tiny_backbone(**changes), Means(), "hash of means")
    return Extractor(loaded, "cpu", torch.float32, batch_size)


def two_stream_backbone(**changes: object) -> Backbone:
    settings = {"name": "two-means", "channels": 80, "streams": ("rgb", "flow"), "weights": ("means", "means")}
    return tiny_backbone(**settings | {"build": TwoMeans} | changes)


def two_stream_extractor(flow: str = "dis", batch_size: int = 3, **changes: object) -> Extractor:
    loaded = LoadedBackbone(two_stream_backbone(**changes), TwoMeans(), "hash of two means")
    return Extractor(loaded, "cpu", torch.float32, batch_size, flow)
