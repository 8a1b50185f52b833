from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from logotal.report.charts.rows import MOST, rows
from logotal.timeline import Action

times = st.integers(0, 12)
actions = st.builds(
    lambda start, length, label, score: Action(start, start + length, label, score / 4),
    times, st.integers(0, 6), st.sampled_from("ab"), st.integers(0, 4),
)  # fmt: skip


def overlap(one: Action, other: Action) -> bool:
    """Whether one would hide a part of the other."""
    return one.label == other.label and (one.start == other.start or (one.start < other.end and other.start < one.end))


@given(st.lists(actions, max_size=20))
def test_only_in_the_last_row_do_actions_of_a_label_overlap(some: list[Action]) -> None:
    found = rows(some)
    assert all(0 <= row < MOST for row in found)
    for (one, row), (other, other_row) in combinations(zip(some, found, strict=True), 2):
        assert not (row == other_row < MOST - 1 and overlap(one, other))


@given(st.lists(actions, max_size=20))
def test_a_row_is_only_taken_where_all_above_it_are_full(some: list[Action]) -> None:
    found = rows(some)
    for one, row in zip(some, found, strict=True):
        for above in range(row):
            assert any(overlap(one, other) and place == above for other, place in zip(some, found, strict=True))


@given(st.lists(actions, max_size=20), st.integers(0, 4))
def test_weaker_actions_change_no_row_of_stronger_ones(some: list[Action], quarter: int) -> None:
    strong = [action for action in some if action.score >= quarter / 4]
    kept = [row for action, row in zip(some, rows(some), strict=True) if action.score >= quarter / 4]
    assert rows(strong) == kept


def test_those_that_touch_share_a_row_and_points_at_one_time_do_not() -> None:
    assert rows([Action(0, 1, "a"), Action(1, 2, "a"), Action(2, 3, "a")]) == [0, 0, 0]
    assert rows([Action(1, 1, "a"), Action(1, 1, "a")]) == [0, 1]
    assert rows([Action(0, 2, "a"), Action(1, 1, "a")]) == [0, 1]
    assert rows([Action(1, 1, "a", 1.0), Action(0, 2, "a", 0.5)]) == [0, 1]


def test_there_are_no_more_rows_than_a_label_has() -> None:
    crowd = [Action(0, 1, "a", 1 - i / 100) for i in range(30)]
    assert rows(crowd) == [*range(MOST), *[MOST - 1] * (30 - MOST)]
