import inspect
import itertools
import json

import numpy as np
import pytest

from logotal.demo.rendered import LABELS, rendered_video, write_rendered
from logotal.demo.rendered.camera import HEIGHT, MARGIN, WIDTH, View
from logotal.demo.rendered.canvas import draw_box, draw_capsule, draw_shadow, sample
from logotal.demo.rendered.figure import LEG, Pose, limbs_of
from logotal.demo.rendered.motion import ACTIONS, MOTIONS, Moment, stand
from logotal.demo.rendered.performer import Event, Performer, random_body
from logotal.demo.rendered.scene import FPS, Flicker
from logotal.demo.rendered.script import plan
from logotal.formats.annotations import read_annotations
from logotal.timeline import Timeline
from logotal.video.reader import read_frames

DEFAULTS = {
    name: parameter.default
    for name, parameter in inspect.signature(write_rendered).parameters.items()
    if name in ("training", "validation")
}


def truths(seed: int = 0, count: int = 24) -> list[Timeline]:
    return [rendered_video(f"video_{index}", seed=seed, index=index).truth for index in range(count)]


def rest() -> Pose:
    return stand(0.0, 0.0, 0.0, np.zeros(5))


def poses(label: str) -> list[Pose]:
    """Two repetitions of an action at its full extent."""
    motion = ACTIONS[label]
    period = motion.period[1]
    moments = [Moment(seconds, 2 * period, period, 1, 1.0) for seconds in np.linspace(0, 2 * period, 60)]
    return [motion.move(rest(), moment) for moment in moments]


def performer(*events: Event) -> Performer:
    return Performer(random_body(np.random.default_rng(0), 0.7, 0.8), 0.0, (-0.4, 0.4), 0.2, np.arange(5.0), events)


def hands(pose: Pose) -> np.ndarray:
    starts, _, radii, _ = limbs_of(performer().body, pose)
    return np.array([start for start, radius in zip(starts, radii, strict=True) if radius == (0.036, 0.036)])


def test_the_same_seed_makes_the_same_video_and_another_seed_another() -> None:
    first, again, other = (rendered_video("v", seed=seed, index=3) for seed in (0, 0, 1))
    assert first.truth == again.truth != other.truth
    for _ in range(5):
        frame = next(first.frames)
        assert np.array_equal(frame, next(again.frames))
        assert not np.array_equal(frame, next(other.frames))


def test_frames_are_pictures_and_as_many_as_the_timeline_is_long() -> None:
    video = rendered_video("v", seed=0, index=0)
    frames = list(video.frames)
    assert {(frame.shape, frame.dtype) for frame in frames} == {((HEIGHT, WIDTH, 3), np.dtype(np.uint8))}
    assert video.truth.duration is not None
    assert len(frames) == pytest.approx(video.truth.duration * video.fps)
    assert not np.array_equal(frames[0], frames[1])


def test_actions_lie_inside_their_video_and_last_as_long_as_their_kind() -> None:
    actions = [(action, timeline.duration) for timeline in truths() for action in timeline]
    assert {action.label for action, _ in actions} == set(LABELS)
    for action, duration in actions:
        assert 0 < action.start < action.end < duration
        shortest, longest = ACTIONS[action.label].duration
        slack = ACTIONS[action.label].period[1] if ACTIONS[action.label].whole else 0.001  # rounded to repetitions
        assert shortest - slack <= action.duration <= longest + slack


def test_actions_of_one_label_never_overlap_and_those_of_two_performers_do() -> None:
    overlapping = 0
    for timeline in truths():
        for one, other in itertools.combinations(timeline, 2):
            if one.start < other.end and other.start < one.end:
                assert one.label != other.label
                overlapping += 1
    assert overlapping > 5


def test_every_tenth_video_has_no_action_and_the_others_have() -> None:
    for index, timeline in enumerate(truths()):
        assert bool(timeline) == (index % 10 != 9), index


def test_both_splits_of_the_default_size_hold_every_label_several_times() -> None:
    training, total = DEFAULTS["training"], sum(DEFAULTS.values())
    timelines = truths(count=total)
    for split, least in ((timelines[:training], 15), (timelines[training:], 5)):
        labels = [action.label for timeline in split for action in timeline]
        assert {label: labels.count(label) >= least for label in LABELS} == dict.fromkeys(LABELS, True)


def test_no_figure_jerks() -> None:
    step = 0.01
    for seed in range(3):
        (one,) = plan(np.random.default_rng(seed), 20.0, performers=1, idle=False)
        fastest: dict[str, float] = {}
        for before, after in itertools.pairwise(one.pose(seconds) for seconds in np.arange(0, 20, step)):
            for name, value in vars(before).items():
                change = float(np.abs(vars(after)[name] - value).max()) / step
                fastest[name] = max(fastest.get(name, 0.0), change)
        assert fastest["place"] < 1.5, fastest  # heights of the picture per second
        assert fastest.pop("arms") < 25, fastest  # radians per second, where a hand is flung up
        assert max(fastest.values()) < 10, fastest


def test_bones_keep_their_length_in_every_pose() -> None:
    body = performer().body
    standing = None
    for label in ACTIONS:
        for pose in poses(label):
            starts, ends, *_ = limbs_of(body, pose)
            lengths = np.linalg.norm(ends - starts, axis=1)
            standing = lengths if standing is None else standing
            assert lengths == pytest.approx(standing, abs=1e-6)
    assert standing is not None
    assert sum(np.isclose(standing, LEG)) == 4


def test_actions_are_what_they_are_called() -> None:
    assert max(pose.feet[:, 1].min() for pose in poses("jump")) > 0.15  # both feet off the floor
    assert min(pose.lift for pose in poses("squat")) < -0.2
    assert all(pose.feet[:, 1].max() == 0 for pose in poses("squat"))
    assert all(pose.feet[:, 1].min() == 0 for pose in poses("walk"))  # one foot is always on the floor
    gaps = [float(np.linalg.norm(np.diff(hands(pose), axis=0))) for pose in poses("clap")]
    assert min(gaps) < 0.08
    assert max(gaps) > 0.4
    waving = [hands(pose)[1] for pose in poses("wave")]
    assert min(hand[1] for hand in waving) > hands(rest())[1][1] + 0.35
    assert np.ptp([hand[0] for hand in waving]) > 0.15


def test_outside_of_its_events_a_figure_rests_and_inside_it_does_not() -> None:
    acting, idle = performer(Event("squat", 2.0, 4.0, 2.0, 0, 1.0)), performer()
    for seconds in (0.0, 1.99, 2.0, 4.0, 7.0):
        assert acting.pose(seconds).lift == idle.pose(seconds).lift
    assert acting.pose(3.0).lift < idle.pose(3.0).lift - 0.15


def test_who_walks_is_elsewhere_afterwards_and_never_beyond_its_reach() -> None:
    walker = performer(Event("walk", 1.0, 2.4, 1.0, 0, 1.0), Event("walk", 4.0, 12.0, 1.0, 0, 1.0))
    places = [walker.pose(seconds).place - performer().pose(seconds).place for seconds in np.arange(0, 14, 0.1)]
    assert places[0] == 0
    assert abs(places[35]) > 0.1
    assert np.ptp(places) == pytest.approx(0.8, abs=0.05)  # there and back, from one end of its reach to the other
    assert places[-1] == places[-10]


def test_a_capsule_covers_its_area_and_nothing_beyond_the_canvas() -> None:
    canvas = np.zeros((60, 80, 3), dtype=np.float32)
    draw_capsule(canvas, (20.3, 30.1), (50.3, 30.1), (6, 6), (1, 1, 1), rounded=False)
    assert canvas[..., 0].sum() == pytest.approx(np.pi * 36 + 30 * 12, rel=0.01)
    empty = np.zeros((60, 80, 3), dtype=np.float32)
    draw_capsule(empty, (-30, 20), (-20, 20), (5, 5), (1, 1, 1))
    draw_box(empty, (100, 100), (5, 5), (1, 1, 1))
    draw_shadow(empty, (40, -30), (5, 5), 1.0)
    assert not empty.any()


def test_sampling_at_pixels_gives_them_back_and_between_them_their_mean() -> None:
    image = np.random.default_rng(0).normal(size=(5, 7, 3)).astype(np.float32)
    assert sample(image, np.arange(7), np.arange(5)) == pytest.approx(image, abs=1e-6)
    between = sample(image, np.array([2.5]), np.array([1.0]))
    assert between[0, 0] == pytest.approx(image[1, 2:4].mean(axis=0))
    assert sample(image, np.array([99.0]), np.array([-9.0]))[0, 0] == pytest.approx(image[0, 6])


def test_a_still_camera_sees_the_room_without_its_margin() -> None:
    room = np.random.default_rng(0).normal(size=(HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN, 3)).astype(np.float32)
    seen = View(1.0, 0.0, 0.0).backdrop(room)
    assert np.array_equal(seen, room[MARGIN:-MARGIN, MARGIN:-MARGIN])
    assert View(1.1, 3.0, -2.0).pixel(0.0, 0.5) == (WIDTH / 2 + 3, HEIGHT / 2 - 2)


def test_light_flickers_only_while_it_does() -> None:
    flicker = Flicker(2.0, 1.0, 0.4)
    assert flicker.light(2.0) == flicker.light(3.0) == flicker.light(9.0) == 1.0
    assert all(0.6 <= flicker.light(2 + share) <= 1 for share in np.linspace(0, 1, 50))
    assert min(flicker.light(2 + share) for share in np.linspace(0, 1, 50)) < 0.9


def test_a_written_set_reads_back_and_does_not_depend_on_the_number_of_processes(tmp_path) -> None:
    told: list[tuple[float, int]] = []
    one = tmp_path / "one"
    folder = write_rendered(one, training=1, validation=1, seed=5, workers=1, progress=lambda *args: told.append(args))
    both = write_rendered(tmp_path / "two", training=1, validation=1, seed=5, workers=2)
    assert told == [(1, 2), (2, 2)]
    assert (folder / "annotations.json").read_bytes() == (both / "annotations.json").read_bytes()
    names = ["training_000.mp4", "validation_000.mp4"]
    assert sorted(path.name for path in (folder / "videos").iterdir()) == names
    assert "rendered" in json.loads((folder / "annotations.json").read_text())["version"]
    annotations = read_annotations(folder / "annotations.json")
    for index, name in enumerate(("training_000", "validation_000")):
        video, truth = annotations.videos[name], rendered_video(name, seed=5, index=index)
        assert (video.split, video.duration, video.fps) == (name[:-4], truth.truth.duration, FPS)
        assert video.actions == truth.truth.actions
        frames = [frame.image for frame in read_frames(both / "videos" / f"{name}.mp4")]
        assert len(frames) == round(video.duration * FPS)
        assert np.abs(frames[0].astype(float) - next(truth.frames)).mean() < 8  # what coding leaves of the noise


def test_every_motion_moves_something() -> None:
    for name, motion in MOTIONS.items():
        acting, idle = performer(Event(name, 1.0, 1.0 + motion.duration[1], motion.period[0], 0, 1.0)), performer()
        both = [(acting.pose(seconds), idle.pose(seconds)) for seconds in np.arange(1.3, motion.duration[1], 0.1)]
        most = max(
            float(np.abs(vars(one)[part] - vars(other)[part]).max()) for one, other in both for part in vars(one)
        )
        assert most > 0.1, name
