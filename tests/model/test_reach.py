"""How far answers look: nothing beyond changes them, and what sees the whole video is known by its settings."""

from typing import Any

import pytest
import torch
from torch import Tensor

from logotal.model.reach import reach, sees_everything
from tests.model.cases import CHANNELS, random_detector, real_outputs, small

LOCAL = {"mlp_norm": "layer", "levels": 3}
BOUNDED: dict[str, dict[str, Any]] = {
    "windowed pooling": {"logo": {"pool_window": 9}},
    "windowed pooling behind a stem": {"logo": {"pool_window": 5}, "layout": "tridet", "head": "light"},
    "convolutions": {"mixer": "conv", "head": "trident"},
    "dilated convolutions": {"mixer": "dilated", "layout": "tridet", "stem_blocks": 3, "levels": 1, "head": "light"},
    "a wide kernel": {"logo": {"pool_window": 3, "kernel": 11}, "head": "clff-light"},
    "wide branches of the boundaries": {"mixer": "conv", "boundary_kernel": 7, "head_layers": 2},
    "attention that halves": {"mixer": "attention", "layout": "actionformer", "head": "light"},
    "attention beside the convolution": {
        "logo": {"local": "both", "pool_window": 3},
        "attention": {"window": 9, "heads": 2},
    },
    "pooling alone": {"mixer": "maxpool", "layout": "tridet", "stem_blocks": 0, "head": "light", "mlp_norm": "group"},
    "fused by averages": {"mixer": "conv", "fusion": {"down": "avg", "branches": "all"}},
    "one level": {"mixer": "conv", "levels": 1},
    "an embedding of each step by itself": {"mixer": "conv", "levels": 1, "embedding_kernel": 1},
    "a wide embedding": {"mixer": "conv", "levels": 1, "embedding_kernel": 9},
    "parts projected by themselves": {
        "mixer": "conv",
        "levels": 1,
        "embedding_kernel": 5,
        "streams": (5, CHANNELS - 5),
    },
}
EVERYTHING: dict[str, dict[str, Any]] = {
    "model.logo.pool_window is not set": {},
    "model.attention.window is 0": {"mixer": "attention", "attention": {"window": 0, "heads": 2}},
    "model.mixer is sgp, which takes means over the whole video": {"mixer": "sgp"},
    "model.mlp_norm is group": {"mixer": "conv", "mlp_norm": "group"},
    "model.neck_norm is group": {"mixer": "conv", "neck_norm": "group"},
    "model.position_length is set": {"mixer": "conv", "position_length": 32},
    "model.compat is set": {"mixer": "conv", "compat": 64},
}


def touched(length: int, step: int, **changes: Any) -> Tensor:
    """The times of the points whose answers change with what happens at one step."""
    detector = random_detector(**{**LOCAL, **changes}).double()
    features = torch.randn(1, CHANNELS, length, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    mask = torch.ones(1, 1, length, dtype=torch.bool)
    moved = torch.zeros(len(points := detector(features, mask).points.time), dtype=torch.bool)
    with torch.no_grad():
        before = real_outputs(detector(features, mask), 0)
        for size in (1.0, -1.0, 30.0, -30.0):
            other = features.clone()
            other[..., step] += size
            logits, offsets = real_outputs(detector(other, mask), 0)
            # A running sum over the video rounds by what was before it.
            moved |= (logits - before[0]).abs().amax(0) > 1e-9
            moved |= (offsets - before[1]).abs().amax((1, 2)) > 1e-6
    return points[moved]


@pytest.mark.parametrize("changes", BOUNDED.values(), ids=BOUNDED)
def test_no_answer_changes_with_what_is_farther_away_and_some_with_nearly_that(changes: dict[str, Any]) -> None:
    config = small(**{**LOCAL, **changes})
    assert sees_everything(config) == []
    farthest = reach(config)
    step, length = 2 * farthest + 3, 4 * farthest + 9
    times = touched(length, step, **changes)
    found = (times - step).abs().max()
    assert found <= farthest
    assert found >= 0.5 * farthest  # a bound that is far too wide would cost time for nothing


@pytest.mark.parametrize(("clause", "changes"), EVERYTHING.items(), ids=EVERYTHING)
def test_a_network_that_sees_everything_is_known_by_the_setting(clause: str, changes: dict[str, Any]) -> None:
    assert sees_everything(small(**{**LOCAL, **changes})) == [clause]
    if clause not in ("model.position_length is set", "model.compat is set"):  # these see how long it is, not what
        assert 0 in touched(200, 190, **changes)
