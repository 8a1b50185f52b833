"""What a person says about label files that the files do not say themselves: the options of `logotal init`.

They are kept in the project, so that the next `init` needs none. An option that no file has a use for is an error.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from logotal.errors import InputError, did_you_mean

COLUMNS = ("video", "start", "end", "duration", "label", "subject", "split", "group")
"""What a column can be named for."""

UNITS = ("frames", "ms", "s", "timecode")


@dataclass(frozen=True)
class Options:
    """What a person says about label files; None and empty where nothing is said.

    Args:
        columns: headers of tables by what they hold, or numbers of columns where there is no header.
        unit: of times that say none: `frames`, `frames@25`, `ms`, `s` or `timecode`.
        tier: the tiers, tracks or groups of columns that hold the actions.
        attribute: which attribute of a segment is its label.
        annotator: whose annotations count where several people annotated the same.
        background: labels that mean that nothing happens.
        prefix: what the names of videos begin with in the labels but not on the disk, or the other way round.
        split_labels: whether `jump, run` in one cell is two labels.
        group: the column that says which videos belong together.

    >>> Options(columns={"label": "verb"}, unit="frames@25").rate
    25.0
    """

    __pydantic_config__ = ConfigDict(extra="forbid")  # where they are read back

    columns: Mapping[str, str] = field(default_factory=dict)
    unit: str | None = None
    tier: tuple[str, ...] = ()
    attribute: str | None = None
    annotator: str | None = None
    background: tuple[str, ...] = ()
    prefix: str | None = None
    split_labels: bool = False
    group: str | None = None

    def __post_init__(self) -> None:
        if unknown := next((role for role in self.columns if role not in COLUMNS), None):
            raise InputError(f"--columns: no part is called {unknown!r}; {did_you_mean(unknown, COLUMNS)}")
        if self.unit is not None and not re.fullmatch(r"frames(@\d{1,4}(\.\d+)?)?|ms|s|timecode", self.unit):
            raise InputError(f"--unit: expected one of {', '.join(UNITS)} (or frames@25), found {self.unit!r}")
        if self.unit is not None and self.rate == 0:
            raise InputError(f"--unit: expected frames a second above 0, found {self.unit!r}")

    @property
    def rate(self) -> float | None:
        """The frames a second that `frames@25` says; None where they are those of the video."""
        _, at, rate = (self.unit or "").partition("@")
        return float(rate) if at else None

    def given(self) -> dict[str, Any]:
        """What is said, as JSON holds it."""
        return {name: value for name, value in asdict(self).items() if value not in (None, (), {}, False)}

    def over(self, stored: "Options") -> "Options":
        """These options, and what they do not say as it is stored.

        >>> Options(unit="ms").over(Options(unit="s", prefix="v_"))
        Options(columns={}, unit='ms', tier=(), attribute=None, annotator=None, background=(), prefix='v_', \
split_labels=False, group=None)
        """
        return replace(stored, **{name: getattr(self, name) for name in self.given()})


def columns_of(listed: Iterable[str]) -> dict[str, str]:
    """The headers by what they hold, as a person names them.

    >>> columns_of(["label=verb", "start=t 0 (s)"])
    {'label': 'verb', 'start': 't 0 (s)'}

    Raises:
        InputError: a text is no `part=HEADER`, or a part is named twice.
    """
    found: dict[str, str] = {}
    for text in listed:
        role, equals, header = text.partition("=")
        if not (equals and header.strip()) or role.strip() in found:
            raise InputError(f"--columns: expected part=HEADER, each part once, found {text!r} (as in label=verb)")
        found[role.strip()] = header.strip()
    return found


def stored_options(content: object, where: str) -> Options:
    """The options that `given` wrote.

    Raises:
        InputError: the text is not as `given` wrote it.
    """
    try:
        return TypeAdapter(Options).validate_python(content)
    except ValidationError:
        raise InputError(f"{where}: expected options of label files, found {content!r:.80}; remove them") from None
