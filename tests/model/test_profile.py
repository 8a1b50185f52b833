"""Costs of networks: against what is published, and against sums by hand."""

import math

import pytest
import torch

from logotal.model.profile import LiveMemory, profile, profiles
from logotal.recipes import preset_names, read_recipe
from tests.model.cases import small


@pytest.mark.parametrize(
    ("preset", "millions", "giga"),
    [("actionformer", 29.25, 45.25), ("tridet", 15.99, 43.68), ("temporalmaxer", 7.12, 23.48)],
)
def test_the_peers_cost_what_is_published(preset: str, millions: float, giga: float) -> None:
    config = read_recipe("thumos14", preset=preset).model
    found = profile(config, num_labels=20, length=2304, repetitions=0)
    assert round(found.parameters / 1e6, 2) == millions
    assert found.macs / 1e9 == pytest.approx(giga, rel=0.001)  # attention is cut into other blocks than theirs
    assert math.isnan(found.milliseconds)


def test_multiply_accumulates_of_a_network_by_hand() -> None:
    config = small(levels=1, head="light", layout="paper")
    found = profile(config, num_labels=3, length=32, repetitions=1)
    by_hand = {
        "embedding": 3 * (6 * 16 + 16 * 16) * 32,
        "encoder": 0,
        "classification": 3 * (16 * 16 + 16 * 16 + 16 * 3) * 32,
        "regression": 3 * (16 * 16 + 16 * 16 + 16 * 2) * 32,
    }
    assert {name: part.macs for name, part in found.parts.items()} == by_hand
    assert found.macs == sum(by_hand.values())
    assert found.milliseconds > 0


@pytest.mark.parametrize("preset", [None, *preset_names()])
def test_parts_add_up_to_the_whole(preset: str | None) -> None:
    config = read_recipe("thumos14", {"model": {"width": 32, "head_width": 32}}, preset=preset).model
    found = profile(config, num_labels=3, length=100, repetitions=0)
    assert sum(part.macs for part in found.parts.values()) == found.macs
    assert sum(part.parameters for part in found.parts.values()) == found.parameters


def test_memory_is_what_lives_at_the_same_time() -> None:
    with LiveMemory() as memory:
        for _ in range(5):
            x = torch.zeros(1000)
            x = x + 1  # two at a time, never ten
            del x
    assert 8000 <= memory.peak <= 12000


def test_memory_grows_with_the_length() -> None:
    short, long = (profiles({"a": small()}, num_labels=3, length=n, repetitions=0)["a"] for n in (256, 1024))
    assert long.activation_bytes == pytest.approx(4 * short.activation_bytes, rel=0.1)
