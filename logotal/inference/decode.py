"""Decoding: the best (point, class) pairs of each level become segments on the grid."""

import numpy as np
import torch
from torch import Tensor

from logotal.config import InferenceConfig
from logotal.inference.candidates import Candidates
from logotal.model.detector import Predictions


@torch.no_grad()
def decode(predictions: Predictions, config: InferenceConfig) -> list[Candidates]:
    """The candidates of each video in a batch, on the grid; not yet suppressed.

    In each level the `candidates_per_level` best pairs above `score_threshold` are decoded, nothing else is; segments
    shorter than `min_length` grid steps are dropped (ActionFormer, meta_archs.py).
    """
    scores = predictions.logits.float().sigmoid() * predictions.mask[:, None]
    batch, label, point = _best_pairs(scores, predictions.points.sizes, config)
    time, stride = predictions.points.time[point], predictions.points.stride[point]
    offsets = predictions.boundaries.offsets(batch, point, label)
    segments = torch.stack([time - offsets[:, 0] * stride, time + offsets[:, 1] * stride], dim=-1)
    long_enough = (segments[:, 1] - segments[:, 0]) > config.min_length
    kept = [x[long_enough].cpu().numpy() for x in (batch, segments.double(), scores[batch, label, point], label)]
    video, columns = kept[0], kept[1:]
    return [
        Candidates(columns[0][rows], columns[1][rows].astype(np.float64), columns[2][rows])
        for rows in (video == index for index in range(len(scores)))
    ]


def _best_pairs(scores: Tensor, sizes: tuple[int, ...], config: InferenceConfig) -> tuple[Tensor, Tensor, Tensor]:
    """Batch, class and point indices of the best pairs of each video and level, best first."""
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    first = 0
    for size in sizes:
        level = scores[:, :, first : first + size].flatten(1)  # (B, K * size)
        best, index = level.topk(min(config.candidates_per_level, level.shape[1]), dim=1)
        row, column = (best > config.score_threshold).nonzero(as_tuple=True)
        pair = index[row, column]
        found.append((row, pair // size, first + pair % size))
        first += size
    batch, label, point = (torch.cat(parts) for parts in zip(*found, strict=True))
    return batch, label, point
