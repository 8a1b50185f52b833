"""Edits: what can be changed in the labels of a video, as values that are sent, kept in the journal and applied."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel

from logotal.errors import InputError
from logotal.files.model import Count, Each, Listed
from logotal.formats.annotations import Span
from logotal.formats.edited import FROZEN, EditedVideo, Marked, Rejected, in_order

LISTS = ("labelled", "rejected", "ignored")
"""What an edit replaces as a whole."""


class Edit(BaseModel):
    """A change of the labels of one video: one gesture of a person.

    `put` adds actions, or replaces those with the same ids, `remove` takes ids away; the lists replace what is there
    unless they are None.
    """

    model_config = FROZEN
    video: str
    put: Annotated[Listed[Marked], Each("action")] = []
    remove: Annotated[Listed[str], Each("id")] = []
    labelled: list[Span] | None = None
    rejected: list[Rejected] | None = None
    ignored: list[Span] | None = None

    @property
    def touched(self) -> set[str]:
        """The ids of the actions, and the names of the lists, that the edit changes."""
        lists = {name for name in LISTS if getattr(self, name) is not None}
        return {action.id for action in self.put} | set(self.remove) | lists

    def applied(self, video: EditedVideo) -> EditedVideo:
        """The video with the change.

        Raises:
            InputError: an action or a span ends before it starts, or lies beyond the end of the video.
        """
        marks = [*self.put, *(self.rejected or ())]
        spans = [*((mark.start, mark.end) for mark in marks), *(self.labelled or ()), *(self.ignored or ())]
        for start, end in spans:
            if not 0 <= start <= end <= video.duration + 1e-3:
                raise InputError(
                    f"{self.video}: expected a span within the {video.duration:g} s of the video, found {start:g} to "
                    f"{end:g} s; mark it again"
                )
        put = {action.id: action for action in self.put}
        kept = [action for action in video.actions if action.id not in put and action.id not in self.remove]
        changed: dict[str, Any] = {name: getattr(self, name) for name in LISTS if getattr(self, name) is not None}
        return video.model_copy(update={"actions": in_order([*kept, *put.values()]), **changed})

    def said(self) -> str:
        """What it does, in a few words."""
        parts = [f"{len(self.put)} marked"] * bool(self.put) + [f"{len(self.remove)} removed"] * bool(self.remove)
        return ", ".join([*parts, *(f"{name} spans changed" for name in LISTS if getattr(self, name) is not None)])


class Entry(BaseModel):
    """A line of the journal: an edit, or videos as they came to be (`videos`, as after an import)."""

    model_config = FROZEN
    version: Count
    time: str
    edit: Edit | None = None
    videos: dict[str, EditedVideo] | None = None

    def applied(self, videos: dict[str, EditedVideo]) -> None:
        """Changes the videos.

        Raises:
            InputError: there is no such video, or the edit is not possible.
        """
        if self.edit is not None:
            if self.edit.video not in videos:
                raise InputError(f"edit {self.version}: no video {self.edit.video!r:.80} in this project")
            videos[self.edit.video] = self.edit.applied(videos[self.edit.video])
        videos.update(self.videos or {})

    def concerns(self, video: str) -> bool:
        """Whether it changes that video."""
        return (self.edit is not None and self.edit.video == video) or video in (self.videos or {})


def back_to(video: str, now: EditedVideo, then: EditedVideo) -> Edit:
    """The edit that makes a video as it was."""
    kept = {action.id for action in then.actions}
    gone = [action.id for action in now.actions if action.id not in kept]
    return Edit(
        video=video,
        put=then.actions,
        remove=gone,
        labelled=then.labelled,
        rejected=then.rejected,
        ignored=then.ignored,
    )


def states(entries: Iterable[Entry], video: str) -> list[tuple[Entry, EditedVideo]]:
    """What a video was like after each entry that concerns it, the oldest first."""
    videos: dict[str, EditedVideo] = {}
    found = []
    for entry in entries:
        if entry.concerns(video):
            entry.applied(videos)
            found.append((entry, videos[video]))
    return found
