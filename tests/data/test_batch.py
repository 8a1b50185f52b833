from dataclasses import replace

import torch
from torch.utils.data._utils.pin_memory import pin_memory

from logotal.data.batch import Batch, Sample, collate
from logotal.data.grid import FeatureGrid

GRID = FeatureGrid(30.0, 4.0, 16.0)


def sample(name, length, actions=0, spans=0):
    return Sample(
        name,
        torch.arange(1.0, 2 * length + 1).reshape(2, length),
        torch.rand(actions, 2),
        torch.arange(actions),
        GRID,
        duration=None,
        ignored=torch.rand(spans, 2),
    )


def test_videos_are_padded_with_zeros_to_the_longest_and_the_mask_says_where():
    batch = collate([sample("a", 2), sample("b", 4), sample("c", 1)])
    assert batch.ids == ("a", "b", "c")
    assert batch.features.tolist() == [
        [[1, 2, 0, 0], [3, 4, 0, 0]],
        [[1, 2, 3, 4], [5, 6, 7, 8]],
        [[1, 0, 0, 0], [2, 0, 0, 0]],
    ]
    assert batch.mask.tolist() == [[[1, 1, 0, 0]], [[1, 1, 1, 1]], [[1, 0, 0, 0]]]
    assert batch.mask.dtype == torch.bool


def test_actions_stay_with_their_video_and_a_video_may_have_none():
    samples = [sample("a", 2, actions=3), sample("b", 4, spans=2), sample("c", 1, actions=1)]
    batch = collate(samples)
    assert [len(spans) for spans in batch.ignored] == [0, 2, 0]
    assert [len(segments) for segments in batch.segments] == [3, 0, 1]
    for row, one in enumerate(samples):
        assert torch.equal(batch.segments[row], one.segments)
        assert torch.equal(batch.labels[row], one.labels)
        assert torch.equal(batch.ignored[row], one.ignored)


def test_a_video_alone_keeps_its_actions_and_its_ignored_spans():
    one = sample("a", 2, actions=3, spans=1)
    batch = collate([one])
    assert torch.equal(batch.segments[0], one.segments)
    assert torch.equal(batch.ignored[0], one.ignored)


def test_a_sample_ignores_nothing_unless_it_is_told_to():
    assert Sample("a", torch.ones(2, 3), torch.zeros(0, 2), torch.zeros(0), GRID, None).ignored.shape == (0, 2)


def test_moving_a_batch_moves_everything_in_it():
    batch = collate([sample("a", 2, actions=3, spans=1)]).to(torch.device("meta"))
    tensors = (batch.features, batch.mask, *batch.segments, *batch.labels, *batch.ignored)
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    assert batch.ids == ("a",)


def test_pinning_a_batch_pins_everything_in_it(monkeypatch):
    pinned = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor: pinned.append(tensor) or tensor.clone())
    batch = collate([sample("a", 2, actions=3, spans=1), sample("b", 4)])
    whole = batch.pin_memory()
    assert len(pinned) == 2 + 3 * 2
    assert torch.equal(whole.features, batch.features)
    assert whole.features is not batch.features
    assert whole.ids == batch.ids


def test_a_data_loader_that_pins_asks_the_batch_for_it(monkeypatch):
    monkeypatch.setattr(Batch, "pin_memory", lambda batch: replace(batch, ids=("pinned",)))
    assert pin_memory(collate([sample("a", 2)])).ids == ("pinned",)
