"""Few actions teach more where videos are also seen otherwise, in bearable time."""

from dataclasses import replace

import pytest

from logotal.backbones.backbone import find_backbone
from logotal.project.views import choose_views
from logotal.project.ways import Plan, Tried
from logotal.suggest.suggestion import Suggestion

HOUR = 3600.0
DEEP = replace(find_backbone("i3d-rgb").whole(), clips="dense", depths="several", clip_frames=8)


def chosen(
    factor: float | None, seconds: float, *labels: str, accurate: bool = False, depths: str = "several"
) -> tuple[int, str]:
    plan = Plan(replace(DEEP, depths=depths), Suggestion({}, {}, (), ()), 30.0)
    return choose_views(Tried(plan, factor), labels, seconds, accurate=accurate)


@pytest.mark.parametrize(
    ("factor", "seconds", "views"),
    [
        (4.0, 600, 3),  # ten minutes in ten
        (1.0, 600, 1),
        (0.4, 600, 0),
        (4.0, HOUR, 3),  # as long as the videos last
        (3.0, HOUR, 2),
        (1.5, HOUR, 0),
        (None, 60, 3),  # so few clips that they are bearable everywhere
        (None, HOUR, 0),
        (100.0, 3.5 * HOUR, 1),  # three times their features would fill the disk
        (100.0, 10 * HOUR, 0),
    ],
)
def test_there_are_as_many_views_as_time_and_disk_allow(factor: float | None, seconds: float, views: int) -> None:
    found, said = chosen(factor, seconds, "squat")
    assert found == views
    assert said.startswith(f"training also sees {views} further view" if views else "no further views of the videos")


def test_who_wants_accuracy_waits_but_has_no_larger_disk() -> None:
    assert [chosen(0.1, hours * HOUR, accurate=True)[0] for hours in (1, 3.5, 12)] == [3, 1, 0]


@pytest.mark.parametrize("label", ["left turn", "Turn_RIGHT", "kick-links", "gauche2"])
def test_labels_that_tell_left_from_right_are_not_mirrored(label: str) -> None:
    assert chosen(4.0, 60, "squat", label) == (0, f"no mirrored views, for {label!r} tells left from right; data.views")
    assert chosen(4.0, 60, "upright", "leftover", "brighter")[0] == 3
