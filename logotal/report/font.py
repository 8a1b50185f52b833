"""Fonts for labels in any script: those of the machine, and the one that Pillow brings, which has ASCII alone.

A text is written in the first font that has all its letters. Where none has them all, each letter is written in the
first font that has it.
"""

import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from PIL import ImageFont, features

PREFERRED = ("notosans-regular", "dejavusans", "liberationsans-regular", "segoeui", "arial", "helvetica")
"""Names of the files of plain fonts that come first where they are installed."""

UNUSUAL = ("bold", "italic", "oblique", "light", "thin", "black", "mono", "serif", "condensed", "narrow", "math")
"""Words in the names of the files that come last."""

EVERYTHING = "lastresort"
"""The name of macOS' font that has a sign for every letter, which says its script and no more."""

NO_LETTER = "\uffff"
"""Unicode says that this is no letter: what a font draws for it, it draws for all that it lacks."""

UNKNOWN = "\ufffd"
CAPITAL = 0.72
"""The height of capitals, in sizes of the font, where a font has none."""


@dataclass(frozen=True)
class Face:
    """A font file of the machine, or Pillow's own font where there is no `path`."""

    path: Path | None = None

    def font(self, size: float) -> ImageFont.FreeTypeFont:
        """The font with capitals of `size` pixels.

        Raises:
            OSError: the file is no font that can be scaled.
        """
        return _opened(self.path, size / _capital(self.path))

    def has(self, letter: str) -> bool:
        """Whether the font has a letter."""
        return _has(self.path, letter)


def runs(text: str) -> list[tuple[Face, str]]:
    """The parts of a text, each with the font that it is written in.

    Line breaks are written as spaces, control characters and half characters as U+FFFD. A letter with an accent that
    no font has is written without the accent.
    """
    text = unicodedata.normalize("NFC", "".join(map(_written, text)))
    for face in _faces():
        if all(face.has(letter) for letter in text if _is_drawn(letter)):
            return [(face, text)] if text else []
    found: list[tuple[Face, str]] = []
    for letter in text:
        if not _is_drawn(letter):
            found.append((found[-1][0] if found else Face(), letter))
        elif (having := _face_of(letter)) is not None:
            found.append((having, letter))
        else:
            found.append((Face(), _without_accents(letter) or letter))
    return [(face, "".join(part for _, part in group)) for face, group in groupby(found, key=lambda run: run[0])]


def unwritable(texts: Iterable[str]) -> str:
    """What cannot be written right on this machine, in one sentence with what to do; empty where all can."""
    letters = {letter for text in texts for letter in unicodedata.normalize("NFC", text) if _is_drawn(letter)}
    lacking = sorted(letter for letter in letters if _face_of(letter) is None and not _without_accents(letter))
    if lacking:
        more = f" and {len(lacking) - 20} more" if len(lacking) > 20 else ""
        return (
            f"no font on this machine has the letters {' '.join(lacking[:20])}{more}, which are drawn as boxes; "
            "install one that has them, such as Noto Sans of their script"
        )
    if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in letters) and not features.check("raqm"):
        return (
            "text that runs from right to left is drawn letter by letter from left to right, because Pillow finds no "
            "FriBiDi on this machine; install it (Debian: libfribidi0)"
        )
    return ""


def _written(letter: str) -> str:
    if letter.isspace():
        return " "
    return UNKNOWN if unicodedata.category(letter) in ("Cc", "Cs") else letter


def _is_drawn(letter: str) -> bool:
    """Whether a letter needs ink of its own: spaces, marks on other letters and signs for joining do not."""
    return letter != UNKNOWN and unicodedata.category(letter) not in ("Zs", "Zl", "Zp", "Mn", "Me", "Cf", "Cc", "Cs")


def _without_accents(letter: str) -> str:
    """A letter without its accents; empty where Pillow's font lacks that too."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    return plain if all(_has(None, c) for c in plain) else ""


@lru_cache(maxsize=4096)
def _face_of(letter: str) -> Face | None:
    return next((face for face in _faces() if face.has(letter)), None)


@cache
def _faces() -> tuple[Face, ...]:
    """All fonts, the plainest first."""
    paths = sorted((path for folder in font_folders() for path in _font_files(folder)), key=_rank)
    preferred = [path for path in paths if path.stem.lower() in PREFERRED]
    return (*map(Face, preferred), Face(), *(Face(path) for path in paths if path not in preferred))


def _rank(path: Path) -> tuple[int, bool, str]:
    name = path.stem.lower()
    place = PREFERRED.index(name) if name in PREFERRED else len(PREFERRED)
    return place, any(word in name for word in UNUSUAL), name


def font_folders() -> Iterator[Path]:
    """Where this system keeps its fonts, and its user theirs."""
    home = Path.home()
    if sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", "C:/Windows"), "Fonts")
        yield home / "AppData/Local/Microsoft/Windows/Fonts"
    elif sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    else:
        yield from (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
        yield from (home / ".local/share/fonts", home / ".fonts")


def _font_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.suffix.lower() in (".ttf", ".otf", ".ttc") and EVERYTHING not in path.stem.lower():
            yield path


@lru_cache(maxsize=256)
def _opened(path: Path | None, size: float) -> ImageFont.FreeTypeFont:
    if path is not None:
        return ImageFont.truetype(str(path), size)
    own = ImageFont.load_default(size)
    assert isinstance(own, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return own


@lru_cache(maxsize=256)
def _capital(path: Path | None) -> float:
    """The height of a font's capitals, in sizes of the font."""
    if not _has(path, "H"):
        return CAPITAL
    return -float(_opened(path, 1000).getbbox("H", anchor="ls")[1]) / 1000


@lru_cache(maxsize=65536)
def _has(path: Path | None, letter: str) -> bool:
    try:
        font = _opened(path, 16)
        drawn, nothing = font.getmask(letter), font.getmask(NO_LETTER)
    except (OSError, ValueError):  # broken, or made of pictures of one size, as colored emoji are
        return False
    return bool((drawn.size, bytes(drawn)) != (nothing.size, bytes(nothing)))
