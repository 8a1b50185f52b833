"""What to label next in the editor: the order of `logotal next`, by the drafts that nobody has answered yet."""

from collections.abc import Mapping
from typing import Any

from logotal.app.drafts import Drafts
from logotal.evaluation.worth import most_useful
from logotal.formats.edited import EditedVideo
from logotal.timeline import Timeline

LISTED = 20


def next_places(videos: Mapping[str, EditedVideo], drafts: Drafts) -> list[dict[str, Any]]:
    """The videos that are not labelled yet, the most useful first, each with the place to begin at and the reason.

    Before the first model nothing is known of any, and they come in order.
    """
    unlabelled = {name: video for name, video in videos.items() if not video.is_labelled}
    lines = [
        Timeline(name, tuple(draft.action for draft in drafts.open_in(name, video)), video.duration)
        for name, video in unlabelled.items()
    ]
    nothing = None if drafts.number else "nothing is known of it yet"
    return [
        {"video": each.video, "time": each.start, "end": each.end, "why": nothing or each.reason}
        for each in most_useful(lines)[:LISTED]
    ]
