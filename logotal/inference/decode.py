"""Decoding: the best (point, class) pairs of each level become segments on the grid."""

import numpy as np
import torch
from torch import Tensor

from logotal.config import InferenceConfig
from logotal.inference.candidates import Candidates
from logotal.model.detector import Predictions
from logotal.model.layers import is_on_cpu


@torch.no_grad()
def decode(predictions: Predictions, config: InferenceConfig) -> list[Candidates]:
    """The candidates of each video in a batch, on the grid; not yet suppressed.

    In each level the `candidates_per_level` best pairs above `score_threshold` are decoded, nothing else is; segments
    shorter than `min_length` grid steps are dropped (ActionFormer, meta_archs.py). An accelerator decodes those below
    the threshold too, because the host would have to wait for their number: it waits once, for all that there is.
    """
    scores = predictions.logits.float().sigmoid() * predictions.mask[:, None]
    score, *pairs = _best_pairs(scores, predictions.points.sizes, config)
    if is_on_cpu(score):
        above = score > config.score_threshold
        score, *pairs = (each[above] for each in (score, *pairs))
    batch, label, point = pairs
    time, stride = predictions.points.time[point], predictions.points.stride[point]
    offsets = predictions.boundaries.offsets(batch, point, label)
    start, end = time - offsets[:, 0] * stride, time + offsets[:, 1] * stride
    table = torch.stack([start, end, score, batch.float(), label.float()]).cpu().numpy()  # whole numbers below 2^24
    kept = table[:, (table[1] - table[0] > config.min_length) & (table[2] > config.score_threshold)]
    return [
        Candidates(rows[:2].T.astype(np.float64, order="C"), rows[2].astype(np.float64), rows[4].astype(np.int64))
        for rows in (kept[:, kept[3] == video] for video in range(len(scores)))
    ]


def _best_pairs(scores: Tensor, sizes: tuple[int, ...], config: InferenceConfig) -> tuple[Tensor, ...]:
    """Scores and batch, class and point indices of the best pairs of each level and video, best first."""
    found: list[tuple[Tensor, ...]] = []
    first = 0
    for size in sizes:
        level = scores[:, :, first : first + size].flatten(1)  # (B, K * size)
        best, pair = level.topk(min(config.candidates_per_level, level.shape[1]), dim=1)
        row = torch.arange(len(scores), device=scores.device)[:, None].expand_as(pair)
        found.append(tuple(each.flatten() for each in (best, row, pair // size, first + pair % size)))
        first += size
    return tuple(torch.cat(parts) for parts in zip(*found, strict=True))
