"""Readable loops in float64 that the project's fast code must equal (law 3 of docs/design.md).

They are written from the equations and from facts about the published code, not from our fast code, and
`tests/test_naive.py` holds them against published numbers. They are slow on purpose: plain Python, one step
of the rule per line. Nothing outside `tests` imports them.
"""

from tests.naive.assign import assign, ignored
from tests.naive.decode import trident_offsets
from tests.naive.evaluation import average_precision, average_recall, ignored_share, recall_at, tiou
from tests.naive.layers import (
    gated_mixer,
    local_attention,
    masked_group_norm,
    masked_max,
    masked_mean,
    max_pool,
)
from tests.naive.losses import diou_loss, focal_loss, giou_loss, giou_of_segments
from tests.naive.nms import hard_nms, multiclass_nms, soft_nms, vote

__all__ = [
    "assign",
    "average_precision",
    "average_recall",
    "diou_loss",
    "focal_loss",
    "gated_mixer",
    "giou_loss",
    "giou_of_segments",
    "hard_nms",
    "ignored",
    "ignored_share",
    "local_attention",
    "masked_group_norm",
    "masked_max",
    "masked_mean",
    "max_pool",
    "multiclass_nms",
    "recall_at",
    "soft_nms",
    "tiou",
    "trident_offsets",
    "vote",
]
