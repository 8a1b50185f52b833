"""What to label next: the stretches of video from which the next model is likely to learn most."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from logotal.app.drafts import Draft, Drafts
from logotal.formats.edited import EditedVideo

LISTED = 20
UNSURE = 0.5
"""The score at which a draft is as likely right as wrong."""


def next_places(videos: Mapping[str, EditedVideo], drafts: Drafts) -> list[dict[str, Any]]:
    """The videos that are not labelled yet, the most useful first, each with the place to begin at and the reason.

    Before the first model, videos of which nothing is known come in order. With drafts, a video counts for each draft
    as much as the model is unsure of it, twice where its label is rare among what is marked, per minute that a person
    has to look at.
    """
    marked = Counter(action.label for video in videos.values() for action in video.actions)
    rare = {label for label, count in marked.items() if count < marked.total() / max(2 * len(marked), 1)}
    found = []
    for name, video in videos.items():
        if video.is_labelled:
            continue
        still = drafts.open_in(name, video)
        worth = sum(_doubt(draft) * (2 if draft.label in rare else 1) for draft in still)
        found.append((worth / max(video.duration / 60, 0.1), name, _about(name, video, still, rare, drafts)))
    found.sort(key=lambda each: (-each[0], each[1]))
    return [about for _, _, about in found[:LISTED]]


def _doubt(draft: Draft) -> float:
    """How unsure the model is, from 0 to 1."""
    return 1.0 - min(abs(draft.score - UNSURE) / UNSURE, 1.0)


def _about(name: str, video: EditedVideo, still: list[Draft], rare: set[str], drafts: Drafts) -> dict[str, Any]:
    if not still:
        why = "the model finds nothing here" if drafts.number else "nothing is known of it yet"
        return {"video": name, "time": 0.0, "end": video.duration, "why": why}
    first = max(still, key=lambda draft: (draft.label in rare, _doubt(draft)))
    unsure = sum(_doubt(draft) > UNSURE for draft in still)
    why = f"{len(still)} drafts, {unsure} of them unsure" + (f"; {first.label} is rare" if first.label in rare else "")
    return {"video": name, "time": first.start, "end": first.end, "why": why}
