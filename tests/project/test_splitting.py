"""Splits: no group in two of them, every label in training, and in validation too wherever that can be."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.errors import InputError
from logotal.project.splitting import TRAINING, VALIDATION, name_splits, split_groups

counts = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), max_size=4)
sets = st.dictionaries(
    st.text("xyz12", min_size=1, max_size=4), st.tuples(counts, st.integers(1, 5)), min_size=1, max_size=14
)


def labels_of(split: str, of_group: dict[str, str], actions: dict[str, dict[str, int]]) -> set[str]:
    return {label for group, name in of_group.items() if name == split for label in actions[group]}


@given(sets, st.floats(0.05, 0.6), st.integers(0, 5))
@settings(deadline=None, max_examples=200)
def test_every_group_has_one_split_and_training_keeps_every_label(
    groups: dict[str, tuple[dict[str, int], int]], held_back: float, seed: int
) -> None:
    actions = {group: labels for group, (labels, _) in groups.items()}
    sizes = {group: videos for group, (_, videos) in groups.items()}
    splits = split_groups(actions, sizes, held_back=held_back, seed=seed)
    of_group = dict(splits.of_group)

    assert set(of_group) == set(sizes)
    assert set(of_group.values()) <= {TRAINING, VALIDATION}
    assert TRAINING in of_group.values()
    assert labels_of(TRAINING, of_group, actions) == {label for labels in actions.values() for label in labels}
    shuffled = {group: actions[group] for group in sorted(actions, reverse=True)}
    assert split_groups(shuffled, sizes, held_back=held_back, seed=seed) == splits
    # Whatever validation lacks is named, and so is that there is none.
    missing = labels_of(TRAINING, of_group, actions) - labels_of(VALIDATION, of_group, actions)
    said = " ".join(splits.notes)
    assert all(repr(label) in said for label in missing) or VALIDATION not in of_group.values()
    assert VALIDATION in of_group.values() or "nothing is held back" in said


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=30), st.integers(0, 3))
@settings(deadline=None)
def test_with_one_label_a_group_every_label_of_two_groups_is_in_both(labels: list[str], seed: int) -> None:
    actions = {f"g{i}": {label: 1 + i % 3} for i, label in enumerate(labels)}
    of_group = dict(split_groups(actions, dict.fromkeys(actions, 1), held_back=0.2, seed=seed).of_group)
    twice = {label for label, count in Counter(labels).items() if count > 1}
    assert labels_of(VALIDATION, of_group, actions) == twice


def test_about_the_wanted_part_is_held_back_of_every_label() -> None:
    actions = {f"g{i}": {label: 5 + (i * k) % 7 for k, label in enumerate("abc")} for i in range(100)}
    of_group = split_groups(actions, dict.fromkeys(actions, 1), held_back=0.2, seed=3).of_group
    held = [group for group, split in of_group.items() if split == VALIDATION]
    assert 17 <= len(held) <= 23
    for label in "abc":
        part = sum(actions[group][label] for group in held) / sum(labels[label] for labels in actions.values())
        assert part == pytest.approx(0.2, abs=0.04)


def test_a_thousand_videos_without_actions_are_shared_out_too() -> None:
    sizes = {f"g{i}": 1 for i in range(1000)}
    of_group = split_groups({}, sizes, held_back=0.25, seed=0).of_group
    assert Counter(of_group.values()) == {TRAINING: 750, VALIDATION: 250}


def test_a_label_of_one_group_stays_in_training_and_is_named() -> None:
    actions = {"anna": {"serve": 9, "ace": 2}, "ben": {"serve": 3}, "cleo": {"serve": 4}}
    for seed in range(8):
        splits = split_groups(actions, dict.fromkeys(actions, 1), held_back=0.3, seed=seed)
        assert splits.of_group["anna"] == TRAINING
        assert splits.notes[0] == "only one group has 'ace': trained on, never evaluated"


def test_another_seed_gives_another_split() -> None:
    sizes = {f"g{i}": 1 for i in range(20)}
    actions = {group: {"a": 1} for group in sizes}
    found = {tuple(split_groups(actions, sizes, held_back=0.3, seed=seed).of_group.values()) for seed in range(4)}
    assert len(found) == 4


def test_one_group_or_groups_of_own_labels_are_all_trained_on_and_a_note_says_so() -> None:
    alone = split_groups({"anna": {"serve": 9}}, {"anna": 4}, held_back=0.2, seed=0)
    assert (dict(alone.of_group), "there is only one group" in alone.notes[0]) == ({"anna": TRAINING}, True)
    own = split_groups({"a": {"x": 1}, "b": {"y": 1}}, {"a": 1, "b": 1}, held_back=0.2, seed=0)
    assert (set(own.of_group.values()), "a label that no other has" in own.notes[0]) == ({TRAINING}, True)


def test_nothing_is_held_back_where_nothing_should_be() -> None:
    assert set(split_groups({}, {"a": 1, "b": 1}, held_back=0, seed=0).of_group.values()) == {TRAINING}


@pytest.mark.parametrize("part", [-0.1, 1.0, float("nan")])
def test_a_part_that_cannot_be_held_back_is_an_error(part: float) -> None:
    with pytest.raises(InputError, match="expected a part from 0 to below 1"):
        split_groups({}, {"a": 1}, held_back=part, seed=0)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["training", "validation"], ("training", "validation")),
        (["Test", "Validation"], ("Validation", "Test")),
        (["test", "train"], ("train", "test")),
        (["dev", "test", "train"], ("train", "dev")),
        (["training"], None),
        ([], None),
    ],
)
def test_the_names_of_splits_say_which_is_which(names: list[str], expected: tuple[str, str] | None) -> None:
    assert name_splits(names, "labels") == expected


@pytest.mark.parametrize("names", [["a", "b"], ["train", "training"], ["train_1", "train_2", "val"]])
def test_names_of_splits_that_say_nothing_are_an_error(names: list[str]) -> None:
    with pytest.raises(InputError, match="expected splits called training, validation or test"):
        name_splits(names, "labels")
