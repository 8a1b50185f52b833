from dataclasses import replace

import numpy as np
import pytest

from logotal.evaluation.segment_f1 import segment_f1
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action, Timeline
from logotal.training.fit_lengths import FEW, FEW_GROUPS, Lengths, fit_lengths
from logotal.training.fit_operating_point import cross_fitted_f1, fit_operating_point

NOTHING = ({}, {})


def runs(videos: int = 5, each: int = 4) -> list[VideoTruth]:
    """Videos with runs of 8 s, 12 s apart."""
    return [
        VideoTruth(f"v{v}", "held-out", tuple(Action(20.0 * i, 20.0 * i + 8, "run") for i in range(each)))
        for v in range(videos)
    ]


def found(lengths: Lengths) -> tuple[dict[str, float], dict[str, float]]:
    return lengths.shortest, lengths.gap


def beside(videos: list[VideoTruth], *pieces: tuple[float, float]) -> list[Timeline]:
    """What is found of every run: pieces of it, in seconds from its start."""
    return [
        Timeline(
            video.id, tuple(Action(a.start + p, a.start + q, "run", 0.8) for a in video.actions for p, q in pieces)
        )
        for video in videos
    ]


def in_halves(videos: list[VideoTruth]) -> list[Timeline]:
    """Every run is found in two halves, half a second apart, of which the first passes for the run."""
    return beside(videos, (0, 4.5), (5, 9.2))


def with_blinks(videos: list[VideoTruth]) -> list[Timeline]:
    """Every run is found, and later half a second of something that is none."""
    return beside(videos, (0, 8), (14, 14.5))


def test_a_gap_is_fitted_where_actions_are_found_in_pieces() -> None:
    videos = runs()
    assert found(fit_lengths(videos, in_halves(videos), ["run"])) == ({}, {"run": 6.0})


def test_a_shortest_duration_is_fitted_where_short_things_are_wrong() -> None:
    videos = runs()
    assert found(fit_lengths(videos, with_blinks(videos), ["run"])) == ({"run": 4.0}, {})


def test_where_nothing_is_to_be_gained_there_are_no_lengths() -> None:
    videos = runs()
    perfect = [Timeline(video.id, video.actions) for video in videos]
    assert found(fit_lengths(videos, perfect, ["run"])) == NOTHING
    assert found(fit_lengths(videos, [Timeline(video.id) for video in videos], ["run"])) == NOTHING


@pytest.mark.parametrize("shown", [in_halves, with_blinks])
def test_few_actions_or_few_groups_of_videos_prove_nothing(shown: object) -> None:
    assert callable(shown)
    for videos in (runs(FEW_GROUPS - 1, 10), runs(9, 1)):
        assert sum(len(video.actions) for video in videos) == (20 if len(videos) == 2 else FEW - 1)
        assert found(fit_lengths(videos, shown(videos), ["run"])) == NOTHING
    elsewhere = [replace(video, id="empty", actions=()) for video in runs(1)]  # where the label is shown all the same
    few = runs(FEW_GROUPS - 1, 10)
    shown_there = [replace(shown(few)[0], video="empty")]
    assert found(fit_lengths(few + elsewhere, shown(few) + shown_there, ["run"])) == NOTHING
    one_person = [replace(video, group="one") for video in runs()]
    assert found(fit_lengths(one_person, shown(one_person), ["run"])) == NOTHING
    assert found(fit_lengths(runs(), shown(runs()), ["run"])) != NOTHING


def test_a_gain_in_a_single_video_is_noise() -> None:
    videos = runs(6)
    for shown in (in_halves, with_blinks):
        odd = [Timeline(video.id, video.actions) for video in videos[1:]]
        assert found(fit_lengths(videos, [shown(videos)[0], *odd], ["run"])) == NOTHING


def test_chance_alone_gives_no_lengths() -> None:
    """Wrong detections as long as right ones, anywhere: what is fitted may not follow from luck."""
    fitted = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        videos = runs(6)
        timelines = []
        for video in videos:
            middle = [a.start + 4 for a in video.actions if rng.random() < 0.7]
            middle += rng.uniform(0, 80, 4).tolist()
            half = rng.uniform(2.5, 5.5, len(middle)).tolist()
            found_ones = (Action(m - h, m + h, "run", 0.5) for m, h in zip(middle, half, strict=True))
            timelines.append(Timeline(video.id, tuple(found_ones)))
        fitted += found(fit_lengths(videos, timelines, ["run"])) != NOTHING
    assert fitted <= 2


def test_no_length_could_take_away_or_join_annotated_actions_wherever_they_are() -> None:
    videos = runs()
    short = VideoTruth("t", "training", (Action(0, 0.4, "run"), Action(0.8, 9, "run")))
    assert found(fit_lengths(videos, with_blinks(videos), ["run"], learned=[short])) == NOTHING  # blinks of 0.5 s stay
    # Halves that lie 0.5 s apart are not closer than a gap of 0.4 s.
    assert found(fit_lengths(videos, in_halves(videos), ["run"], learned=[short])) == NOTHING
    touching = VideoTruth("t", "training", (Action(0, 9, "run"), Action(9, 18, "run")))
    assert found(fit_lengths(videos, in_halves(videos), ["run"], learned=[touching])) == NOTHING
    alone = [VideoTruth(f"a{i}", "held-out", (Action(0, 8, "run"),)) for i in range(FEW)]
    assert found(fit_lengths(alone, in_halves(alone), ["run"])) == NOTHING  # nobody knows how close two runs can be


def test_what_was_learned_from_says_how_short_actions_are_and_counts_for_nothing_else() -> None:
    videos = runs()
    learned = [replace(video, id=f"t{video.id}", split="training") for video in runs(50)]
    plain = fit_operating_point(videos, in_halves(videos), ["run"])
    assert fit_operating_point(videos, in_halves(videos), ["run"], learned=learned) == plain
    assert plain.fitted_on is not None
    assert (plain.fitted_on.videos, plain.fitted_on.f1, plain.gap) == (5, 1.0, {"run": 6.0})
    # Detections in them, if there were any, do not count either.
    more = [*in_halves(videos), *with_blinks(learned)]
    assert fit_lengths(videos, more, ["run"], learned=learned).shortest == {}


def test_labels_are_fitted_each_for_itself() -> None:
    videos = runs()
    both = [
        replace(video, actions=(*video.actions, *(replace(a, label="jump") for a in video.actions))) for video in videos
    ]
    jumps = [tuple(replace(a, label="jump") for a in t) for t in with_blinks(videos)]
    timelines = [Timeline(t.video, (*t, *jump)) for t, jump in zip(in_halves(videos), jumps, strict=True)]
    assert found(fit_lengths(both, timelines, ["jump", "run"])) == ({"jump": 4.0}, {"run": 6.0})


def test_the_f1_at_the_point_is_that_with_its_lengths_and_the_estimate_has_them_too() -> None:
    videos = runs(8)
    point = fit_operating_point(videos, in_halves(videos), ["run"])
    reached = segment_f1(videos, [point.apply(t) for t in in_halves(videos)], ["run"]).micro.f1
    assert point.fitted_on is not None
    assert point.fitted_on.f1 == reached == 1.0
    estimate = cross_fitted_f1(videos, in_halves(videos), ["run"])
    assert estimate is not None
    assert estimate.micro.f1 == 1.0
