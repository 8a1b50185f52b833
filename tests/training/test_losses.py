import itertools
import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from logotal.config import TrainingConfig
from logotal.model.detector import Predictions
from logotal.model.heads import DirectBoundaries, trident_boundaries
from logotal.model.points import make_points
from logotal.recipes import read_recipe
from logotal.training.assign import assign
from logotal.training.losses import Criterion, class_weights, diou_loss, focal_loss, giou_loss, heat_loss, offset_tiou
from tests import naive
from tests.model.golden import LEVELS, NAMES, TRIDENT, golden, levels, model_config
from tests.training.cases import no_targets, points, random_predictions

K = 3
offset = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))
pairs = st.tuples(offset, offset)


def single(pair):
    return torch.tensor([pair], dtype=torch.float64)


@given(logit=st.floats(-80, 80), target=st.floats(0, 1), alpha=st.floats(0, 1), gamma=st.sampled_from([0.0, 1.0, 2.0]))
def test_focal_loss_equals_its_formula(logit, target, alpha, gamma):
    numbers = torch.tensor([logit, target], dtype=torch.float64)
    found = focal_loss(*numbers, alpha=alpha, gamma=gamma)
    assert found.item() == pytest.approx(naive.focal_loss(logit, target, alpha, gamma), rel=1e-6, abs=1e-9)


@given(logit=st.floats(-15, 15), heat=st.floats(0, 1), gamma=st.sampled_from([0.0, 1.0, 2.0]))
def test_heat_loss_equals_its_formula(logit, heat, gamma):
    p = 1 / (1 + math.exp(-logit))
    expected = abs(heat - p) ** gamma * -(heat * math.log(p) + (1 - heat) * math.log(1 - p))
    numbers = torch.tensor([logit, heat], dtype=torch.float64)
    assert heat_loss(*numbers, gamma=gamma).item() == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(logit=st.floats(-5, 5), gamma=st.sampled_from([1.0, 2.0]))
def test_a_score_that_is_the_heat_costs_nothing_and_any_other_does(logit, gamma):
    logits = torch.tensor([logit, logit + 0.1, logit - 0.1], dtype=torch.float64)
    same, above, below = heat_loss(logits, logits[:1].sigmoid().expand(3), gamma=gamma).tolist()
    assert same == pytest.approx(0, abs=1e-6)
    assert min(above, below) > same


@given(predicted=pairs, target=pairs)
def test_giou_loss_equals_the_general_formula(predicted, target):
    assert giou_loss(single(predicted), single(target)).item() == pytest.approx(naive.giou_loss(predicted, target))


@given(predicted=pairs, target=pairs)
def test_diou_loss_equals_its_formula(predicted, target):
    assert diou_loss(single(predicted), single(target)).item() == pytest.approx(naive.diou_loss(predicted, target))


@given(predicted=pairs, target=pairs)
def test_giou_is_the_tiou_because_both_segments_hold_their_point(predicted, target):
    general = naive.giou_of_segments((-predicted[0], predicted[1]), (-target[0], target[1]))
    assert offset_tiou(single(predicted), single(target)).item() == pytest.approx(general)


def random_targets(predictions, *, ignored=()):
    """Actions that overlap, twins with two labels, and one that ends in the padding of the second video."""
    segments = [
        torch.tensor([[0.5, 3.5], [0.5, 3.5], [1.0, 11.0], [5.0, 9.0]]),
        torch.tensor([[2.0, 6.5], [5.5, 11.0]]),
    ]
    labels = [torch.tensor([0, 2, 1, 1]), torch.tensor([2, 0])]
    return assign(predictions.points, segments, labels, num_classes=K, radius=1.5, ignored=ignored)


IGNORED = [torch.tensor([[0.5, 2.5], [4.5, 7.5], [6.0, 8.5]]), torch.zeros(0, 2)]  # over positives and negatives


def test_with_a_heat_map_scores_follow_it_and_boundaries_are_learned_as_without():
    predictions = random_predictions()
    targets = random_targets(predictions)
    heat = torch.rand(targets.classes.shape, generator=torch.Generator().manual_seed(0))
    criterion = Criterion(TrainingConfig(iou_power=0.0)).eval()

    plain, found = criterion(predictions, targets), criterion(predictions, replace(targets, heat=heat))

    expected = heat_loss(predictions.logits.mT, heat, gamma=2.0) * predictions.mask[..., None]
    assert found.classification.item() == pytest.approx(expected.sum().item() / 100)
    assert found.regression.item() == plain.regression.item()
    assert found.total.item() == pytest.approx((found.classification + found.regression).item())


def losses_by_hand(predictions, targets, config, weights):
    """Both losses as sums over single numbers, before their division, and the counts of positives and negatives."""
    regression = {"giou": naive.giou_loss, "diou": naive.diou_loss}[config.regression_loss]
    smooth = config.label_smoothing
    on_positive = on_negative = boundary = 0.0
    counts = {True: 0, False: 0}
    B, P, K = targets.classes.shape
    for b, p in itertools.product(range(B), range(P)):
        if not predictions.mask[b, p]:
            continue
        positive = bool(targets.positive[b, p])
        ignored = targets.ignored is not None and bool(targets.ignored[b, p])
        counts[positive] += positive or not ignored
        predicted = tuple(predictions.boundaries.distances[b, :, p].tolist())
        target = tuple(targets.offsets[b, p].tolist())
        first = True
        for k in range(K):
            wanted = float(targets.classes[b, p, k])
            if ignored and not wanted:
                continue
            entry = naive.focal_loss(
                predictions.logits[b, k, p].item(),
                wanted * (1 - smooth) + smooth / (K + 1),
                config.focal_alpha,
                config.focal_gamma,
            )
            if wanted:
                entry *= weights[k] * (1 - naive.giou_loss(predicted, target)) ** config.iou_power
                if first or config.twins == "each":
                    boundary += regression(predicted, target)
                first = False
            if positive:
                on_positive += entry
            else:
                on_negative += entry
    return on_positive, on_negative, boundary, counts[True], counts[False]


VARIANTS = {
    "the default": {},
    "DIoU": {"regression_loss": "diou"},
    "twins that regress once": {"twins": "once"},
    "no weight by tIoU": {"iou_power": 0.0},
    "a full weight by tIoU": {"iou_power": 1.0},
    "smooth labels": {"label_smoothing": 0.1},
    "another focus": {"focal_alpha": 0.5, "focal_gamma": 1.0},
    "another balance": {"regression_weight": 2.5},
}


@pytest.mark.parametrize("normalizer", ["ema", "paper"])
@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
def test_losses_equal_the_loop_over_points_and_classes_with(options, normalizer):
    predictions = random_predictions()
    check_losses(predictions, random_targets(predictions), options, normalizer)


@pytest.mark.parametrize("normalizer", ["ema", "paper"])
@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
def test_losses_with_ignored_points_and_weighted_classes_equal_the_loop_with(options, normalizer):
    predictions = random_predictions()
    targets = random_targets(predictions, ignored=IGNORED)
    assert (targets.ignored & targets.positive).any()
    assert (targets.ignored & ~targets.positive).any()
    check_losses(predictions, targets, options, normalizer, weights=(0.5, 1.0, 3.0))


def check_losses(predictions, targets, options, normalizer, weights=None):
    config = TrainingConfig(normalizer=normalizer, initial_normalizer=20.0, **options)
    by_hand = losses_by_hand(predictions, targets, config, weights or (1.0,) * K)
    on_positive, on_negative, boundary, positives, negatives = by_hand
    losses = Criterion(config, weights=None if weights is None else torch.tensor(weights))(predictions, targets)
    if normalizer == "ema":
        divisor = 0.9 * 20 + 0.1 * positives
        classification, regression = (on_positive + on_negative) / divisor, boundary / divisor
    else:
        classification, regression = on_positive / positives + on_negative / negatives, boundary / positives
    assert losses.positives.item() == positives
    assert losses.classification.item() == pytest.approx(classification, rel=1e-5)
    assert losses.regression.item() == pytest.approx(regression, rel=1e-5)
    total = classification + config.regression_weight * regression
    assert losses.total.item() == pytest.approx(total, rel=1e-5)


def test_padding_has_no_loss_even_where_an_action_reaches_into_it():
    predictions = random_predictions()
    targets = random_targets(predictions)
    assert (targets.positive & ~predictions.mask).any()
    Criterion(TrainingConfig())(predictions, targets).total.backward()
    padding = ~predictions.mask[1]
    assert not predictions.logits.grad[1][:, padding].any()
    assert not predictions.boundaries.distances.grad[1][:, padding].any()
    assert predictions.logits.grad[1][:, ~padding].all()


@pytest.mark.parametrize("normalizer", ["ema", "paper"])
def test_an_ignored_point_has_no_gradient_but_that_of_the_classes_it_is_positive_for(normalizer):
    predictions = random_predictions()
    targets = random_targets(predictions, ignored=IGNORED)
    Criterion(TrainingConfig(normalizer=normalizer))(predictions, targets).total.backward()
    moved = predictions.logits.grad.transpose(1, 2) != 0
    ignored = targets.ignored[..., None]
    assert not (moved & ignored & (targets.classes == 0)).any()
    assert moved[(targets.classes > 0) & ignored & predictions.mask[..., None]].all()
    assert moved[(~ignored & predictions.mask[..., None]).expand_as(moved)].all()


def test_a_batch_of_which_everything_is_ignored_has_no_loss_and_no_gradient():
    predictions = random_predictions()
    everything = torch.ones(2, len(points().time), dtype=torch.bool)
    for normalizer in ("ema", "paper"):
        losses = Criterion(TrainingConfig(normalizer=normalizer))(predictions, no_targets(ignored=everything))
        losses.total.backward()
        assert losses.total.item() == 0
    assert not predictions.logits.grad.any()


def test_the_boundaries_at_ignored_points_are_learned_as_ever():
    gradients = []
    for ignored in ((), IGNORED):
        predictions = random_predictions()
        config = TrainingConfig(iou_power=0.0)
        Criterion(config)(predictions, random_targets(predictions, ignored=ignored)).total.backward()
        gradients.append(predictions.boundaries.distances.grad)
    assert torch.equal(*gradients)


def test_rare_classes_weigh_more_and_positives_one_on_average():
    counts = torch.tensor([100, 20, 5, 0])
    weights = class_weights(counts, 1.0)
    assert weights[:3].tolist() == pytest.approx([125 / 300, 125 / 60, 125 / 15])
    for power in (0.25, 0.5, 1.0):
        weights = class_weights(counts, power)
        assert (weights * counts).sum().item() == pytest.approx(125)
        assert (weights[2] / weights[0]).item() == pytest.approx(20**power)
        assert weights[3] == 1


def test_classes_of_equal_counts_weigh_one_and_so_do_all_without_a_power():
    assert class_weights(torch.tensor([7, 7]), 0.7).tolist() == [1.0, 1.0]
    assert class_weights(torch.tensor([7, 90, 0]), 0.0).tolist() == [1.0, 1.0, 1.0]
    assert class_weights(torch.tensor([0, 0]), 1.0).tolist() == [1.0, 1.0]


def test_class_weights_are_not_part_of_the_state():
    assert list(Criterion(TrainingConfig(), weights=torch.ones(3)).state_dict()) == ["normalizer"]


@pytest.mark.parametrize("normalizer", ["ema", "paper"])
@pytest.mark.parametrize("twins", ["each", "once"])
def test_a_batch_without_positives_has_a_finite_loss_with_gradients(twins, normalizer):
    predictions = random_predictions()
    losses = Criterion(TrainingConfig(normalizer=normalizer, twins=twins))(predictions, no_targets())
    losses.total.backward()
    assert losses.total.item() > 0
    assert (losses.positives.item(), losses.regression.item()) == (0, 0.0)
    assert predictions.logits.grad.isfinite().all()
    assert predictions.logits.grad.any()
    assert not predictions.boundaries.distances.grad.any()


@pytest.mark.parametrize("power", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("loss", ["giou", "diou"])
def test_segments_without_any_length_have_finite_gradients(loss, power):
    predictions = random_predictions()
    distances = torch.zeros_like(predictions.boundaries.distances).requires_grad_()
    collapsed = Predictions(predictions.logits, predictions.mask, DirectBoundaries(distances), predictions.points)
    losses = Criterion(TrainingConfig(regression_loss=loss, iou_power=power))(collapsed, random_targets(predictions))
    losses.total.backward()
    assert losses.total.isfinite()
    assert distances.grad.isfinite().all()
    assert predictions.logits.grad.isfinite().all()


@pytest.mark.parametrize("power", [0.0, 0.2])
def test_the_weight_by_tiou_moves_boundaries(power):
    predictions = random_predictions()
    config = TrainingConfig(iou_power=power, regression_weight=0.0)
    Criterion(config)(predictions, random_targets(predictions)).total.backward()
    assert predictions.boundaries.distances.grad.any() == (power > 0)


def test_the_normalizer_is_part_of_the_state_and_moves_in_training_only():
    criterion = Criterion(TrainingConfig(initial_normalizer=50.0))
    assert dict(criterion.state_dict()) == {"normalizer": torch.tensor(50.0)}
    predictions = random_predictions()
    targets = random_targets(predictions)
    criterion.eval()
    criterion(predictions, targets)
    assert criterion.normalizer.item() == 50.0
    criterion.train()
    count = criterion(predictions, targets).positives.item()
    assert criterion.normalizer.item() == pytest.approx(0.9 * 50 + 0.1 * count)
    restored = Criterion(TrainingConfig())
    restored.load_state_dict(criterion.state_dict())
    assert torch.equal(restored.normalizer, criterion.normalizer)


def test_several_networks_lose_what_each_loses_and_the_normalizer_moves_once():
    predictions = [random_predictions(seed=seed) for seed in range(3)]
    targets = random_targets(predictions[0])
    criterion = Criterion(TrainingConfig(initial_normalizer=50.0))
    together = criterion.of_members(predictions, targets)
    count = together.positives.item()
    assert criterion.normalizer.item() == pytest.approx(0.9 * 50 + 0.1 * count)
    criterion.eval()
    each = [criterion(prediction, targets) for prediction in predictions]
    for part in ("total", "classification", "regression"):
        assert getattr(together, part).item() == pytest.approx(sum(getattr(one, part).item() for one in each))
    assert count == each[0].positives.item()


def test_the_normalizer_never_falls_below_one():
    criterion = Criterion(TrainingConfig(initial_normalizer=1.0))
    for _ in range(3):
        criterion(random_predictions(), no_targets())
    assert criterion.normalizer.item() == pytest.approx(1.0)


def test_the_normalizer_of_the_paper_keeps_no_memory():
    criterion = Criterion(TrainingConfig(normalizer="paper"))
    predictions = random_predictions()
    targets = random_targets(predictions)
    first, second = criterion(predictions, targets), criterion(predictions, targets)
    assert first.total.item() == second.total.item()
    assert criterion.normalizer.item() == TrainingConfig().initial_normalizer


def golden_predictions(name, arrays, configuration):
    """What the published network answered, as our predictions."""
    logits = torch.cat(levels(arrays, "cls_logits"), dim=-1)
    sizes = [level.shape[-1] for level in levels(arrays, "cls_logits")]
    if name in TRIDENT:
        branches = (levels(arrays, branch) for branch in ("start_head", "end_head", "reg_head"))
        boundaries = trident_boundaries(*branches)
    else:
        boundaries = DirectBoundaries(torch.cat(levels(arrays, "reg_head"), dim=-1))
    ranges = model_config(name, configuration).regression_ranges
    return Predictions(logits, torch.ones(1, sum(sizes), dtype=torch.bool), boundaries, make_points(sizes, ranges))


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_of_a_preset_on_the_published_predictions_is_the_published_one(name):
    arrays, configuration = golden(name)
    published = configuration["model"]
    predictions = golden_predictions(name, arrays, configuration)
    assert len(predictions.points.sizes) == LEVELS
    targets = assign(
        predictions.points,
        [arrays["input/segments"]],
        [arrays["input/labels"]],
        num_classes=published["num_classes"],
        radius=1.5,
    )
    preset, _, activitynet = name.partition("_")
    schedule = {
        "initial_normalizer": configuration["loss_normalizer_before"],
        "label_smoothing": published["train_cfg"]["label_smoothing"],
        "regression_weight": published["train_cfg"]["loss_weight"],
    }
    recipe = "activitynet13" if activitynet else "thumos14"
    config = read_recipe(recipe, {"training": schedule}, preset=preset).training
    losses = Criterion(config)(predictions, targets)
    assert losses.classification.item() == pytest.approx(arrays["loss/cls_loss"].item(), rel=1e-4)
    assert losses.regression.item() == pytest.approx(arrays["loss/reg_loss"].item(), rel=1e-4)
    assert losses.total.item() == pytest.approx(arrays["loss/final_loss"].item(), rel=1e-4)


def test_the_random_case_has_padding_twins_and_several_levels():
    predictions = random_predictions()
    targets = random_targets(predictions)
    assert (targets.classes.sum(-1) == 2).any()
    assert not predictions.mask.all()
    assert all(level.any() for level in targets.positive.any(0).split(points().sizes))
