"""A network computes where its features lie: nothing on the way stays on the host.

No accelerator is needed to see it: PyTorch's `meta` device refuses, as any other, to mix with tensors of the host, and
has no values, so that an accelerator would not have to be waited for either. Nor is anything computed in 64-bit
numbers, which Apple's GPUs lack.
"""

import pytest
import torch

from logotal.model.detector import build_detector
from tests.accelerator import Accelerator
from tests.model.cases import CHANNELS, HEAD_NAMES, LABELS, LAYOUTS, MIXER_NAMES, small
from tests.model.test_padding import OPTIONS

PYRAMIDS = {
    "as published": {"compat": 64},
    "halved by the mixer": {"mixer": "attention", "layout": "actionformer"},
    "halved by the mixer, as published": {"mixer": "attention", "layout": "actionformer", "compat": 64},
    **OPTIONS,
}


def computes_elsewhere(**changes: object) -> None:
    """Fails if a forward pass, its boundaries or its gradient touch the host."""
    detector = build_detector(small(**changes), num_labels=LABELS).to("meta")
    features, real = torch.empty(2, CHANNELS, 21, device="meta"), torch.ones(2, 1, 21, dtype=torch.bool, device="meta")
    for gradient in (False, True):
        with torch.set_grad_enabled(gradient), Accelerator():
            predictions = detector(features, real)
            index = torch.zeros(5, dtype=torch.long, device="meta")
            offsets = predictions.boundaries.offsets(index, index, index)
        points = predictions.points
        for tensor in (predictions.logits, predictions.mask, offsets, points.time, points.stride):
            assert tensor.device.type == "meta"
    (predictions.logits.sum() + offsets.sum()).backward()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("head", HEAD_NAMES)
@pytest.mark.parametrize("mixer", MIXER_NAMES)
def test_every_network_computes_where_its_features_lie(mixer, head, layout):
    computes_elsewhere(mixer=mixer, head=head, layout=layout)


@pytest.mark.parametrize("option", PYRAMIDS)
def test_every_option_computes_where_its_features_lie(option):
    computes_elsewhere(**PYRAMIDS[option])


def test_the_device_of_the_host_does_not_mix_with_another():
    with pytest.raises(RuntimeError, match="device"):
        torch.ones(3) + torch.ones(3, device="meta")
