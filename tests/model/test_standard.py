"""Features of any scale: brought to one by numbers of the training, which nothing but the features decides."""

import pytest
import torch

from logotal.model.standard import Standard
from logotal.training.engine.learner import Learner
from tests.model.cases import CHANNELS, LABELS, fresh_detector, random_detector
from tests.training.small import small_config

SCALE, SHIFT = torch.linspace(0.01, 30, CHANNELS), torch.linspace(-50, 80, CHANNELS)


def features(length=40):
    return torch.randn(2, CHANNELS, length, generator=torch.Generator().manual_seed(1))


def mask(length=40):
    return torch.arange(length).expand(2, 1, length) < torch.tensor([length, length // 2])[:, None, None]


def with_units(detector):
    """The same network for features in other units: x * SCALE + SHIFT."""
    detector.encoder.embedding.standard.learn(SHIFT, SCALE)
    return detector


def test_a_network_that_knows_the_units_answers_alike():
    plain, other = random_detector(standardize=True), with_units(random_detector(standardize=True))
    x, real = features(), mask()
    expected, found = plain(x, real), other(x * SCALE[:, None] + SHIFT[:, None], real)
    torch.testing.assert_close(found.logits, expected.logits, rtol=1e-3, atol=1e-4)


def test_what_lies_in_the_padding_changes_nothing():
    detector, x, real = with_units(random_detector(standardize=True)), features(), mask()
    expected = detector(x, real)
    found = detector(torch.where(real, x, 1e4), real)
    seen = expected.mask
    torch.testing.assert_close(found.logits.mT[seen], expected.logits.mT[seen], rtol=0, atol=1e-5)


def test_it_is_off_unless_asked_for_and_then_saved_with_the_weights():
    assert not any("standard" in name for name in fresh_detector().state_dict())
    saved = with_units(fresh_detector(standardize=True)).state_dict()
    again = fresh_detector(standardize=True)
    again.load_state_dict(saved)
    assert torch.equal(again.encoder.embedding.standard.mean[:, 0], SHIFT)


def test_its_numbers_stay_exact_where_the_network_computes_in_less():
    network = torch.nn.Sequential(Standard(2))
    network[0].learn(torch.tensor([1000.3, 2.0]), torch.tensor([0.1, 1.0]))
    network.to(torch.bfloat16)
    assert network[0].mean.dtype == torch.float32
    assert network(torch.tensor([[[1000.4], [2.0]]]))[0, :, 0].tolist() == pytest.approx([1.0, 0.0], abs=1e-2)
    assert network.to("meta")[0].mean.device.type == "meta"


def test_a_channel_that_never_changes_is_moved_and_no_more():
    standard = Standard(1)
    standard.learn(torch.tensor([3.0]), torch.tensor([0.0]))
    assert standard(torch.full((1, 1, 2), 3.5)).tolist() == [[[0.5, 0.5]]]


def test_input_noise_is_in_units_of_the_deviation(tmp_path):
    noise = {"training": {"input_noise": 0.5}, "data": {"features": tmp_path}}
    detector = with_units(fresh_detector(standardize=True))
    learner = Learner(detector, small_config(tmp_path, **noise), num_classes=LABELS, steps_per_epoch=1)
    x, real = torch.zeros(2, CHANNELS, 4000), mask(4000)

    class Given:
        features, mask = x, real

    deviation = learner._noised(Given)[0].std(-1)
    torch.testing.assert_close(deviation, 0.5 * SCALE, rtol=0.05, atol=0)
