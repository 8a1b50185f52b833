"""Compiles networks in a process of its own: the checks of shapes that tests run under cannot be compiled."""

import sys

import torch

from tests.model.cases import MIXER_NAMES, padded, random_clip, random_detector

NETWORKS = {
    **{mixer: {"mixer": mixer, "head": "clff"} for mixer in MIXER_NAMES},
    "attention beside the convolution": {"logo": {"local": "both"}, "layout": "tridet"},
    "halved by the mixer": {"mixer": "attention", "layout": "actionformer", "head": "light"},
    "as published": {"compat": 64, "mixer": "sgp", "layout": "tridet", "head": "trident"},
}


@torch.no_grad()
def difference(name: str) -> float:
    """By how much the logits move when the network is taken as one graph; no code is generated, which takes long."""
    detector = random_detector(**NETWORKS[name])
    given = padded([random_clip(40), random_clip(33)], 48)
    compiled = torch.compile(detector, fullgraph=True, backend="eager")(*given)
    return (compiled.logits - detector(*given).logits).abs().max().item()


if __name__ == "__main__":
    print(difference(sys.argv[1]))
