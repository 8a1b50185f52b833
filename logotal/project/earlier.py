"""The project that lies in a folder already: what an update of it keeps.

Beside what training reads, annotations.json holds what the label files said of splits, groups and ignored spans
(`label_files` of a video). So an edit of a person, which stays, can be told from a change of the label files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from logotal.config import DataConfig
from logotal.errors import InputError
from logotal.files.json import read_json
from logotal.files.model import STRICT, parsed_model
from logotal.formats.annotations import VIDEO_KEYS, VideoTruth, read_annotations
from logotal.formats.options import Options, stored_options
from logotal.places import ANNOTATIONS, RECIPE
from logotal.project.splitting import TRAINING, VALIDATION, name_splits
from logotal.project.writing import FILE, LABEL_FILES, READING, is_ours
from logotal.recipes import read_recipe

Span = tuple[float, float]


class _Said(BaseModel):
    """What the label files said of a video."""

    model_config = STRICT
    subset: str | None = None
    group: str | None = None
    ignored: list[list[float]] = []


class _Entry(BaseModel):
    """What is ours in the entry of a video."""

    model_config = STRICT
    file: str | None = None
    label_files: _Said = _Said()


class _Content(BaseModel):
    """What is ours in the annotations."""

    model_config = STRICT
    reading: Any = {}
    held_back: Annotated[float, Field(ge=0, lt=1, description="a part from 0 to below 1")] | None = None


@dataclass(frozen=True)
class Said:
    """What label files say of the split, the group and the ignored spans of a video."""

    split: str | None = None
    group: str | None = None
    ignored: tuple[Span, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What is said, as it is written."""
        found = {"subset": self.split, "group": self.group, "ignored": [list(span) for span in self.ignored]}
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True)
class Earlier:
    """A project as it lies in its folder.

    `said` is what the label files said when it was last made, `more` the keys that a person added, by video; `ids` are
    those of the video files. `data` is what its recipe says, None where it is gone.
    """

    videos: Mapping[str, VideoTruth]
    said: Mapping[str, Said]
    more: Mapping[str, Mapping[str, Any]]
    ids: Mapping[Path, str]
    options: Options
    held_back: float | None
    data: DataConfig | None
    training: str
    evaluation: str


def read_earlier(out: Path) -> Earlier | None:
    """The project in a folder; None where `logotal init` has made none there.

    Raises:
        InputError: its annotations or its recipe cannot be read.
    """
    path = out / ANNOTATIONS
    if not is_ours(path):
        return None
    content = read_json(path)
    annotations = read_annotations(path)
    whole = parsed_model(content, path, _Content)
    said, more, ids = {}, {}, {}
    for name, value in content["database"].items():
        entry = parsed_model(value, f"{path}: video {name!r}", _Entry)
        told = entry.label_files
        said[name] = Said(told.subset, told.group, tuple((start, end) for start, end in told.ignored))
        more[name] = {key: each for key, each in value.items() if key not in {*VIDEO_KEYS, FILE, LABEL_FILES}}
        if entry.file is not None:
            if "\0" in entry.file:
                raise InputError(f"{path}: video {name!r}: {FILE!r} must be a path, found {entry.file!r:.60}")
            ids[(out / entry.file).resolve()] = name
    data = read_recipe(str(out)).data if (out / RECIPE).is_file() else None
    if data is not None:
        names = data.training_split, data.evaluation_split
    else:
        names = name_splits(annotations.splits(), str(path)) or (TRAINING, VALIDATION)
    options = stored_options(whole.reading, f"{path}: {READING!r}")
    return Earlier(annotations.videos, said, more, ids, options, whole.held_back, data, *names)
