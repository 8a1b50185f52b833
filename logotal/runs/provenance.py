"""What provenance.json of a run says of how it came about, as others read it; a converted checkpoint says less."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from logotal.files.json import read_json
from logotal.files.model import STRICT, Count, Each, parsed_model
from logotal.files.text import is_there
from logotal.places import PROVENANCE

LARGEST = 2**63
"""What no count comes near, and what a float can hold."""

Text = Annotated[str, Field(description="text")]


class Size(BaseModel):
    """How much is in a split."""

    model_config = STRICT

    videos: Count
    actions: Count


class AnnotationsFile(BaseModel):
    """Which annotations."""

    model_config = STRICT

    file: Text = "not known"
    sha256: Text = "not known"


class Provenance(BaseModel):
    """The file; None and empty where it does not say."""

    model_config = STRICT

    logotal: Text | None = None
    torch: Text | None = None
    lightning: Text | None = None
    numpy: Text | None = None
    python: Text | None = None
    hardware: Text | None = None
    threads: Count | None = None
    seed: Annotated[int, Field(description="a whole number")] | None = None
    checkpoint: Text | None = None
    seconds: Annotated[float, Field(ge=0, lt=LARGEST, description="a number of seconds")] | None = None
    longest_action: Annotated[float, Field(gt=0, lt=LARGEST, description="a number of seconds")] | None = None
    annotations: AnnotationsFile = AnnotationsFile()
    splits: Annotated[dict[str, Size], Each("split"), Field(description="an object of splits")] = {}
    trained_on: Size | None = None
    actions_per_label: Annotated[dict[str, Count], Each("label"), Field(description="an object of labels")] = {}

    def versions(self, *names: str) -> str:
        """Those of these programs that are known, with their versions."""
        known: dict[str, Any] = {name: getattr(self, name) for name in names}
        return ", ".join(f"{name} {version}" for name, version in known.items() if version is not None)


def read_provenance(folder: Path) -> Provenance | None:
    """What a run folder says of how its model came about; None where it does not.

    Raises:
        InputError: its file is not as expected.
    """
    path = folder / PROVENANCE
    if not is_there(path):
        return None
    return parsed_model(read_json(path), path, Provenance, cure="copy it from where the run was trained, or remove it")
