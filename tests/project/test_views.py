"""Few actions teach more where videos are also seen otherwise, in bearable time."""

from dataclasses import replace

import pytest

from logotal.backbones.backbone import find_backbone
from logotal.project.views import choose_views, mirrored_wrong, told_of_views
from logotal.project.ways import Plan, Tried
from logotal.suggest.suggestion import Suggestion

HOUR = 3600.0
DEEP = replace(find_backbone("i3d-rgb").whole(), clips="dense", depths="several", clip_frames=8)


def chosen(factor: float | None, seconds: float, *, accurate: bool = False) -> int:
    plan = Plan(replace(DEEP, clip_stride=4), Suggestion({}, {}, (), ()), 30.0)
    return choose_views(Tried(plan, factor), seconds, accurate=accurate)


@pytest.mark.parametrize(
    ("factor", "seconds", "views"),
    [
        (4.0, 600, 3),  # ten minutes in ten
        (2.0, 600, 1),
        (1.0, 600, 0),
        (4.0, HOUR, 3),  # as long as the videos last
        (3.0, HOUR, 2),
        (1.5, HOUR, 0),
        (None, 15, 3),  # so few clips that they are bearable everywhere
        (None, HOUR, 0),  # nobody knows
        (100.0, 3.5 * HOUR, 1),  # three times their features would fill the disk
        (100.0, 10 * HOUR, 0),
    ],
)
def test_there_are_as_many_views_as_time_and_disk_allow(factor: float | None, seconds: float, views: int) -> None:
    assert chosen(factor, seconds) == views
    said = told_of_views(views, None)
    assert said.startswith(f"training also sees {views} further view" if views else "no further views of the videos")


def test_who_wants_accuracy_waits_but_has_no_larger_disk() -> None:
    assert [chosen(0.1, hours * HOUR, accurate=True) for hours in (1, 3.5, 12)] == [3, 1, 0]


@pytest.mark.parametrize("label", ["left turn", "Turn_RIGHT", "kick-links", "gauche2"])
def test_labels_that_tell_left_from_right_are_not_mirrored(label: str) -> None:
    assert mirrored_wrong(["squat", label]) == label
    assert f"{label!r} tells left from right" in told_of_views(0, label)
    assert mirrored_wrong(["squat", "upright", "leftover", "brighter"]) is None
