"""Law 1: padding and batching change nothing."""

import pytest
import torch

from logotal.model.detector import Detector
from tests.model.cases import HEAD_NAMES, LAYOUTS, MIXER_NAMES, padded, random_clip, random_detector, real_outputs

LENGTHS = (26, 1, 3, 9)  # all but the first shorter than 2**levels
PADDINGS = (0, 1, 6, 33)

OPTIONS = {
    "windowed pooling": {"logo": {"pool_window": 5}},
    "wide windowed pooling": {"logo": {"pool_window": 41}},
    "gates that never shut": {"logo": {"gate": "softplus"}},
    "a scale per channel for each FC": {"logo": {"fc": "per_channel"}},
    "attention as the local branch": {"logo": {"local": "attention"}, "attention": {"window": 5}},
    "attention beside the convolution": {"logo": {"local": "both", "pool_window": 9}},
    "kernels that widen": {"logo": {"kernel": (3, 5, 7)}},
    "an attention wider than the clips": {"mixer": "attention", "attention": {"window": 31, "heads": 4}},
    "an attention to oneself": {"mixer": "attention", "attention": {"window": 1, "heads": 1}},
    "fusion by average": {"fusion": {"down": "avg"}},
    "fusion by convolution": {"fusion": {"down": "conv"}},
    "fusion for all branches": {"fusion": {"branches": "all", "weights": "per_level"}},
    "one class for all labels": {"class_agnostic": True},
    "positions": {"position_length": 64},
    "positions that longer clips stretch": {"position_length": 7},
    "3 levels": {"levels": 3},
    "7 levels": {"levels": 7},
    "7 levels after the stem": {"levels": 7, "layout": "tridet"},
    "1 level": {"levels": 1},
    "a stem and no other block": {"levels": 1, "layout": "tridet"},
    "no norm before the heads": {"neck_norm": "none"},
    "standardized features": {"standardize": True},
    "parts of features projected by themselves": {"streams": (3, 3)},
    "heads of one wide convolution": {"head_layers": 1, "head_kernel": 7},
}


def largest_difference(detector: Detector) -> float:
    """By how much a logit or an offset of a clip moves when the clip is batched with others, and more padding."""
    clips = [random_clip(length) for length in LENGTHS]
    alone = [real_outputs(detector(*padded([clip], clip.shape[1])), 0) for clip in clips]
    batched = [detector(*padded(clips, max(LENGTHS) + padding)) for padding in PADDINGS]
    return max(
        (here - there).abs().max().item()
        for predictions in batched
        for row, outputs in enumerate(alone)
        for here, there in zip(outputs, real_outputs(predictions, row), strict=True)
    )


@torch.no_grad()
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("head", HEAD_NAMES)
@pytest.mark.parametrize("mixer", MIXER_NAMES)
def test_a_clip_alone_padded_or_among_others_gives_the_same(mixer, head, layout):
    assert largest_difference(random_detector(mixer=mixer, head=head, layout=layout)) <= 1e-5


@torch.no_grad()
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_clip_alone_padded_or_among_others_gives_the_same_with(options):
    assert largest_difference(random_detector(**options)) <= 1e-5


@torch.no_grad()
@pytest.mark.parametrize("layout", LAYOUTS)
def test_unmasked_operations_see_padding_as_in_the_published_code(layout):
    assert largest_difference(random_detector(layout=layout, compat=8)) > 0.01


@torch.no_grad()
def test_a_video_that_is_all_padding_spoils_nothing():
    detector = random_detector()
    features, mask = padded([random_clip(9)], 9)
    nothing = torch.zeros_like(mask)
    batched = detector(torch.cat([features, features]), torch.cat([mask, nothing]))
    for alone, among in zip(real_outputs(detector(features, mask), 0), real_outputs(batched, 0), strict=True):
        assert torch.allclose(alone, among, atol=1e-5)
    assert not batched.mask[1].any()
    assert batched.logits.isfinite().all()
