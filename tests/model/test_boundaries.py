import itertools

import numpy as np
import pytest
import torch

from logotal.model.boundaries import DirectBoundaries, trident_boundaries
from tests import naive

BINS = 4


def responses(classes, sizes=(9, 5, 2, 1), videos=2):
    """Start and end responses (B, K, T_l) and center responses (B, 2 * (bins + 1), T_l) of levels of these sizes."""
    generator = torch.Generator().manual_seed(0)

    def branch(channels):
        return [torch.randn(videos, channels, size, generator=generator) for size in sizes]

    return branch(classes), branch(classes), branch(2 * (BINS + 1))


def every_pair(start, classes):
    """Batch, point and class index of all triples, and their number of points."""
    points = sum(level.shape[-1] for level in start)
    triples = itertools.product(range(len(start[0])), range(points), range(classes))
    return torch.tensor(list(triples)).unbind(1)


def expected_offsets(start, end, center, outside=0.0):
    """(B, P, K, 2) by loops; what lies outside is 0 for the loop, so responses are taken relative to it."""
    videos = []
    for video in range(len(start[0])):
        levels = []
        for s, e, c in zip(start, end, center, strict=True):
            logits = c[video].double().numpy().reshape(2, BINS + 1, -1).transpose(2, 0, 1)
            by_class = [
                naive.trident_offsets(a.double().numpy() - outside, b.double().numpy() - outside, logits, BINS)
                for a, b in zip(s[video], e[video], strict=True)
            ]
            levels.append(np.stack(by_class, axis=1))
        videos.append(np.concatenate(levels))
    return np.stack(videos)


@pytest.mark.parametrize("outside", [0.0, -4.6])
def test_trident_offsets_equal_the_loop_at_all_points_for_all_classes(outside):
    start, end, center = responses(classes=3)
    found = trident_boundaries(start, end, center, outside=outside).offsets(*every_pair(start, 3))
    expected = expected_offsets(start, end, center, outside)
    assert found.numpy() == pytest.approx(expected.reshape(-1, 2), abs=1e-5)


def test_one_start_and_end_for_all_classes_answers_for_every_class_alike():
    start, end, center = responses(classes=1)
    found = trident_boundaries(start, end, center).offsets(*every_pair(start, 3)).reshape(2, 17, 3, 2)
    # Not to the bit: a matrix product may sum its last rows in another order than those before.
    torch.testing.assert_close(found, found[:, :, :1].expand_as(found), rtol=1e-6, atol=1e-6)
    assert found[:, :, :1].numpy() == pytest.approx(expected_offsets(start, end, center), abs=1e-5)


def test_trident_offsets_reach_from_0_to_the_number_of_bins():
    certain = torch.full((1, 2 * (BINS + 1), 1), -1e4)
    certain[0, 0] = certain[0, BINS + 1] = 0.0  # the first bin: `bins` strides to the start, 0 to the end
    nothing = [torch.zeros(1, 1, 1)]
    asked = torch.zeros(3, 1, dtype=torch.long)
    assert trident_boundaries(nothing, nothing, [certain]).offsets(*asked).tolist() == [[BINS, 0.0]]


def test_asking_for_nothing_gives_nothing_and_a_gradient():
    start, end, center = ([level.requires_grad_() for level in branch] for branch in responses(classes=3))
    nothing = torch.zeros(3, 0, dtype=torch.long)
    offsets = trident_boundaries(start, end, center).offsets(*nothing)
    assert offsets.shape == (0, 2)
    offsets.sum().backward()
    assert not center[0].grad.any()


def test_direct_boundaries_are_the_same_for_all_classes():
    distances = torch.rand(2, 2, 5)
    video, point = torch.tensor([0, 1, 1]), torch.tensor([4, 0, 0])
    offsets = DirectBoundaries(distances).offsets(video, point, torch.tensor([0, 0, 7]))
    assert torch.equal(offsets, torch.stack([distances[0, :, 4], distances[1, :, 0], distances[1, :, 0]]))


@pytest.mark.parametrize("kind", ["direct", "trident"])
def test_offsets_are_fp32_whatever_the_network_computes_in(kind):
    if kind == "direct":
        boundaries = DirectBoundaries(torch.rand(1, 2, 5).bfloat16())
    else:
        boundaries = trident_boundaries(*([x.bfloat16() for x in branch] for branch in responses(1)))
    assert boundaries.offsets(*torch.zeros(3, 1, dtype=torch.long)).dtype == torch.float32
