"""How well two annotators agree, against counts by hand and scikit-learn's kappa on dense frames."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from logotal.errors import InputError
from logotal.evaluation.agreement import agreement
from logotal.timeline import Action, Timeline

times = st.integers(0, 80).map(lambda tenth: tenth / 10)
spans = st.tuples(times, st.integers(1, 20)).map(lambda each: (each[0], each[0] + each[1] / 10))
actions = st.lists(st.builds(lambda span, label: Action(*span, label), spans, st.sampled_from("ab")), max_size=5)


def line(*found: Action, video: str = "match", duration: float | None = 10.0) -> Timeline:
    return Timeline(video, tuple(found), duration)


def test_the_counts_are_those_by_hand() -> None:
    ann = line(Action(1, 3, "serve"), Action(5, 6, "serve"), Action(7, 8, "lob"))
    bob = line(Action(1, 2.5, "serve"), Action(5.9, 7, "serve"))
    found = agreement([ann], [bob])
    serve, lob = found.labels
    assert (serve.label, serve.first, serve.second, serve.matched, serve.f1) == ("serve", 2, 2, 1, 0.5)
    assert (serve.tiou, serve.boundary) == (0.75, 0.25)
    assert (lob.first, lob.second, lob.matched, lob.f1, lob.kappa) == (1, 0, 0, 0.0, 0.0)
    assert (found.whole.first, found.whole.second, found.whole.matched, found.whole.f1) == (3, 2, 1, 0.4)


def test_as_many_pairs_as_can_be_are_matched() -> None:
    # The best single pair (1-3 with 1-3.1) would leave two actions without a partner.
    first = line(Action(1, 3, "a"), Action(1, 4.6, "a"))
    second = line(Action(1, 3.1, "a"), Action(1, 1.9, "a"))
    assert agreement([first], [second], tiou=0.4).whole.matched == 2


def test_moments_match_within_the_tolerance() -> None:
    first, second = line(Action(1, 1, "hit"), Action(5, 5, "hit")), line(Action(1.3, 1.3, "hit"), Action(6, 6, "hit"))
    assert agreement([first], [second]).whole.matched == 1
    assert agreement([first], [second], tolerance=1).whole.matched == 2


@given(actions, actions)
@settings(deadline=None, max_examples=60)
def test_kappa_is_that_of_dense_frames(mine: list[Action], theirs: list[Action]) -> None:
    first, second = line(*mine), line(*theirs)
    frames = np.arange(0.05, 10, 0.1)

    def seen(timeline: Timeline, labels: str) -> list[str]:
        return [
            "+".join(sorted({a.label for a in timeline if a.start <= t < a.end and a.label in labels})) for t in frames
        ]

    found = agreement([first], [second])
    for each, labels in [*((label, label.label) for label in found.labels), (found.whole, "ab")]:
        one, other = seen(first, labels), seen(second, labels)
        expected = cohen_kappa_score(one, other) if len({*one, *other}) > 1 else math.nan
        assert each.kappa == pytest.approx(expected, abs=1e-6, nan_ok=True)


@given(actions, actions)
@settings(deadline=None, max_examples=60)
def test_it_does_not_matter_who_is_first(mine: list[Action], theirs: list[Action]) -> None:
    there, back = agreement([line(*mine)], [line(*theirs)]), agreement([line(*theirs)], [line(*mine)])
    assert [(a.label, a.matched, a.f1) for a in there.labels] == [(a.label, a.matched, a.f1) for a in back.labels]
    assert there.whole.kappa == pytest.approx(back.whole.kappa, nan_ok=True)


@given(actions.filter(bool))
@settings(deadline=None)
def test_everybody_agrees_with_themselves(mine: list[Action]) -> None:
    whole = agreement([line(*mine)], [line(*mine)]).whole
    assert (whole.f1, whole.tiou, whole.boundary) == (1.0, pytest.approx(1), 0.0)
    assert whole.kappa == pytest.approx(1)


def test_videos_of_one_of_them_do_not_count_and_are_named() -> None:
    found = agreement(
        [line(Action(1, 2, "a")), line(video="x")], [line(Action(1, 2, "a"), duration=None), line(video="y")]
    )
    assert (found.videos, found.only_first, found.only_second) == (("match",), ("x",), ("y",))
    assert found.notes() == ["videos only in A, not counted: 'x'", "videos only in B, not counted: 'y'"]
    with pytest.raises(InputError, match="no video is in both: one has 'match', the other 'y'"):
        agreement([line()], [line(video="y")])
    with pytest.raises(InputError, match="two of 'match'"):
        agreement([line(), line()], [line()])


def test_the_length_that_one_of_them_knows_counts() -> None:
    # 10 s of which both say "a" for one, A alone for one: the kappa of 8 s of background and 2 s of actions.
    known, unknown = line(Action(1, 3, "a")), line(Action(1, 2, "a"), duration=None)
    both = agreement([known], [replace(unknown, duration=10.0)]).whole.kappa
    assert agreement([known], [unknown]).whole.kappa == agreement([unknown], [known]).whole.kappa == both
    assert both == pytest.approx((0.9 - 0.74) / (1 - 0.74))


def test_the_table_and_the_json_say_the_same() -> None:
    found = agreement([line(Action(1, 3, "serve"))], [line(Action(1, 2.5, "serve"), Action(7, 8, "lob"))])
    assert str(found.tables()[0]).splitlines()[1:] == [
        "label  A  B  matched  F1@0.5  tIoU  boundary s  kappa",
        "serve  1  1        1   100.0  75.0        0.25   0.83",
        "lob    0  1        0     0.0     -           -   0.00",
        "all    1  2        1    66.7  75.0        0.25   0.59",
    ]
    content = found.to_json()
    assert content["all"]["f1"] == pytest.approx(2 / 3)
    assert content["labels"]["lob"] == {
        "first": 0,
        "second": 1,
        "matched": 0,
        "f1": 0.0,
        "tiou": None,
        "boundary": None,
        "kappa": 0.0,
    }
