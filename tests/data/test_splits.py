"""Splits that the file does not have: nothing tears a group apart, and the file's order decides nothing."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logotal.data.splits import HELD_OUT, folded, group_of, held_out, shared
from logotal.errors import InputError
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.timeline import Action
from tests.data.cases import data_config


def video(name: str, labels: str = "", *, group: str | None = None, split: str = "training") -> VideoTruth:
    """A video with an action for each letter."""
    return VideoTruth(name, split, tuple(Action(0.0, 1.0, label) for label in labels), group=group)


def annotations(*videos: VideoTruth) -> Annotations:
    labels = sorted({action.label for each in videos for action in each.actions})
    return Annotations(tuple(labels), {each.id: each for each in videos}, Path("actions.json"))


def hold_out(share: float, *videos: VideoTruth, **changes: object) -> set[str]:
    """The names of the videos that are held out."""
    found = held_out(annotations(*videos), data_config(hold_out=share, **changes))
    return {each.id for each in found.videos.values() if each.split == HELD_OUT}


TEN = [video(f"v{index}", "a") for index in range(10)]


def test_nothing_is_held_out_unless_it_is_asked_for():
    truth = annotations(*TEN)
    assert held_out(truth, data_config()) is truth


@pytest.mark.parametrize(("share", "count"), [(0.2, 2), (0.5, 5), (0.04, 1), (0.9, 9), (0.99, 9)])
def test_the_share_is_one_of_videos_and_either_part_has_one(share, count):
    assert len(hold_out(share, *TEN)) == count


def test_only_the_training_split_is_divided():
    others = [video(f"w{index}", "a", split="validation") for index in range(5)]
    found = held_out(annotations(*TEN, *others), data_config(hold_out=0.5))
    assert [each.id for each in found.split("validation")] == [each.id for each in others]
    assert [each.id for each in found.split("training", HELD_OUT)] == [each.id for each in TEN]


def test_what_is_held_out_does_not_depend_on_the_order_of_the_file():
    videos = [video(f"v{index}", "abc"[index % 3], group=f"g{index // 2}") for index in range(12)]
    assert hold_out(0.3, *videos) == hold_out(0.3, *videos[::-1]) == hold_out(0.3, *videos[5:], *videos[:5])


def test_what_is_held_out_does_not_depend_on_the_seed_of_hashes():
    script = (
        "from tests.data.test_splits import hold_out, video\n"
        "print(sorted(hold_out(0.3, *(video(f'v{i}', 'abcd'[i % 4] + 'ef'[i % 2]) for i in range(20)))))"
    )
    root = Path(__file__).parents[2]
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"},
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(said) == 1
    assert b"v" in said.pop()


def test_a_label_stays_in_training_wherever_another_choice_allows_it():
    videos = [video("only", "ab"), *(video(f"v{index}", "b") for index in range(9))]
    for share in (0.1, 0.5, 0.9, 0.99):
        assert "only" not in hold_out(share, *videos)


def test_labels_that_nothing_held_out_shows_come_first():
    common = [video(f"c{index}", "a") for index in range(40)]
    rare = [video("r1", "b"), video("r2", "b"), video("s1", "c"), video("s2", "c")]
    assert hold_out(0.1, *common, *rare) & {"r1", "r2"}
    assert hold_out(0.1, *common, *rare) & {"s1", "s2"}


def test_a_group_that_is_too_big_waits_for_one_that_fits():
    big = [video(f"b{index}", "a", group="big") for index in range(8)]
    assert hold_out(0.2, *big, video("x", "a", group="small"), video("y", "a", group="small")) == {"x", "y"}


def test_where_all_groups_are_too_big_the_smallest_is_held_out():
    videos = [video(f"{size}{index}", "a", group=f"of {size}") for size in (5, 4, 6) for index in range(size)]
    assert {name[0] for name in hold_out(0.05, *videos)} == {"4"}


def test_where_every_video_has_a_label_of_its_own_the_fewest_are_lost():
    assert hold_out(0.5, video("x", "abc"), video("y", "def"), video("z", "g")) == {"z"}


def test_a_label_only_of_events_without_length_need_not_stay():
    point = Action(1.0, 1.0, "point")
    pairs = [(VideoTruth(name, "training", (point, Action(0.0, 1.0, "a"))), video("x", "a")) for name in "bcdefghi"]
    assert {pair[0].id in hold_out(0.5, *pair) for pair in pairs} == {True, False}


@pytest.mark.parametrize(
    ("videos", "found"),
    [
        ([video("a", "x")], r"split 'training' has 1 \(1 videos\)"),
        ([video("a", "x", group="g"), video("b", "x", group="g")], r"split 'training' has 1 \(2 videos\)"),
    ],
    ids=["one video", "one group"],
)
def test_one_group_cannot_be_shared_out(videos, found):
    with pytest.raises(InputError, match=rf"data\.hold_out 0\.2 needs at least 2 groups .* but {found}; annotate more"):
        hold_out(0.2, *videos)


def test_excluded_videos_are_no_choice():
    with pytest.raises(InputError, match="needs at least 2 groups"):
        hold_out(0.2, video("a", "x"), video("b", "x"), exclude=("b",))
    assert hold_out(0.2, video("a", "x"), video("b", "x"), video("c", "x"), exclude=("b",)) <= {"a", "c"}


def test_a_file_with_a_split_of_that_name_is_refused():
    with pytest.raises(InputError, match="has a split 'held-out' itself; rename it"):
        hold_out(0.2, *TEN, video("x", split=HELD_OUT))


groups = st.none() | st.sampled_from(["anna", "ben", "carl", "v0"])
made = st.lists(st.tuples(st.text("abc", max_size=3), groups), min_size=2, max_size=14)


@given(made=made, share=st.floats(0.01, 0.99))
def test_no_group_is_torn_apart_and_no_part_is_empty(made, share):
    videos = [video(f"v{index}", labels, group=group) for index, (labels, group) in enumerate(made)]
    if len(set(map(group_of, videos))) < 2:
        return
    out = hold_out(share, *videos)
    assert out
    assert len(out) < len(videos)
    held = {group_of(each) for each in videos if each.id in out}
    assert not held & {group_of(each) for each in videos if each.id not in out}


def test_a_fold_keeps_groups_together():
    names = {"a": "anna", "b": None, "c": "anna", "d": "ben", "e": None, "f": "ben"}
    truth = annotations(*(video(name, "x", group=group) for name, group in names.items()), video("z", split="other"))
    parts = [folded(truth, data_config(fold=(part, 2))) for part in range(2)]
    assert [[each.id for each in part.split("validation")] for part in parts] == [["a", "c", "d", "f"], ["b", "e"]]
    assert all(part.videos["z"].split == "other" for part in parts)


def test_more_folds_than_groups_are_refused():
    videos = [video(name, group="anna") for name in "abc"]
    with pytest.raises(InputError, match="has 3 videos in 1 groups, too few for 2 folds"):
        folded(annotations(*videos), data_config(fold=(0, 2)))


def test_what_is_held_out_comes_from_what_a_fold_leaves_to_train_on():
    truth = annotations(*TEN)
    config = data_config(fold=(0, 2), hold_out=0.2)
    found = held_out(folded(truth, config), config)
    assert {name: len(found.split(name)) for name in ("training", HELD_OUT, "validation")} == {
        "training": 4,
        HELD_OUT: 1,
        "validation": 5,
    }


def share(part: float, seed: int, *videos: VideoTruth) -> set[str]:
    """The names of the training videos that are left."""
    found = shared(annotations(*videos), data_config(share=(part, seed)))
    return {each.id for each in found.videos.values() if each.split == "training"}


def test_a_share_keeps_whole_groups_and_lies_within_a_larger_one_of_its_seed() -> None:
    pairs = [video(f"v{index}", "a", group=f"g{index // 2}") for index in range(20)]
    others = [video("other", "a", split="validation")]
    for seed in range(5):
        shares = [share(part, seed, *pairs, *others) for part in (0.01, 0.2, 0.5, 1.0)]
        assert [len(each) for each in shares] == [2, 4, 10, 20]
        assert all(one < other for one, other in pairwise(shares))
        assert all(len({int(name[1:]) // 2 for name in each}) == len(each) // 2 for each in shares)
    assert len({frozenset(share(0.5, seed, *pairs)) for seed in range(5)}) > 1
    kept = shared(annotations(*pairs, *others), data_config(share=(0.2, 0)))
    assert "other" in kept.videos


def test_without_a_share_nothing_is_dropped() -> None:
    truth = annotations(*TEN)
    assert shared(truth, data_config()) is truth
