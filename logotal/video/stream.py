"""Remote videos as FFmpeg reads them: by ranges, so that no more is fetched than is decoded."""

from pathlib import Path
from typing import Any

from logotal.files.remote import saying, system

BLOCK = 4 * 2**20
"""Bytes of a video that are fetched at once; the next block comes while one is decoded."""

BLOCKS = 8


class Stream:
    """A remote video as FFmpeg reads it; what goes wrong underneath is one sentence."""

    def __init__(self, path: Path, file: Any) -> None:
        self._path, self._file = path, file
        self.name = f"video{path.suffix}" if path.suffix[1:].isalnum() else "video"  # FFmpeg looks at the ending alone

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many."""
        with saying(self._path, "read"):
            found: bytes = self._file.read(size)
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        """Goes to a place, and returns it."""
        with saying(self._path, "read"):
            self._file.seek(offset, whence)
        return self.tell()

    def tell(self) -> int:
        """The place."""
        return int(self._file.tell())


def open_stream(path: Path) -> Stream | None:
    """A remote file to be read in parts; None where its file system gives it from the beginning only.

    Raises:
        InputError: it cannot be read.
    """
    files, where = system(path)
    with saying(path, "read"):
        file = files.open(where, "rb", block_size=BLOCK, cache_type="background", cache_options={"maxblocks": BLOCKS})
        try:
            file.seek(1)  # a stream says that it can seek, and cannot
            file.seek(0)
        except ValueError:
            file.close()
            return None
    return Stream(path, file)
