"""Levels and regression ranges of the pyramid: what answers for which action is asked of the assigner itself."""

from collections.abc import Mapping, Sequence
from math import ceil, isinf

from logotal.check.annotations import cleaned
from logotal.check.finding import Place, named
from logotal.check.placing import PlacedVideo, place_by_duration
from logotal.check.reach import Reach, measure_reach
from logotal.config import Config
from logotal.formats.annotations import VideoTruth
from logotal.model.heads import REGRESSION_HEADS, RegressionHead, find_head
from logotal.recipes.keys import nested
from logotal.suggest.choice import Choice
from logotal.suggest.measured import Measured
from logotal.suggest.moments import are_moments
from logotal.timeline import Action
from logotal.words import amount, share

MOST_LEVELS = 10
USED = 0.01
"""Share of the actions for which a level must answer to be worth having."""
FIRST_RANGES = (4.0, 2.0, 8.0, 16.0)
"""Ranges of level 0 that are tried, the field's first."""
MOST_VIDEOS = 500
"""Videos among which levels are counted; all are judged in the end."""
BINS = (16, 24, 32)
NAMED = 5


def choose_pyramid(measured: Measured, choices: Mapping[str, Choice], *, fps: float) -> tuple[Reach, dict[str, Choice]]:
    """What the chosen pyramid makes of all actions, and its settings.

    Args:
        measured: the data set.
        choices: what is chosen already, the grid and the head.
        fps: frames per second of the features.
    """
    settings = {key: choice.value for key, choice in choices.items()} | {"data.fps": fps}
    if len(measured.seconds):
        levels, first_range = (1, FIRST_RANGES[0]) if are_moments(measured) else _count_levels(measured, settings)
        while True:
            settings |= {"model.levels": levels, "model.first_range": first_range}
            reach = _judge(measured.videos, settings)
            if levels == 1 or reach.per_level[-1]:
                break
            levels -= 1
        if len(reach.steps):  # or all of them lie outside of the features
            return _expressing_all(measured, reach, settings, _with_reasons(reach, levels, first_range))
    reason = "no action to judge by; the field's usual value"
    usual = {"model.levels": Choice(6, reason), "model.first_range": Choice(4.0, reason)}
    return _judge(measured.videos, settings | {key: choice.value for key, choice in usual.items()}), usual


def _count_levels(measured: Measured, settings: Mapping[str, object]) -> tuple[int, float]:
    """The number of levels and the range of the first for which the fewest levels lie idle."""
    some = measured.videos[:: ceil(len(measured.videos) / MOST_VIDEOS)]

    def tried(first_range: float) -> tuple[int, int]:
        """(levels, how many of the first ones answer for next to nothing)."""
        pyramid = {"model.levels": MOST_LEVELS, "model.first_range": first_range}
        reach = _judge(some, {**settings, **pyramid})
        needed = max(USED * len(reach.steps), 1)
        levels = max((n for n in range(1, MOST_LEVELS + 1) if sum(reach.per_level[n - 1 :]) >= needed), default=1)
        idle = next((level for level, count in enumerate(reach.per_level[:levels]) if count >= needed), 0)
        return levels, idle

    best: tuple[tuple[int, int], int, float] | None = None
    for first_range in FIRST_RANGES:
        levels, idle = tried(first_range)
        cost = (idle, max(3 - levels, 0))  # a pyramid has some levels, if they can be had without idle ones
        if best is None or cost < best[0]:
            best = (cost, levels, first_range)
        if cost == (0, 0):
            break
    assert best is not None
    return best[1], best[2]


def _judge(videos: Sequence[VideoTruth], settings: Mapping[str, object]) -> Reach:
    config = Config.model_validate(nested(settings))
    return measure_reach(place_by_duration(videos, config.data).videos, config, lambda count: None)


def _with_reasons(reach: Reach, levels: int, first_range: float) -> dict[str, Choice]:
    low, high = sorted(reach.steps)[len(reach.steps) // 100], sorted(reach.steps)[-1 - len(reach.steps) // 100]
    shares = " ".join(share(count, len(reach.steps)).replace(" ", "") for count in reach.per_level)
    return {
        "model.levels": Choice(
            levels, f"actions of {low:,.1f} to {high:,.0f} steps (1 % to 99 %); levels answer for {shares} of them"
        ),
        "model.first_range": Choice(
            first_range, f"level 0 answers where the farther boundary is within so many steps: {_first(reach)}"
        ),
    }


def _first(reach: Reach) -> str:
    return f"for {share(reach.per_level[0], len(reach.steps))} of the actions"


def _expressing_all(
    measured: Measured, reach: Reach, settings: Mapping[str, object], chosen: dict[str, Choice]
) -> tuple[Reach, dict[str, Choice]]:
    """The least bins with which the head expresses every action, or a head that has no limit."""
    head = find_head(str(settings["model.head"]))
    grows = head.grows_with(BINS[0])
    for bins in BINS if grows else ():
        reach = reach if bins == BINS[0] else _judge(measured.videos, {**settings, "model.bins": bins})
        longest = max(reach.steps)
        chosen = {**chosen, "model.bins": Choice(bins, f"express the longest action, {longest:,.0f} steps")}
        if not reach.too_long:
            break
    unlimited = _unlimited(head)
    if not reach.too_long or unlimited is None:
        return reach, chosen
    least = f"even for {BINS[-1]} bins" if grows else f"for {settings['model.head']}"
    reason = f"{amount(len(reach.too_long), 'action')} would be too long {least}; this head has no limit"
    chosen = {key: choice for key, choice in chosen.items() if key != "model.bins"}
    without = _judge(measured.videos, {**settings, "model.head": unlimited})
    return without, {**chosen, "model.head": Choice(unlimited, reason)}


def _unlimited(head: RegressionHead) -> str | None:
    """The name of a head that expresses actions of any length and reads the same levels."""
    names = (name for name, each in REGRESSION_HEADS.items() if each.reads_fused == head.reads_fused)
    return next((name for name in names if isinf(REGRESSION_HEADS[name].farthest(BINS[-1]))), None)


def note_reach(
    measured: Measured, reach: Reach, choices: Mapping[str, Choice], *, fps: float
) -> tuple[list[str], tuple[str, ...]]:
    """What is to say about actions that nothing learns: sentences, and every such action by name."""
    settings = {key: choice.value for key, choice in choices.items()} | {"data.fps": fps}
    placed = place_by_duration(measured.videos, Config.model_validate(nested(settings)).data).videos
    twice: list[Place] = [(p.video, named(action)) for p in placed for action in cleaned(p.video).duplicates]
    pointlike: list[Place] = [(p.video, named(action)) for p in placed for action in cleaned(p.video).degenerate]
    beyond: list[Place] = [(p.video, named(action)) for p in placed for action in _beyond(p)]
    window = choices["data.window"].value
    kinds = {
        "that no level answers for": reach.unanswered,
        "too long for the head": reach.too_long,
        f"too long for the window of {window:,} steps": reach.never_whole,
        "outside the video, left out": beyond,
        "without length, left out": pointlike,
        "annotated twice, the second is ignored": twice,
    }
    notes = [_note(rest, places, len(measured.seconds)) for rest, places in kinds.items() if places]
    idle = [level for level, count in enumerate(reach.per_level) if not count] if len(reach.steps) else []
    if idle:
        notes.append(
            f"level{'' if len(idle) == 1 else 's'} {', '.join(map(str, idle))} of the pyramid answer"
            f"{'s' if len(idle) == 1 else ''} for no action and only lead to the next: no action here is of that length"
        )
    return notes, tuple(f"{_name(place)}, {rest}" for rest, places in kinds.items() for place in places)


def _beyond(placed: PlacedVideo) -> list[Action]:
    return [action for action in cleaned(placed.video).kept if action not in placed.actions]


def _note(rest: str, places: Sequence[Place], of: int) -> str:
    names = "; ".join(_name(place) for place in places[:NAMED])
    more = f"; and {len(places) - NAMED:,} more" if len(places) > NAMED else ""
    return f"{amount(len(places), 'action')} ({share(len(places), of)}) {rest}: {names}{more}"


def _name(place: Place) -> str:
    video, text = place
    return f"{video.id} {text}"
