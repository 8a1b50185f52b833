import pytest
import torch

from logotal.model.detector import Detector
from logotal.model.ensemble import Ensemble, build_network
from tests.model.cases import HEAD_NAMES, LABELS, padded, random_clip, random_detector, small


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_an_ensemble_answers_with_the_mean_of_its_members(head: str) -> None:
    members = [random_detector(head=head) for _ in range(3)]
    for index, member in enumerate(members):
        with torch.no_grad():
            member.classification.trunk.last.conv.weight.mul_(index + 1)
            for parameter in member.regression.parameters():
                parameter.mul_(1 + 0.1 * index)
    clip = padded([random_clip(40), random_clip(23)], 48)
    found = Ensemble(members)(*clip)
    each = [member(*clip) for member in members]
    assert torch.allclose(found.logits, sum(one.logits for one in each) / 3, atol=1e-5)
    for name in found.boundaries.tensors:
        mean = sum(getattr(one.boundaries, name) for one in each) / 3
        assert torch.allclose(getattr(found.boundaries, name), mean, atol=1e-5)
    assert torch.equal(found.mask, each[0].mask)
    first = torch.tensor([0])
    assert not torch.allclose(
        found.boundaries.offsets(first, first, first), each[0].boundaries.offsets(first, first, first)
    )


def test_members_start_from_different_weights_and_one_member_is_a_detector() -> None:
    torch.manual_seed(0)
    two = build_network(small(members=2), num_labels=LABELS)
    torch.manual_seed(0)
    one = build_network(small(), num_labels=LABELS)
    assert isinstance(two, Ensemble)
    assert isinstance(one, Detector)
    first, second = (dict(member.named_parameters()) for member in two.members)
    assert all(torch.equal(parameter, first[name]) for name, parameter in one.named_parameters())
    drawn = {name for name, parameter in first.items() if not torch.equal(parameter, second[name])}
    assert {name for name, parameter in first.items() if name.endswith("conv.weight")} <= drawn
