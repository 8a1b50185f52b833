import itertools

import pytest
import torch

from logotal.model.heads import REGRESSION_HEADS, ClassificationHead, trunk_size
from tests.model.cases import HEAD_NAMES, fresh_detector, padded, random_clip, real_outputs, small
from tests.model.golden import (
    LEVELS,
    NAMES,
    TRIDENT,
    golden,
    level_scales,
    levels,
    load_trunk,
    masks,
    model_config,
)

close = {"rtol": 1e-4, "atol": 1e-5}


@torch.no_grad()
@pytest.mark.parametrize("name", NAMES)
def test_the_classification_head_with_published_weights_gives_the_published_logits(name):
    arrays, configuration = golden(name)
    head = ClassificationHead(trunk_size(model_config(name, configuration)), configuration["model"]["num_classes"])
    load_trunk(head.trunk, arrays, "cls_head", "cls_head")
    logits = head(levels(arrays, "encoder_normed"), masks(arrays))
    assert torch.allclose(logits, torch.cat(levels(arrays, "cls_logits"), dim=-1), **close)


@torch.no_grad()
@pytest.mark.parametrize("name", [name for name in NAMES if name not in TRIDENT])
def test_the_light_head_with_published_weights_gives_the_published_distances(name):
    arrays, configuration = golden(name)
    head = REGRESSION_HEADS["light"].build(model_config(name, configuration), 1)
    load_trunk(head.trunk, arrays, "reg_head", "offset_head")
    head.scale.copy_(level_scales(arrays))
    pyramid = levels(arrays, "encoder_normed")
    distances = head(pyramid, pyramid, masks(arrays)).distances
    assert torch.allclose(distances, torch.cat(levels(arrays, "reg_head"), dim=-1), **close)


@torch.no_grad()
@pytest.mark.parametrize("name", TRIDENT)
def test_the_trident_head_with_published_weights_gives_the_published_offsets(name):
    arrays, configuration = golden(name)
    K = configuration["model"]["num_classes"]
    head = REGRESSION_HEADS["trident"].build(model_config(name, configuration), K)
    for branch, published, last in (
        (head.start, "start_head", "cls_head"),
        (head.end, "end_head", "cls_head"),
        (head.center, "reg_head", "offset_head"),
    ):
        load_trunk(branch, arrays, published, last)
    head.scale.copy_(level_scales(arrays))
    pyramid = levels(arrays, "encoder_normed")
    expected = torch.cat([arrays[f"offsets/level{level}"] for level in range(LEVELS)], dim=1)  # (K, P, 2)
    pairs = torch.tensor(list(itertools.product(range(K), range(expected.shape[1]))))
    offsets = head(pyramid, pyramid, masks(arrays)).offsets(torch.zeros(len(pairs)).long(), pairs[:, 1], pairs[:, 0])
    assert torch.allclose(offsets.reshape(expected.shape), expected, **close)


@torch.no_grad()
def test_every_class_starts_near_the_prior_score():
    detector = fresh_detector(prior=0.02)
    logits, _ = real_outputs(detector(*padded([random_clip(20)], 20)), 0)
    assert torch.median(logits.sigmoid()).item() == pytest.approx(0.02, rel=0.7)
    assert detector.classification.trunk.last.conv.bias.sigmoid().tolist() == pytest.approx([0.02] * 3)


@torch.no_grad()
@pytest.mark.parametrize("head", HEAD_NAMES)
def test_a_head_gives_the_boundaries_that_its_description_says(head):
    boundaries = fresh_detector(head=head)(*padded([random_clip(20)], 20)).boundaries
    assert isinstance(boundaries, REGRESSION_HEADS[head].boundaries)
    assert all(isinstance(getattr(boundaries, name), torch.Tensor) for name in boundaries.tensors)


@torch.no_grad()
@pytest.mark.parametrize("head", HEAD_NAMES)
def test_offsets_reach_as_far_as_the_description_says_and_no_farther(head):
    detector = fresh_detector(head=head, bins=4)
    for parameter in detector.regression.parameters():
        parameter.mul_(1000.0)
    _, offsets = real_outputs(detector(*padded([random_clip(40)], 40)), 0)
    farthest = REGRESSION_HEADS[head].farthest(4)
    assert 3.5 < offsets.max() <= farthest


def test_the_longest_action_is_what_the_bins_of_the_last_level_span():
    assert REGRESSION_HEADS["clff"].longest_action(bins=10, stride=8) == 2 * 10 * 8
    assert REGRESSION_HEADS["light"].longest_action(bins=10, stride=8) == float("inf")
    assert [head.grows_with(10) for head in REGRESSION_HEADS.values()] == [False, True, True, False]


@torch.no_grad()
@pytest.mark.parametrize("head", HEAD_NAMES)
def test_offsets_are_never_negative(head):
    _, offsets = real_outputs(fresh_detector(head=head)(*padded([random_clip(20)], 20)), 0)
    assert offsets.min() >= 0
    assert offsets.max() > 0


@pytest.mark.parametrize("init", ["default", "normal"])
def test_start_and_end_branches_are_drawn_as_the_paper_says_where_asked_for(init):
    torch.manual_seed(0)
    head = REGRESSION_HEADS["trident"].build(small(boundary_init=init, width=64, head_width=64), 5)
    for branch in (head.start, head.end):
        stds = [conv.conv.weight.std().item() for conv in (*branch.convs, branch.last)]
        assert all((abs(std - 0.1) < 0.01) == (init == "normal") for std in stds)
        assert branch.last.conv.bias.sigmoid().tolist() == pytest.approx([0.01] * 5)


def test_start_and_end_branches_do_not_move_the_pyramid():
    head = REGRESSION_HEADS["trident"].build(small(), 3)
    pyramid = [torch.randn(1, 16, size, requires_grad=True) for size in (8, 4, 2, 1)]
    fused = [torch.randn(1, 16, size, requires_grad=True) for size in (8, 4, 2, 1)]
    everywhere = [torch.ones(1, 1, size, dtype=torch.bool) for size in (8, 4, 2, 1)]
    head(fused, pyramid, everywhere).offsets(*torch.zeros(3, 1, dtype=torch.long)).sum().backward()
    assert fused[0].grad.any()
    assert pyramid[0].grad is None
