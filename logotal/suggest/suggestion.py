"""Settings that follow from what a set of videos holds, each with the measured number that speaks for it.

measured.py      lengths and counts
grid_choices.py  clip stride and window: how finely time is cut
pyramid.py       levels and regression ranges, by the assigner that trains them
moments.py       what differs for labels without length
amounts.py       network, schedule, held-out part and inference, by the amount of data
recipe_text.py   the recipe of a suggestion, with a comment per line
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.recipes.keys import nested
from logotal.suggest.amounts import inference_choices, network_choices, note_amounts, schedule_choices
from logotal.suggest.choice import Choice
from logotal.suggest.grid_choices import choose_stride, choose_window, note_grid
from logotal.suggest.measured import measure
from logotal.suggest.moments import moment_choices
from logotal.suggest.pyramid import choose_pyramid, note_reach
from logotal.suggest.recipe_text import recipe_yaml

__all__ = ["Suggestion", "recipe_yaml", "suggest"]


@dataclass(frozen=True)
class Suggestion:
    """Settings for a data set, and why.

    `settings` are sections of a recipe, as `{"model": {"levels": 6}}`; `reasons` has a sentence for each dotted key,
    as `"model.levels"`; `notes` are sentences about what no setting mends. `unanswered` names every action that
    nothing would learn under these settings, with the video, the segment and the reason.
    """

    settings: Mapping[str, Any]
    reasons: Mapping[str, str]
    notes: tuple[str, ...]
    unanswered: tuple[str, ...]


def suggest(
    videos: Sequence[VideoTruth], *, clip_frames: int, fps: float, clip_stride: float | None = None, multiple: int = 1
) -> Suggestion:
    """The settings that follow from the actions of some training videos.

    Args:
        videos: the training split; videos without a duration are taken to end with their last action.
        clip_frames: frames of one clip, as the backbone takes them.
        fps: frames per second of what the features are made of; a typical rate where it differs.
        clip_stride: frames between clips, for features that exist; chosen if absent.
        multiple: what a chosen stride is a multiple of.

    Raises:
        InputError: there are no videos, or the frame rate is no positive number.
    """
    if not videos:
        raise InputError("no videos to suggest settings for; expected at least one, with its actions")
    if not (np.isfinite(fps) and fps > 0):
        raise InputError(f"the frame rate must be a positive number, found {fps!r}; set it with --fps")
    measured = measure(videos)
    choices: dict[str, Choice] = {
        **network_choices(measured, clip_frames=clip_frames),
        **moment_choices(measured),
        "data.clip_frames": Choice(clip_frames, "frames that a feature stands for"),
        "data.clip_stride": choose_stride(
            measured, clip_frames=clip_frames, fps=fps, fixed=clip_stride, multiple=multiple
        ),
    }
    rate = fps / choices["data.clip_stride"].value  # steps per second
    choices |= choose_window(measured, rate=rate)
    reach, pyramid = choose_pyramid(measured, choices, fps=fps)
    choices |= pyramid
    choices |= schedule_choices(measured, window=choices["data.window"].value)
    choices |= inference_choices(measured)
    notes, unanswered = note_reach(measured, reach, choices, fps=fps)
    return Suggestion(
        settings=nested({key: choice.value for key, choice in choices.items()}),
        reasons={key: choice.reason for key, choice in choices.items()},
        notes=(*note_grid(measured, rate=rate), *notes, *note_amounts(measured)),
        unanswered=unanswered,
    )
