"""Where videos lie on the feature grid, and what does not fit there: lengths, and actions beyond the features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from logotal.check.annotations import cleaned
from logotal.check.finding import Finding, Place, found, named
from logotal.config import DataConfig
from logotal.data.grid import FeatureGrid
from logotal.data.measure import all_alike, fitting_rates, fitting_strides
from logotal.data.selection import make_grid
from logotal.errors import InputError
from logotal.evaluation.truth import ends_after
from logotal.formats.annotations import VideoTruth
from logotal.timeline import Action

TOLERATED_STEPS, TOLERATED_SHARE = 2, 0.05
"""How far the number of features may be off: extractors differ in how they treat a video's end."""


@dataclass(frozen=True)
class PlacedVideo:
    """A video on the grid of its features on disk, `length` steps of them, with the actions that training takes."""

    video: VideoTruth
    length: int
    grid: FeatureGrid
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Placing:
    """The videos whose place on the grid is known, and what is odd about it."""

    videos: tuple[PlacedVideo, ...]
    findings: tuple[Finding, ...]


def place_by_features(
    videos: Sequence[VideoTruth], lengths: Mapping[str, int], config: DataConfig, *, described: bool = False
) -> Placing:
    """The videos on the grid of their features; `lengths` are the steps of each feature file.

    `described` is whether the features say their stride themselves, so that no other would be right.
    """
    placed: list[PlacedVideo] = []
    unknown: list[Place] = []
    beyond: list[Place] = []
    cut: list[Place] = []
    for video in (video for video in videos if video.id in lengths):
        length = lengths[video.id]
        try:
            grid = make_grid(config, length=length, fps=video.fps, duration=video.duration, where="grid")
        except InputError as error:
            unknown.append((video, str(error).removeprefix("grid: ")))
            continue
        span = grid.span(length)
        actions = cleaned(video).kept
        kept = tuple(action for action in actions if _part_inside(action, span) >= config.crop_keep)
        beyond += [(video, f"{named(a)}, the features span 0-{span:.2f} s") for a in actions if a not in kept]
        inside = (action for action in kept if not ends_after(action, video.duration))  # the others are named anyway
        cut += [(video, f"{named(a)}, the features span 0-{span:.2f} s") for a in inside if ends_after(a, span)]
        placed.append(PlacedVideo(video, length, grid, kept))
    rest = f"beyond the features: less than {config.crop_keep:.0%} inside, left out"
    findings = [
        *found("error", "video", "whose grid is not known", unknown),
        *_misfits(placed, config, described=described),
        *found("warning", "action", rest, beyond),
        *found("note", "action", "reaching out of the features; trained on up to their end, scored whole", cut),
    ]
    return Placing(tuple(placed), tuple(findings))


def place_by_duration(videos: Sequence[VideoTruth], config: DataConfig) -> Placing:
    """The videos on the grid that features would have, judged by their durations; those that say too little are left
    out.
    """  # noqa: D205 - one sentence
    placed = []
    for video in videos:
        length = _expected_length(video, config)
        if length is None:
            continue
        grid = make_grid(config, length=length, fps=video.fps, duration=video.duration, where=video.id)
        span = grid.span(length)
        kept = tuple(action for action in cleaned(video).kept if _part_inside(action, span) >= config.crop_keep)
        placed.append(PlacedVideo(video, length, grid, kept))
    return Placing(tuple(placed), ())


def _part_inside(action: Action, span: float) -> float:
    """The part of an action within the features, by the rule of `selection.select`."""
    return (min(action.end, span) - max(action.start, 0.0)) / (action.end - action.start)


def _expected_length(video: VideoTruth, config: DataConfig) -> int | None:
    fps = config.fps if config.fps is not None else video.fps
    if config.clip_stride is None:
        return config.resize_to if video.duration is not None else None
    if video.duration is None or fps is None:
        return None
    return max(int((video.duration * fps - config.clip_frames) / config.clip_stride) + 1, 1)


def _misfits(placed: Sequence[PlacedVideo], config: DataConfig, *, described: bool) -> list[Finding]:
    """The videos whose number of features contradicts their duration, and what would fit."""
    if config.clip_stride is None:
        return []
    measured = [p for p in placed if p.video.duration is not None]
    off = [p for p in measured if _steps_off(p) > max(TOLERATED_STEPS, TOLERATED_SHARE * _steps_of_video(p))]
    settings = 2 * len(off) >= len(measured) and not described
    cure = _what_fits(off, measured) if settings else "extract them again, or mend 'duration'"
    places: list[Place] = [
        (
            p.video,
            f"{p.length:,} steps, where {p.video.duration:g} s at {p.grid.fps:g} fps and a clip every "
            f"{p.grid.clip_stride:g} frames give {_steps_of_video(p):,.0f}",
        )
        for p in off
    ]
    return found("warning", "video", f"with features that do not fit the duration; {cure}", places, of=len(measured))


def _steps_of_video(placed: PlacedVideo) -> float:
    assert placed.video.duration is not None
    return placed.video.duration * placed.grid.fps / placed.grid.clip_stride


def _steps_off(placed: PlacedVideo) -> float:
    """How far the length is from what the duration allows: the last clips may be padded, or left out."""
    most = _steps_of_video(placed) + 1
    least = most - placed.grid.clip_frames / placed.grid.clip_stride
    return max(placed.length - most, least - placed.length, 0.0)


def _what_fits(off: Sequence[PlacedVideo], measured: Sequence[PlacedVideo]) -> str:
    """The setting under which all lengths would fit, if there is one; `off` are the videos that do not fit now."""
    if not off:
        return ""
    if all_alike([p.length for p in off], [_steps_of_video(p) for p in off], TOLERATED_SHARE):
        return (
            f"all have {off[0].length:,} steps, as if resized: `clip_stride: null` in the recipe spreads them over the "
            "video"
        )
    lengths = [p.length for p in measured]
    grid, durations = off[0].grid, [p.video.duration or 0.0 for p in measured]
    strides = fitting_strides([p.grid.fps * d for p, d in zip(measured, durations, strict=True)], lengths)
    rates = fitting_rates(durations, lengths, grid.clip_stride)
    cures = [f"--data.clip_stride {strides[0]} (now {grid.clip_stride:g})"] if len(strides) == 1 else []
    cures += [f"--data.fps {rates[0]:.5g} (now {grid.fps:g})"] if len(rates) == 1 else []
    if not cures:
        return "no one frame rate or stride fits them all: extract them again, or mend 'duration'"
    return f"{' or '.join(cures)} would fit"
