"""Detection has the host wait for the device once in a batch, whatever the levels, classes and videos."""

import numpy as np
import pytest
import torch

from logotal.config import Config, InferenceConfig
from logotal.data.batch import Sample
from logotal.data.grid import FeatureGrid
from logotal.inference import decode as decoding
from logotal.inference.decode import decode
from logotal.inference.pipeline import Pipeline
from logotal.inference.predictor import Predictor
from logotal.inference.windows import SlidingDetector, Windows
from logotal.model.ensemble import build_network
from tests.accelerator import META, Accelerator
from tests.inference.test_decode import random_predictions
from tests.model.cases import CHANNELS, HEAD_NAMES, small


def predictor_on_meta(labels=3, **changes):
    config = Config(model=small(**changes))
    names = tuple("abcdefgh"[:labels])
    predictor = Predictor(build_network(config.model, num_labels=labels), Pipeline(names, config))
    predictor.detector.to(META)
    predictor.device = META
    return predictor


def samples(count):
    grid, nothing = FeatureGrid(30.0, 4.0, 16.0), (torch.zeros(0, 2), torch.zeros(0, dtype=torch.long))
    return [Sample(f"v{i}", torch.zeros(CHANNELS, 20 + i), *nothing, grid, None) for i in range(count)]


@pytest.mark.parametrize("head", HEAD_NAMES)
@pytest.mark.parametrize(("videos", "labels", "levels"), [(1, 1, 2), (1, 8, 5), (4, 3, 4)])
def test_detecting_a_batch_copies_from_the_device_once(head, videos, labels, levels):
    predictor = predictor_on_meta(labels=labels, head=head, levels=levels)
    with Accelerator() as device:
        found = predictor.detect_samples(samples(videos))
    assert [timeline.video for timeline in found] == [f"v{i}" for i in range(videos)]
    assert device.to_host == 1


def test_an_ensemble_copies_once_for_all_its_members():
    predictor = predictor_on_meta(members=3)
    with Accelerator() as device:
        predictor.detect_samples(samples(2))
    assert device.to_host == 1


def test_a_stream_copies_from_the_device_once_for_each_of_its_windows():
    predictor = predictor_on_meta()
    sliding = SlidingDetector(predictor.detector, InferenceConfig(), Windows(before=16, hop=16, after=16, align=8))
    with Accelerator() as device:
        decided = [*sliding.push(np.zeros((100, CHANNELS), np.float32)), *sliding.finish()]
    assert device.to_host == len(decided) == 7


@pytest.mark.parametrize(
    "look",
    [
        lambda x: x.sum().item(),
        lambda x: bool(x.any()),
        lambda x: x.nonzero(),
        lambda x: x[x > 0],
        lambda x: x.masked_select(x > 0),
    ],
)
def test_whatever_else_waits_for_the_device_would_fail(look):
    with pytest.raises((RuntimeError, NotImplementedError)), Accelerator():
        look(torch.ones(3, device=META))


@pytest.mark.parametrize("copy", [torch.Tensor.cpu, torch.Tensor.tolist, lambda x: x.to("cpu", torch.float64)])
def test_every_copy_to_the_host_counts(copy):
    with Accelerator() as device:
        copy(torch.ones(3, device=META))
    assert device.to_host == 1


@pytest.mark.parametrize("bins", [None, 4])
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.99])
def test_an_accelerator_finds_what_the_cpu_finds(bins, threshold, monkeypatch):
    config = InferenceConfig(candidates_per_level=7, score_threshold=threshold, min_length=1.0)
    predictions = random_predictions(bins=bins)
    found = decode(predictions, config)
    monkeypatch.setattr(decoding, "is_on_cpu", lambda x: False)
    for one, other in zip(found, decode(predictions, config), strict=True):
        assert np.array_equal(one.labels, other.labels)
        assert np.array_equal(one.scores, other.scores)
        assert other.segments == pytest.approx(one.segments, rel=1e-6, abs=1e-6)
