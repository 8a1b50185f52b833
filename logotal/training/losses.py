"""Losses: focal for classes, GIoU or DIoU for boundaries, and their joint normalization (Eq. 7)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.distributed
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from logotal.config import TrainingConfig
from logotal.model.detector import Predictions
from logotal.training.assign import Targets
from logotal.training.world import processes

Offsets = Float[Tensor, "N 2"]


def focal_loss(logits: Tensor, targets: Tensor, *, alpha: float, gamma: float) -> Tensor:
    """Sigmoid focal loss per entry (Lin et al., ICCV 2017): -alpha_t (1 - p_t)^gamma log p_t, soft targets allowed."""
    entropy = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    p = logits.sigmoid()
    p_true = p * targets + (1 - p) * (1 - targets)
    weight = alpha * targets + (1 - alpha) * (1 - targets)
    return weight * (1 - p_true) ** gamma * entropy


def heat_loss(logits: Tensor, heat: Tensor, *, gamma: float) -> Tensor:
    """Quality focal loss per entry (Li et al., NeurIPS 2020): -|h - p|^gamma (h log p + (1 - h) log(1 - p))."""
    entropy = F.binary_cross_entropy_with_logits(logits, heat, reduction="none")
    return (heat - logits.sigmoid()).abs() ** gamma * entropy


def offset_tiou(predicted: Offsets, target: Offsets, *, eps: float = 1e-8) -> Float[Tensor, " N"]:
    """TIoU of two segments given as distances to start and end from the same point."""
    shared = torch.minimum(predicted, target).sum(-1)
    union = torch.maximum(predicted, target).sum(-1)
    return shared / union.clamp(min=eps)


def giou_loss(predicted: Offsets, target: Offsets) -> Float[Tensor, " N"]:
    """1 - GIoU (Rezatofighi et al., CVPR 2019).

    Both segments contain their point, so they overlap and the enclosing segment is their union: GIoU equals tIoU.
    """
    return 1 - offset_tiou(predicted, target)


def diou_loss(predicted: Offsets, target: Offsets, *, eps: float = 1e-8) -> Float[Tensor, " N"]:
    """1 - tIoU + (distance of the centers / length of the enclosing segment)^2 (Zheng et al., AAAI 2020)."""
    enclosing = torch.maximum(predicted, target).sum(-1).clamp(min=eps)
    between = 0.5 * ((predicted[:, 1] - predicted[:, 0]) - (target[:, 1] - target[:, 0]))
    return giou_loss(predicted, target) + (between / enclosing) ** 2


def class_weights(counts: Tensor, power: float) -> Float[Tensor, " K"]:
    """What the positives of each class weigh: (mean count / count)^power, scaled to 1 on average over the actions.

    `counts` (K,) are the actions of each class in training. A class without any weighs 1: it has no positives.
    """
    occurring = counts > 0
    number = counts[occurring].double()
    weights = torch.ones(len(counts), dtype=torch.float64)
    raw = (number.mean() / number) ** power
    weights[occurring] = raw * number.sum() / (raw * number).sum()
    return weights.float()


def _first_of_each(batch: Tensor, point: Tensor) -> Tensor:
    """1.0 where an ordered list of (batch, point) comes to a new pair, 0.0 where it repeats the last."""
    repeated = (batch.diff() == 0) & (point.diff() == 0)
    return F.pad((~repeated).float(), (1, 0), value=1.0)[: len(batch)]


REGRESSION_LOSSES = {"giou": giou_loss, "diou": diou_loss}


@dataclass(frozen=True)
class Losses:
    """The loss of a batch, its parts, and how many points were positive.

    Where processes share a batch, `positives` are those of all of them, and the losses are such that their mean over
    the processes is the loss of the batch.
    """

    total: Tensor
    classification: Tensor
    regression: Tensor
    positives: Tensor


def _of_whole_batch(counts: Tensor) -> tuple[Tensor, int]:
    """The sum of the counts (N,) over the processes that share a batch, and how many processes these are."""
    if (sharing := processes()) > 1:
        torch.distributed.all_reduce(counts)
    return counts, sharing


class Criterion(nn.Module):
    """Eq. 7: classification, weighted by tIoU^power at positives, plus regression at positives.

    With `normalizer: ema` both are divided by a running mean of the number of positive points, as TriDet's code does;
    with `paper` the sums over positives and over negatives by their own numbers, as Eq. 7 is printed. The running mean
    is a buffer: it is saved, and the same in every process.

    In training, all numbers are those of the whole batch, which several processes may share: each divides the sum over
    its own videos by the number of all, times the number of processes, because gradients are averaged over processes.
    So N processes learn as one does that has their videos in one batch.

    At ignored points only the classes that they are positive for have a classification loss. `weights` (K,) multiply
    that of the positives of each class (`class_weights`); they follow from the data and are not saved.
    """

    def __init__(self, config: TrainingConfig, *, weights: Tensor | None = None) -> None:
        super().__init__()
        self.config = config
        self.weights: Tensor | None
        self.register_buffer("weights", weights, persistent=False)
        self.normalizer: Tensor
        self.register_buffer("normalizer", torch.tensor(float(config.initial_normalizer)))

    def of_members(self, predictions: Sequence[Predictions], targets: Targets) -> Losses:
        """The sum of the losses of several networks for one batch, which the running normalizer counts once."""
        first = self(predictions[0], targets)
        others = [self(each, targets, counted=True) for each in predictions[1:]]
        return Losses(
            sum((each.total for each in others), first.total),
            sum((each.classification for each in others), first.classification),
            sum((each.regression for each in others), first.regression),
            first.positives,
        )

    def forward(self, predictions: Predictions, targets: Targets, *, counted: bool = False) -> Losses:
        """Predictions and targets of a batch -> losses.

        In training mode the running normalizer is updated, unless the batch is `counted` already.
        """
        config = self.config
        real = predictions.mask
        positive = targets.positive & real
        classes = targets.classes * real[..., None]
        batch, point, label = (classes * positive[..., None]).nonzero(as_tuple=True)
        predicted = predictions.boundaries.offsets(batch, point, label)
        target = targets.offsets[batch, point]
        regression = REGRESSION_LOSSES[config.regression_loss](predicted, target)
        if config.twins == "once":
            regression = regression * _first_of_each(batch, point)

        smooth = config.label_smoothing
        wanted = classes * (1 - smooth) + smooth / (classes.shape[-1] + 1)
        logits = predictions.logits.transpose(1, 2).float()
        if targets.heat is None:
            entries = focal_loss(logits, wanted, alpha=config.focal_alpha, gamma=config.focal_gamma)
        else:
            entries = heat_loss(logits, targets.heat, gamma=config.focal_gamma)
        entries = entries * real[..., None]
        weight = self._weight_of_positives(predicted, target, label)
        if weight is not None and len(batch):
            entries = entries.index_put((batch, point, label), entries[batch, point, label] * weight)
        negative = ~positive & real
        if targets.ignored is not None:
            entries = entries.masked_fill(targets.ignored[..., None] & (classes == 0), 0.0)
            negative = negative & ~targets.ignored

        counts = torch.stack([positive.sum(), negative.sum()])
        counts, processes = _of_whole_batch(counts) if self.training else (counts, 1)
        count, others = counts
        if config.normalizer == "paper":
            on_positive = (entries * positive[..., None]).sum() / count.clamp(min=1)
            on_negative = (entries * negative[..., None]).sum() / others.clamp(min=1)
            classification = processes * (on_positive + on_negative)
            regression_sum = processes * (regression.sum() / count.clamp(min=1))
        else:
            if self.training and not counted:
                self._update_normalizer(count)
            divisor = self.normalizer / processes
            classification, regression_sum = entries.sum() / divisor, regression.sum() / divisor
        total = classification + config.regression_weight * regression_sum
        return Losses(total, classification.detach(), regression_sum.detach(), count)

    def _weight_of_positives(self, predicted: Offsets, target: Offsets, label: Tensor) -> Tensor | None:
        """What the classification loss of N pairs of positive point and class is multiplied by (N,); None for 1."""
        weight = None if self.weights is None else self.weights[label]
        if self.config.iou_power > 0:
            tiou = offset_tiou(predicted, target)
            # A tIoU of 0 has no finite gradient under a power below 1.
            by_tiou = tiou.clamp(min=1e-6) ** self.config.iou_power
            weight = by_tiou if weight is None else weight * by_tiou
        return weight

    @torch.no_grad()
    def _update_normalizer(self, positives: Tensor) -> None:
        self.normalizer.mul_(0.9).add_(0.1 * positives.float().clamp(min=1))
