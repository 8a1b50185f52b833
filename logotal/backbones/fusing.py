"""Normalizations folded into the convolutions before them: the same numbers with fewer passes over memory."""

import copy
from itertools import pairwise
from typing import TypeVar

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Network = TypeVar("Network", bound=nn.Module)


def fused(network: Network) -> Network:
    """A copy of the network, for evaluation, with every normalization folded into its convolution.

    Our convolutional backbones register a normalization right behind the convolution whose output it reads.
    """
    network = copy.deepcopy(network).eval()
    leaves = [(name, module) for name, module in network.named_modules() if not any(module.children())]
    for (name, first), (next_name, second) in pairwise(leaves):
        if isinstance(first, nn.Conv2d | nn.Conv3d) and isinstance(second, nn.BatchNorm2d | nn.BatchNorm3d):
            network.set_submodule(name, fuse_conv_bn_eval(first, second))
            network.set_submodule(next_name, nn.Identity())
    return network
