"""Faults planted in labels are among the first doubts, and labels without faults raise few strong ones."""

from dataclasses import replace

import numpy as np
import pytest

from logotal.evaluation.doubts import Doubt, find_doubts
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action, Timeline

LABELS = ("jump", "run", "sit")
VIDEOS = 40


def shifted(action: Action, factor: float, shift: float = 0.0) -> Action:
    return replace(action, start=action.start * factor + shift, end=action.end * factor + shift)


def world(seed: int) -> tuple[list[VideoTruth], list[Timeline]]:
    """Videos with right labels, and what a decent network detects: nine in ten, and as many weaker wrong ones."""
    random = np.random.default_rng(seed)
    videos, lines = [], []
    for number in range(VIDEOS):
        starts = np.cumsum(random.uniform(3, 12, size=random.integers(4, 10)))
        labels = random.choice(LABELS, size=len(starts))
        actions = tuple(
            Action(float(start), float(start + random.uniform(1, 2.5)), str(label))
            for start, label in zip(starts, labels, strict=True)
        )
        found = [
            replace(shifted(each, 1, random.normal(0, 0.08)), score=float(random.beta(6, 2)))
            for each in actions
            if random.random() < 0.9
        ]
        ends = float(starts[-1]) + 10
        for start in random.uniform(0, ends - 2, size=len(actions)):
            found.append(Action(float(start), float(start) + 1.5, str(random.choice(LABELS)), random.beta(2, 6)))
        videos.append(VideoTruth(f"v{number:02}", "all", actions, duration=ends))
        lines.append(Timeline(f"v{number:02}", tuple(found)))
    return videos, lines


def planted(videos: list[VideoTruth]) -> tuple[list[VideoTruth], set[tuple[str, str]]]:
    """The same with 16 faults, and the kind and the video of each."""
    made, faults = list(videos), set[tuple[str, str]]()

    def put(number: int, kind: str, actions: tuple[Action, ...]) -> None:
        made[number] = replace(videos[number], actions=actions)
        faults.add((kind, videos[number].id))

    for number in range(5):
        put(number, "missing", videos[number].actions[1:])
    for number in range(5, 9):
        first, *rest = videos[number].actions
        other = LABELS[(LABELS.index(first.label) + 1) % 3]
        put(number, "label", (replace(first, label=other), *rest))
    for number in range(9, 11):
        put(number, "times", tuple(shifted(each, 24 / 30) for each in videos[number].actions))
    put(11, "times", tuple(shifted(each, 1, 1.7) for each in videos[11].actions))
    for number in range(12, 14):
        put(number, "empty", ())
    for number in range(14, 16):
        added = Action(0.2, 2.2, "run")
        put(number, "not found", (*videos[number].actions, added))
    return made, faults


def named(doubts: list[Doubt]) -> set[tuple[str, str | None]]:
    return {(each.kind, each.video) for each in doubts}


@pytest.mark.parametrize("seed", range(5))
def test_most_faults_are_among_the_first_doubts(seed: int) -> None:
    videos, lines = world(seed)
    faulty, faults = planted(videos)
    doubts = find_doubts(faulty, lines)
    assert [each.strength for each in doubts] == sorted((each.strength for each in doubts), reverse=True)
    assert all(0 <= each.strength <= 1 for each in doubts)
    assert len(faults & named(doubts[:20])) >= 9  # of 16: what was not detected either, nobody can tell


def test_what_is_doubted_more_than_not_is_wrong_and_of_right_labels_hardly_any_is_doubted() -> None:
    shares, doubted, right, false = [], 0, 0, 0
    for seed in range(10):
        videos, lines = world(seed)
        faulty, faults = planted(videos)
        doubts = find_doubts(faulty, lines)
        shares.append(len(faults & named(doubts[:20])) / len(faults))
        likely = [each for each in doubts if each.strength > 0.5]
        doubted += len(likely)
        right += sum((each.kind, each.video) in faults for each in likely)
        false += sum(each.strength > 0.5 for each in find_doubts(videos, lines))
    assert np.mean(shares) > 0.65
    assert doubted > 40
    assert right / doubted > 0.9
    assert false < 50  # of 2,600 labels


def test_how_high_a_model_scores_what_it_finds_does_not_count_but_how_often_it_is_right() -> None:
    videos, lines = world(0)
    faulty, _ = planted(videos)
    modest = [replace(line, actions=tuple(replace(each, score=each.score / 10) for each in line)) for line in lines]
    expected, found = find_doubts(faulty, lines), find_doubts(faulty, modest)
    assert len(expected) > 20
    assert [(each.kind, each.video, each.start) for each in found] == [(e.kind, e.video, e.start) for e in expected]
    assert [each.strength for each in found] == pytest.approx([each.strength for each in expected])


def test_a_video_counted_at_another_frame_rate_is_one_doubt_that_names_the_rates() -> None:
    videos, lines = world(0)
    number = max(range(VIDEOS), key=lambda i: len(videos[i].actions))
    videos[number] = replace(videos[number], actions=tuple(shifted(each, 0.8) for each in videos[number].actions))
    (doubt,) = [each for each in find_doubts(videos, lines) if each.video == videos[number].id]
    assert doubt.kind == "times"
    assert "multiplied by 1.25, as if counted at 30 frames a second in a video of 24" in doubt.sentence


def test_a_label_that_nobody_finds_is_one_doubt_and_what_is_ignored_raises_none() -> None:
    videos, lines = world(1)
    odd = [replace(video, actions=(*video.actions, Action(0.0, 2.0, "dip"))) for video in videos]
    (doubt,) = [each for each in find_doubts(odd, lines) if each.kind == "unlearned"]
    assert (doubt.label, doubt.video) == ("dip", None)
    assert "0 of 40 actions are found" in doubt.sentence
    spared = [replace(video, ignored=((0.0, 1000.0),)) for video in videos]
    assert {each.kind for each in find_doubts(spared, lines)} == {"not found"}


def test_without_detections_and_with_one_video_nothing_is_doubted() -> None:
    videos, lines = world(2)
    assert find_doubts(videos, []) == []
    assert all(each.strength < 0.1 for each in find_doubts(videos[:1], lines[:1]))  # nothing says how sure it is
