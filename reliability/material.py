"""What a target of hostile files is made of, and what several of them share."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logotal.timeline import Action, Timeline
from reliability.mutation import (
    Mutation,
    byte_level,
    json_level,
    token_level,
)


@dataclass(frozen=True)
class Material:
    """What a target needs: `seeds` are whole inputs, `bombs` hostile ones, `suffix` what the file's name ends in."""

    suffix: str
    read: Callable[[Path], object]
    seeds: Sequence[bytes]
    mutations: Sequence[Mutation] = (byte_level, token_level)
    bombs: Sequence[bytes] = ()


JSON: Sequence[Mutation] = (byte_level, token_level, json_level, json_level)
"""What is done to JSON: half of it stays valid."""

LABELS = ("jump", "run", "Größe & <b>")
TIMELINES = (
    Timeline("match", (Action(0.2, 1.1, "jump", 0.9), Action(1.0, 7.25, "run", 0.5), Action(3, 4, "run", 0.25)), 33.8),
    Timeline("other.mp4", (Action(2, 3, "Größe & <b>", 0.001),), None),
)


def canary(folder: Path) -> Path:
    """The file that a payload in a bomb would make, beside the folders `seeds` and `in`."""
    return folder / "ran"


class Payload:
    """An object whose pickle makes the canary when it is read by what runs pickles."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)
