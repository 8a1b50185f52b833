"""The labels of a project while they are edited: every edit is on the disk before it is confirmed.

The journal is what counts: a line for each edit, flushed at once. `edited.json` is what comes of it, the file that
training and `logotal init` read; it is written a little later, and made anew from the journal after a kill. Somebody
may edit that file while the app is closed: then it counts, as one more entry.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock

from logotal.app.edits import Edit, Entry, back_to, states
from logotal.errors import InputError
from logotal.files.json import parsed_json
from logotal.files.model import parsed_model
from logotal.files.text import decoded
from logotal.files.whole import write_whole
from logotal.formats.edited import EditedFile, EditedVideo, edited_text, read_edited
from logotal.places import APP, EDITED, JOURNAL


class ConflictError(InputError):
    """Somebody else has changed the same thing in the meantime."""


class LabelStore:
    """The videos of a project and what is marked in them; safe for several threads of one process.

    Args:
        project: the folder of the project.

    Raises:
        InputError: its files are not as this class writes them.
    """

    def __init__(self, project: Path) -> None:
        self.path, self.journal = project / APP / EDITED, project / APP / JOURNAL
        self.videos: dict[str, EditedVideo] = {}
        self.entries: list[Entry] = []
        self._lock = Lock()
        self._written = 0
        self._read()

    @property
    def version(self) -> int:
        """The number of the last entry."""
        return len(self.entries)

    @property
    def labels(self) -> list[str]:
        """All labels in alphabetical order."""
        return sorted({action.label for video in self.videos.values() for action in video.actions})

    def video(self, name: str) -> EditedVideo:
        """A video of the project.

        Raises:
            InputError: there is none of that name.
        """
        if name not in self.videos:
            raise InputError(f"no video {name!r:.80} in this project")
        return self.videos[name]

    def change(self, edit: Edit, base: int) -> int:
        """Applies an edit and returns its version.

        Args:
            edit: of a person who saw the version `base`.
            base: later edits of others do not matter unless they touch the same actions or lists.

        Raises:
            ConflictError: one of them does.
            InputError: there is no such video, or the edit is not possible.
        """
        with self._lock:
            for entry in self.since(base):
                if entry.concerns(edit.video) and (entry.edit is None or entry.edit.touched & edit.touched):
                    raise ConflictError(f"{edit.video}: changed elsewhere in the meantime; look at it and try again")
            return self._append(edit=edit)

    def put_videos(self, videos: Mapping[str, EditedVideo]) -> int:
        """Adds videos, or replaces all that is known of them, and returns the version."""
        with self._lock:
            return self._append(videos=dict(videos))

    def history(self, video: str) -> list[tuple[Entry, EditedVideo]]:
        """What a video was like after each entry that concerns it, the newest first."""
        return states(list(self.entries), video)[::-1]

    def restore(self, video: str, version: int) -> int:
        """Makes a video as it was after an entry, and returns the version of that edit.

        Raises:
            InputError: there is no such state.
        """
        found = [state for entry, state in self.history(video) if entry.version == version]
        if not found:
            raise InputError(f"{video}: no state {version} in the journal")
        with self._lock:
            return self._append(edit=back_to(video, self.videos[video], found[0]))

    def since(self, version: int) -> list[Entry]:
        """The entries after a version."""
        return self.entries[version:]

    def save(self) -> None:
        """Writes `edited.json` where it is behind the journal."""
        with self._lock:
            if self._written < self.version:
                file = EditedFile(journal=self.version, videos=self.videos)
                write_whole(self.path, edited_text(file).encode())
                self._written = self.version

    def _append(self, edit: Edit | None = None, videos: dict[str, EditedVideo] | None = None) -> int:
        """Applies what is new, and confirms it once it is on the disk."""
        time = datetime.now().isoformat(timespec="seconds")
        entry = Entry(version=self.version + 1, time=time, edit=edit, videos=videos)
        changed = dict(self.videos)
        entry.applied(changed)
        line = entry.model_dump_json(exclude_none=True) + "\n"
        self.journal.parent.mkdir(parents=True, exist_ok=True)
        size = self.journal.stat().st_size if self.journal.is_file() else 0
        try:
            with self.journal.open("ab") as file:
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                os.truncate(self.journal, size)
            reason = error.strerror or str(error)
            raise InputError(f"{self.journal}: cannot be written ({reason}); make room; nothing is saved") from error
        self.videos = changed
        self.entries.append(entry)
        return entry.version

    def _read(self) -> None:
        """Reads the journal, and the file where somebody has edited it."""
        file = read_edited(self.path) if self.path.is_file() else None
        for line in self._lines():
            entry = parsed_model(parsed_json(line, self.journal), self.journal, Entry)
            if entry.version != self.version + 1:
                raise InputError(
                    f"{self.journal}: expected edit {self.version + 1}, found {entry.version}; bring back a copy "
                    f"of the file, or move it away: {self.path.name} holds the labels as they were last"
                )
            entry.applied(self.videos)
            self.entries.append(entry)
        if file is not None:
            self._written = file.journal
            changed = {name: video for name, video in file.videos.items() if self.videos.get(name) != video}
            if file.journal >= self.version and changed:
                self._append(videos=changed)

    def _lines(self) -> list[str]:
        """The whole lines; half a line at the end is an edit that was never confirmed, and goes."""
        if not self.journal.is_file():
            return []
        whole, newline, _ = self.journal.read_bytes().rpartition(b"\n")
        if self.journal.stat().st_size > len(whole) + len(newline):
            os.truncate(self.journal, len(whole) + len(newline))
        return decoded(whole, self.journal).split("\n") if whole else []
