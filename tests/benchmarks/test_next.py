"""What the benchmark of the order makes of its curves, and what it chooses by."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.next import at, height, picture, reached, table
from benchmarks.next_sbhar import in_pieces
from benchmarks.orders import ORDERS, Asked
from logotal.formats.annotations import VideoTruth, read_annotations
from logotal.timeline import Action, Timeline


def rounds(*points: tuple[float, float]) -> list[dict[str, float]]:
    return [{"videos": minutes, "minutes": minutes, "actions": 3 * minutes, "map": found} for minutes, found in points]


CURVE, (ALL,) = rounds((2, 10), (4, 30), (8, 50)), rounds((20, 60))


def test_a_curve_is_straight_between_its_rounds() -> None:
    assert [at(CURVE, minutes) for minutes in (2, 3, 4, 6, 8)] == [10, 20, 30, 40, 50]
    assert height(CURVE, 4) == pytest.approx(20)


def test_near_the_end_is_reached_between_two_rounds_or_after_the_last() -> None:
    assert reached(CURVE, ALL | {"map": 40 / 0.95}, "minutes") == pytest.approx(6)
    assert reached(CURVE, ALL | {"map": 40 / 0.95}, "actions") == pytest.approx(18)
    assert reached(CURVE, ALL, "minutes") == pytest.approx(8 + 12 * 0.7)


def test_the_table_compares_orders_up_to_what_all_have_labelled() -> None:
    curves = {"all labels": [[ALL]], "random": [CURVE], "next": [rounds((2, 10), (3, 40), (6, 60))]}
    line = next(line for line in table(curves).splitlines() if line.startswith("| next"))
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    assert cells[0] == "next"
    assert float(cells[2]) == pytest.approx(float(cells[1]) - height(CURVE, 6), abs=0.1)
    assert float(cells[4]) == pytest.approx(100 * 5.55 / 20, abs=0.1)
    assert "logotal next" in picture(curves)


def asked() -> Asked:
    """Three videos: one in which much is found, one with an unsure rare label, one that looks like nothing labelled.

    Another model finds the same in the first but for the boundaries, and another label in the last.
    """
    many = Timeline("many", tuple(Action(i, i + 0.5, "jump", 0.95) for i in range(20)), 30.0)
    unsure = Timeline("unsure", (Action(1, 2, "jump", 0.5), Action(4, 5, "jump", 0.5), Action(8, 9, "jump", 0.5)), 30.0)
    rare = Timeline("rare", (Action(1, 2, "squat", 0.5), Action(4, 5, "squat", 0.6)), 30.0)
    known = VideoTruth("known", "now", (*(Action(i, i + 1, "jump") for i in range(9)), Action(20, 21, "squat")))
    means = {"known": [0.0, 0.0], "many": [1.0, 0.0], "unsure": [1.0, 0.1], "rare": [0.0, 5.0]}
    moved = replace(many, actions=tuple(replace(action, end=action.end + 0.3) for action in many))
    other = replace(rare, actions=tuple(replace(action, label="jump") for action in rare))
    random, looks = np.random.default_rng(0), {k: np.array(v) for k, v in means.items()}
    return Asked([many, unsure, rare], [known], looks, random, lambda: [[moved, unsure, other]])


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("next", "unsure"),
        ("rare twice", "rare"),
        ("most found", "many"),
        ("least alike", "rare"),
        ("models disagree", "rare"),
        ("boundaries disagree", "many"),
    ],
)
def test_each_order_begins_with_what_it_is_for(order: str, first: str) -> None:
    found = ORDERS[order](asked())
    assert sorted(found) == ["many", "rare", "unsure"]
    assert found[0] == first


def test_recordings_are_cut_and_keep_the_transitions_that_lie_in_a_piece(tmp_path: Path) -> None:
    data = tmp_path / "sbhar"
    (data / "features").mkdir(parents=True)
    np.save(data / "features" / "a.npy", np.arange(240, dtype=np.float32)[:, None])
    actions = [{"segment": [59.0, 63.0], "label": "sit-to-stand"}, {"segment": [0.0, 120.0], "label": "walking"}]
    video = {"subset": "training", "duration": 120.5, "fps": 50, "annotations": actions}
    (data / "annotations.json").write_text(json.dumps({"database": {"a": video}}))
    settings = in_pieces(data, tmp_path)
    found = read_annotations(Path(str(settings["annotations"]))).videos
    assert [(video.id, video.duration, video.actions) for video in found.values()] == [
        ("a_00", 60.5, ()),
        ("a_01", 60.5, (Action(0.0, 3.0, "sit-to-stand"),)),
    ]
    assert np.load(tmp_path / "features" / "a_01.npy")[0, 0] == 120
