import re

import pytest
import torch

from logotal.config import ModelConfig
from logotal.errors import InputError
from logotal.model.detector import build_detector
from logotal.model.mixers import MIXERS
from tests.model.cases import (
    HEAD_NAMES,
    LAYOUTS,
    MIXER_NAMES,
    fresh_detector,
    padded,
    random_clip,
    random_detector,
    real_outputs,
    small,
)


@torch.no_grad()
def test_predictions_cover_every_point_and_mark_the_real_ones():
    predictions = fresh_detector()(*padded([random_clip(5), random_clip(3)], 5))
    assert predictions.points.sizes == (5, 3, 2, 1)
    assert predictions.logits.shape == (2, 3, 11)
    assert predictions.mask.tolist() == [[True] * 11, [1, 1, 1, 0, 0, 1, 1, 0, 1, 0, 1]]


@torch.no_grad()
def test_a_clip_of_one_step_has_one_point_per_level():
    predictions = fresh_detector()(*padded([random_clip(1)], 1))
    logits, offsets = real_outputs(predictions, 0)
    assert (logits.shape, offsets.shape) == ((3, 4), (4, 3, 2))
    assert logits.isfinite().all()
    assert offsets.isfinite().all()


@torch.no_grad()
def test_a_class_agnostic_network_has_one_class_whatever_the_labels():
    detector = build_detector(small(class_agnostic=True), num_labels=200)
    assert detector(*padded([random_clip(5)], 5)).logits.shape[1] == 1


def test_a_network_for_features_of_unknown_width_cannot_be_built():
    with pytest.raises(ValueError, match="input_channels must be known"):
        build_detector(ModelConfig(), num_labels=3)


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_levels_are_fused_for_the_clff_heads_only(head):
    assert (fresh_detector(head=head).fusion is not None) == head.startswith("clff")


@torch.no_grad()
@pytest.mark.parametrize("branches", ["center", "center_and_boundaries", "all"])
def test_only_the_named_branches_read_the_fused_pyramid(branches):
    detector = random_detector(fusion={"branches": branches})
    clip = padded([random_clip(20)], 20)
    read = {}
    for name, branch in {
        "class": detector.classification.trunk,
        "start": detector.regression.start,
        "end": detector.regression.end,
        "center": detector.regression.center,
    }.items():
        branch.register_forward_pre_hook(lambda _, arguments, name=name: read.update({name: arguments[0][1]}))
    detector(*clip)
    pyramid = detector.encoder(*clip)
    fused, plain = detector.fusion(pyramid)[1], pyramid.levels[1]
    expected = {
        "class": fused if branches == "all" else plain,
        "start": plain if branches == "center" else fused,
        "end": plain if branches == "center" else fused,
        "center": fused,
    }
    assert {name for name in read if torch.allclose(read[name], expected[name])} == set(expected)
    assert not torch.allclose(fused, plain)


@torch.no_grad()
def test_evaluation_is_the_same_twice_and_training_drops_paths():
    detector = fresh_detector(drop_path=0.5).eval()
    clip = padded([random_clip(20)], 20)
    assert torch.equal(detector(*clip).logits, detector(*clip).logits)
    detector.train()
    assert not torch.equal(detector(*clip).logits, detector(*clip).logits)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("mixer", MIXER_NAMES)
@pytest.mark.parametrize("lengths", [(1,), (2, 2), (3,), (26, 26), (26, 9, 1)], ids=str)
def test_answers_are_the_same_without_a_gradient_and_the_features_are_left_as_they_were(mixer, layout, lengths):
    """Where no gradient is wanted, layers overwrite what is theirs: never what they were given, never the numbers."""
    detector = random_detector(mixer=mixer, layout=layout)
    features, mask = padded([random_clip(length) for length in lengths], max(lengths))
    given = features.clone(), mask.clone()
    expected = [real_outputs(detector(features, mask), row) for row in range(len(lengths))]
    with torch.no_grad():
        predictions = detector(features, mask)
    for row, outputs in enumerate(expected):
        for found, wanted in zip(real_outputs(predictions, row), outputs, strict=True):
            torch.testing.assert_close(found, wanted.detach(), rtol=1e-5, atol=1e-5)
    assert torch.equal(features, given[0])
    assert torch.equal(mask, given[1])


WRONG = {
    "no head 'tridnet'": ({"head": "tridnet"}, r"^model\.head: no 'tridnet'; did you mean 'trident'\?$"),
    "no head 'xyz'": ({"head": "xyz"}, r"^model\.head: no 'xyz'; valid: light, trident, clff, clff-light$"),
    "no mixer 'atention'": ({"mixer": "atention"}, r"^model\.mixer: no 'atention'; did you mean 'attention'\?$"),
    "a mixer that cannot halve": (
        {"mixer": "conv", "layout": "actionformer"},
        r"^model\.layout actionformer needs model\.mixer attention, found conv$",
    ),
}


@pytest.mark.parametrize(("changes", "message"), WRONG.values(), ids=WRONG)
def test_a_network_that_there_is_not_names_the_key_and_the_cure(changes, message):
    with pytest.raises(InputError, match=message):
        fresh_detector(**changes)


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_help_names_every_head_and_mixer(head):
    fields = ModelConfig.model_fields
    assert re.search(rf"\b{head}\b", fields["head"].description)
    assert all(re.search(rf"\b{mixer}\b", fields["mixer"].description) for mixer in MIXERS)
