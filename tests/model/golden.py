"""What the published code computed on small random weights, as tensors, and its weights in our modules."""

import json
from typing import Any

import numpy as np
import torch
from torch import Tensor

from logotal.config import ModelConfig
from logotal.model.layers import Trunk
from tests.shared import shared

NAMES = ("actionformer", "actionformer_anet", "temporalmaxer", "tridet", "tridet_anet")
TRIDENT = ("tridet", "tridet_anet")
LEVELS = 6

Arrays = dict[str, Tensor]


def golden(name: str) -> tuple[Arrays, dict[str, Any]]:
    """The tensors by name, and the configuration with the published names of the keys."""
    with np.load(shared(f"golden/{name}.npz")) as file:
        arrays = {key: torch.from_numpy(file[key]) for key in file}
    return arrays, json.loads(shared(f"golden/{name}.json").read_text())


def levels(arrays: Arrays, key: str) -> list[Tensor]:
    """All levels of one output, each (1, C, T_l)."""
    return [arrays[f"{key}/level{level}"][None] for level in range(LEVELS)]


def masks(arrays: Arrays) -> list[Tensor]:
    """All true: nothing was padded."""
    return [torch.ones_like(level[:, :1], dtype=torch.bool) for level in levels(arrays, "cls_logits")]


def model_config(name: str, configuration: dict[str, Any]) -> ModelConfig:
    """Our heads of that shape."""
    published = configuration["model"]
    return ModelConfig(
        width=published["fpn_dim"],
        head_width=published["head_dim"],
        levels=LEVELS,
        head="trident" if name in TRIDENT else "light",
        bins=published.get("num_bins", 16),
    )


def load_trunk(trunk: Trunk, arrays: Arrays, head: str, last: str) -> None:
    """Fills a trunk with the weights of a published head, whose last layer has the name `last`; all must be used."""
    theirs = {
        key.removeprefix(f"weights/{head}."): w for key, w in arrays.items() if key.startswith(f"weights/{head}.")
    }
    renamed = {}
    for ours, weight in trunk.state_dict().items():
        group, _, rest = ours.partition(".")
        name = {"convs": f"head.{rest}", "norms": f"norm.{rest}".replace(".norm.", "."), "last": f"{last}.{rest}"}[
            group
        ]
        renamed[ours] = theirs.pop(name).reshape(weight.shape)
    assert all(name.startswith("scale.") for name in theirs), theirs.keys()
    trunk.load_state_dict(renamed)


def level_scales(arrays: Arrays) -> Tensor:
    """The learned scale of each level of the regression head (6,)."""
    return torch.stack([arrays[f"weights/reg_head.scale.{level}.scale"] for level in range(LEVELS)])
