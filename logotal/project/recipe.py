"""The recipe of a new project: made for its videos, and for this machine."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from logotal.backbones.backbone import POSE_FRAMES, Backbone, find_backbone
from logotal.data.subjects import with_classes
from logotal.errors import InputError
from logotal.extraction.speed import real_time_factor
from logotal.formats.annotations import VideoTruth
from logotal.places import ANNOTATIONS, FEATURES
from logotal.project.dividing import Divided
from logotal.project.kept_recipe import Wanted, differ
from logotal.project.people import is_worth_pose
from logotal.project.subjects import LANES, TOGETHER
from logotal.project.views import MOST, choose_views, mirrored_wrong, told_of_views
from logotal.project.ways import Plan, bearable, by_clips, choose, told, ways
from logotal.suggest.amounts import is_large
from logotal.suggest.grid_choices import choose_rate, choose_stride
from logotal.suggest.measured import Measured, measure
from logotal.suggest.recipe_text import recipe_yaml
from logotal.suggest.suggestion import suggest

COARSE = 2
"""How many times longer steps than short actions ask for are borne: overlapping clips with finer ones are no better."""


def new_recipe(
    divided: Divided,
    files: Mapping[str, Path],
    wanted: Wanted,
    subjects: str = TOGETHER,
    *,
    speed: Callable[[Backbone, Path], float] = real_time_factor,
    people: Callable[[Sequence[Path]], tuple[bool, str]] = is_worth_pose,
) -> tuple[str, tuple[str, ...]]:
    """The text of the recipe that fits the training videos and this machine, and notes about it.

    Args:
        divided: the videos with their splits.
        files: the file of each video; the longest is what speed is measured on.
        wanted: what a person says about the features.
        subjects: `together` or `lanes`.
        speed: how many seconds of a video a network does in a second here.
        people: whether the pose of a person is worth its time in videos, and what to say about it.
    """
    trained = [video for video in divided.videos if video.split == divided.training]
    if subjects == LANES:
        trained = [replace(video, actions=with_classes(video.actions)) for video in trained]
    lengths = {video.id: video.duration or 0.0 for video in divided.videos}
    longest, seconds = files[max(lengths, key=lengths.__getitem__)], sum(lengths.values())
    rates = sorted(video.fps for video in divided.videos if video.fps)
    measured = measure(trained)
    viewed, sided = not (is_large(measured) or wanted.fast), mirrored_wrong(measured.labels)
    pose, posed = people(list(files.values())) if viewed else (False, "")
    plans = _plans(wanted, trained, measured, rates, seconds, pose=pose)
    passes = 1 + MOST if viewed and sided is None else 1
    tried = choose(plans, lambda network: _measured(speed, network, longest), seconds, passes)
    plan = tried[-1].plan
    fixed = _fixed(divided, plan, subjects)
    views = choose_views(tried[-1], seconds, accurate=wanted.accurate) if passes > 1 else 0
    if viewed:
        fixed["data.views"] = views
    if plan.network.fps or plan.slowed or differ(rates):
        fixed["data.fps"] = plan.fps
    notes = [*plan.suggestion.notes, told(tried, seconds, passes=1 + views)]
    if viewed:
        notes.append(told_of_views(views, sided))
    if posed:
        notes.append(posed)
    if plan.network.fps is None and differ(rates):
        notes.append(f"videos of {rates[0]:g} to {rates[-1]:g} frames a second: all features are made at {plan.fps:g}")
    elif plan.slowed:
        notes.append(f"all features are made at {plan.fps:g} frames a second: {plan.slowed}")
    made = (
        f"Made by `logotal init` for {len(divided.videos)} videos and features of {plan.network.name}; change what you "
        "like."
    )
    return recipe_yaml(plan.suggestion, header=made, fixed=fixed), tuple(notes)


def _plans(
    wanted: Wanted,
    trained: Sequence[VideoTruth],
    measured: Measured,
    rates: Sequence[float],
    seconds: float,
    *,
    pose: bool,
) -> Iterator[Plan]:
    """What each way to make features comes to; where the steps of a network along the video are too long, on clips."""
    possible = ways(wanted.backbone)
    possible = possible[-1:] if wanted.fast else possible[:1] if wanted.accurate else possible
    suggested = cache(partial(suggest, trained))  # networks that differ in resolution only share it
    for number, way in enumerate(possible):
        fps = way.fps or statistics.median_low(rates)
        rate = None if wanted.accurate or way.fps else choose_rate(measured, fps)
        fps = rate.value if rate else fps
        network = bearable(way, seconds, fps)
        step = network.dense_stride or 1 if network.clips == "dense" else 1
        finest = choose_stride(measured, clip_frames=network.clip_frames, fps=fps, fixed=None).value
        if step > COARSE * finest and not wanted.fast:
            if number:
                continue
            network, step = by_clips(network), 1
        suggestion = suggested(clip_frames=network.clip_frames, fps=fps, multiple=step)
        stride = int(suggestion.settings["data"]["clip_stride"])
        posed = pose and network.clip_frames >= POSE_FRAMES
        yield Plan(replace(network, clip_stride=stride, pose=posed), suggestion, fps, rate.reason if rate else "")


def _measured(speed: Callable[[Backbone, Path], float], network: Backbone, video: Path) -> float | None:
    """The speed of a network; None where only extraction can say what it lacks."""
    try:
        return speed(network, video)
    except InputError:
        return None


def _fixed(divided: Divided, plan: Plan, subjects: str) -> dict[str, object]:
    """The settings that do not follow from the actions."""
    network, usual = plan.network, find_backbone(plan.network.name)
    fixed: dict[str, object] = {
        "data.annotations": ANNOTATIONS,
        "data.features": FEATURES,
        "data.backbone": network.name,
        "data.training_split": divided.training,
        "data.evaluation_split": divided.evaluation,
    }
    if network.clips != usual.clips:
        fixed["data.clips"] = network.clips
    if network.crops != usual.crops:
        fixed["data.crops"] = network.crops
    if network.crop_size != usual.crop_size:
        fixed["data.pixels"] = network.crop_size
    if network.depths != usual.depths:
        fixed["data.depths"] = network.depths
    if network.differences != usual.differences:
        fixed["data.differences"] = network.differences
    if network.pose:
        fixed["data.pose"] = True
        fixed["model.streams"] = list(network.streams_channels)
    if subjects != TOGETHER:
        fixed["data.subjects"] = subjects
    return fixed
