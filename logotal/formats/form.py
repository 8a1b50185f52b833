"""What a form of files is: one description for each, from which everything else asks.

A form is a file here that ends in a `Form`, and a line in `labels.FORMS`. `claims` knows the form by what is in a
file, never by the file's name alone; `labels` reads what people annotated; `saved` is how timelines are written
and read back, where logotal writes the form.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from unicodedata import normalize
from xml.etree.ElementTree import Element

from logotal.errors import InputError
from logotal.files.json import parsed_json
from logotal.files.text import decoded, read_raw
from logotal.formats.label_file import LabelFile, ask
from logotal.formats.options import Options
from logotal.formats.tables import Table
from logotal.formats.xml import parsed_xml
from logotal.timeline import Timeline

Writer = Callable[[Sequence[Timeline], Mapping[str, Timeline]], str]
Reader = Callable[[str, Path], list[Timeline]]


class Source:
    """A file that may hold labels: its bytes, text, JSON or XML, each made when a form first asks for it.

    Args:
        path: of the file.
        options: what a person says about label files.
        named: whether the person named this very file as labels; otherwise it merely lies somewhere.
        text: what the file says, where something else has read it already (a sheet of a workbook).
    """

    def __init__(
        self, path: Path, options: Options | None = None, *, named: bool = True, text: str | None = None
    ) -> None:
        self.path, self.options, self.named = path, options or Options(), named
        self.notes: list[str] = []
        self.used: set[str] = set()
        self.offered: dict[str, tuple[str, ...]] = {}
        self.tables: dict[tuple[str, ...], Table | None] = {}
        if text is not None:
            self.text = text

    @cached_property
    def raw(self) -> bytes:
        """The bytes."""
        return read_raw(self.path)

    @cached_property
    def is_binary(self) -> bool:
        """Whether the file is a workbook, and its text is that of its sheets."""
        return "text" not in self.__dict__ and self.raw.startswith(b"PK\x03\x04")

    @cached_property
    def text(self) -> str:
        """The text, composed (NFC); what is neither UTF-8 nor UTF-16 is Windows-1252, as Excel writes it."""
        try:
            text = decoded(self.raw, self.path)
        except InputError:
            if b"\0" in self.raw:
                raise
            try:
                text = self.raw.decode("cp1252")
            except UnicodeDecodeError as error:
                raise InputError(
                    f"{self.path}: expected UTF-8 text, found other bytes at {error.start}; save it as UTF-8"
                ) from error
            self.notes.append(
                f"{self.path}: is no UTF-8 and was read as Windows-1252; if letters with accents are wrong, save it "
                "as UTF-8"
            )
        return normalize("NFC", text)

    @cached_property
    def suffix(self) -> str:
        """The end of the name, in small letters."""
        return self.path.suffix.lower()

    @cached_property
    def json(self) -> Any:
        """The JSON value; None where the name says that the file is something else.

        Raises:
            InputError: it is no JSON that can be used.
        """
        return parsed_json(self.text, self.path) if self.suffix in (".json", ".boris", ".otio") else None

    @cached_property
    def object(self) -> dict[str, Any]:
        """The JSON object; empty where the file is something else."""
        return self.json if isinstance(self.json, dict) else {}

    @cached_property
    def xml(self) -> Element | None:
        """The root of the XML; None where the name says that the file is something else.

        Raises:
            InputError: it is no XML that can be used; of a `.xml` that nobody named, which may be anything, that is
                no matter.
        """
        if self.suffix not in (".eaf", ".xml", ".anvil"):
            return None
        try:
            return parsed_xml(self.text, self.path)
        except InputError:
            if self.suffix == ".xml" and not self.named:
                return None
            raise

    @cached_property
    def lines(self) -> list[str]:
        """The lines that hold something."""
        return [line for line in self.text.splitlines() if line.strip()]

    def use(self, option: str, offered: Iterable[str] = ()) -> Any:
        """The value of an option; if a person gave it, the file has a use for it, and else for one of `offered`."""
        self.offered[option] = tuple(offered)
        value = getattr(self.options, option)
        if value:
            self.used.add(option)
        return value

    def choose(self, option: str, offered: Sequence[str], what: str) -> str:
        """The one of the offered values that a person chose, or the only one that there is.

        Raises:
            AskError: there are several, and nobody chose one of them.
        """
        wanted = self.use(option, offered)
        chosen = [value for value in offered if value in ((wanted,) if isinstance(wanted, str) else wanted or ())]
        if len(chosen) == 1 or (not wanted and len(offered) == 1):
            return (chosen or list(offered))[0]
        missing = f", none of which is {wanted!r}" if wanted and not chosen else ""
        raise ask(self.path, f"{len(offered)} {what}{missing}", f"--{option}", offered)


@dataclass(frozen=True)
class Saved:
    """How timelines are saved in a form: the suffix that chooses it, how they are written, and how read back."""

    suffix: str
    write: Writer
    read: Reader


@dataclass(frozen=True)
class Form:
    """One form of files.

    Args:
        name: of the form, as a reader calls it.
        claims: whether a file has this form, known by its content.
        labels: what people annotated in such a file; raises `NotLabelsError` where it can hold no labels.
        suffixes: ends of names by which such files are looked for in a folder.
        general: asked only where no other form claims a file.
        binary: whether such files are no text.
        holds_labels: whether such files can hold any.
        loose: counts as labels only where a person names the file: subtitles, lines of text.
        saved: how timelines are saved in this form, where they are.
    """

    name: str
    claims: Callable[[Source], bool]
    labels: Callable[[Source], LabelFile]
    suffixes: tuple[str, ...]
    general: bool = False
    binary: bool = False
    holds_labels: bool = True
    loose: bool = False
    saved: Saved | None = None
