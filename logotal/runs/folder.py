"""Run folders: what a training leaves behind, and all that inference needs; `logotal.places` names the files."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, RootModel
from safetensors import SafetensorError

from logotal.config import Config
from logotal.data.feature_recipe import Recipe, read_feature_recipe, write_feature_recipe
from logotal.errors import InputError
from logotal.files.json import read_json
from logotal.files.model import parsed_model
from logotal.files.remote import refuse_remote
from logotal.files.text import check_plain, is_there, read_text
from logotal.files.whole import write_whole
from logotal.inference.operating_point import OperatingPoint, read_operating_point
from logotal.inference.video_classifier import VideoClassifier, read_video_classifier
from logotal.places import (
    CHECKPOINT,
    CLASSIFIER,
    CONFIG,
    LABELS,
    LEFT_OUT,
    OPERATING_POINT,
    PROVENANCE,
    RUN_FILES,
    WEIGHTS,
    project_of,
)
from logotal.recipes import dump_config, parse_config, read_recipe
from logotal.runs.hub import hub_name
from logotal.video.files import SUFFIXES
from logotal.words import command

if TYPE_CHECKING:
    from torch import Tensor


class Labels(RootModel[Annotated[list[str], Field(description="a list of label names")]]):
    """What labels.json holds."""


@dataclass(frozen=True)
class Run:
    """A run folder on disk.

    Raises:
        InputError: it is an address.
    """

    folder: Path

    def __post_init__(self) -> None:
        refuse_remote(self.folder, "a run folder")

    def refuse_strangers(self) -> None:
        """Makes sure that a folder which is no run yet holds no file that one would replace.

        Raises:
            InputError: it does; a run would lose it.
        """
        if found := [name for name in RUN_FILES if os.path.lexists(self.folder / name)]:
            raise InputError(
                f"{self.folder}: holds {', '.join(found)} but no {CONFIG}, so it is no run and is left alone; choose "
                "another folder with --out"
            )

    def write_setup(
        self, config: Config, labels: Sequence[str], left_out: Sequence[str], feature_recipe: Recipe | None = None
    ) -> None:
        """Writes what is known before training: configuration, labels, what was left out, how features were made."""
        if feature_recipe is not None:
            write_feature_recipe(self.folder, feature_recipe)
        write_whole(self.folder / CONFIG, dump_config(config).encode())
        write_whole(self.folder / LABELS, (json.dumps(list(labels), indent=1, ensure_ascii=False) + "\n").encode())
        write_whole(self.folder / LEFT_OUT, "".join(f"{sentence}\n" for sentence in left_out).encode())

    def write_model(self, weights: Mapping[str, "Tensor"], provenance: Mapping[str, Any]) -> None:
        """Writes the trained weights, and how they came about.

        Raises:
            InputError: a weight is not finite.
        """
        from safetensors.torch import save  # noqa: PLC0415 - imports torch, which reading a run's numbers does not need

        for name, tensor in weights.items():
            if not tensor.isfinite().all():
                raise InputError(f"{self.folder}: {name} is NaN or infinite, and so not written; train anew")
        contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
        write_whole(self.folder / PROVENANCE, (json.dumps(provenance, indent=1) + "\n").encode())
        write_whole(self.folder / WEIGHTS, save(contiguous))

    def write_classifier(self, classifier: VideoClassifier) -> None:
        """Writes the video classifier of a class-agnostic model."""
        write_whole(self.folder / CLASSIFIER, classifier.to_bytes())

    def classifier(self) -> VideoClassifier | None:
        """The video classifier of a class-agnostic model; None where there is none.

        Raises:
            InputError: its file is not whole, or belongs to another run.
        """
        return read_video_classifier(self.folder / CLASSIFIER, self.labels(), self.config().model.input_channels)

    def operating_point(self) -> OperatingPoint | None:
        """Which of the run's actions are shown, if that was chosen.

        Raises:
            InputError: its file is not as expected, or of other labels.
        """
        path = self.folder / OPERATING_POINT
        return read_operating_point(path, self.labels()) if is_there(path) else None

    def config(self) -> Config:
        """The configuration of the run."""
        path = self.folder / CONFIG
        if not is_there(path):
            raise InputError(why_no_run(self.folder))
        return parse_config(read_text(path), str(path))

    def labels(self) -> tuple[str, ...]:
        """The labels of the run, in class-index order."""
        path = self.folder / LABELS
        return tuple(parsed_model(read_json(path), path, Labels).root)

    def feature_recipe(self) -> Recipe | None:
        """How the features of the run were made; None where that is not known."""
        return read_feature_recipe(self.folder)

    def weights(self) -> dict[str, "Tensor"]:
        """The trained weights."""
        from safetensors.torch import load_file  # noqa: PLC0415 - imports torch

        path = self.folder / WEIGHTS
        check_plain(path)
        if not path.is_file():
            hint = "resume its training with --resume" if (self.folder / CHECKPOINT).is_file() else "train it first"
            raise InputError(f"{self.folder}: training has not finished, model.safetensors is missing; {hint}")
        try:
            return load_file(path)
        except SafetensorError as error:
            raise InputError(f"{path}: not a whole safetensors file ({error}); copy or train it again") from error


def why_no_run(folder: Path) -> str:
    """Why a folder is no run, and what to do: a project may not be trained yet, and videos not be a project."""
    if (project := project_of(folder)) is not None:
        data = read_recipe(str(project)).data
        extracted = data.features is not None and any(data.features.glob("*.npy"))
        first = "" if extracted else f"`{command('extract', project)}`, then "
        return f"{project}: no model was trained here yet; next: {first}`{command('train', project)}`"
    if not folder.exists():
        missing = f"{folder}: no such run folder; name the folder that `logotal train` wrote"
        if (name := hub_name(str(folder))) is None:
            return missing
        return f"{missing}, or a copy of a model on the hub (`hf download {name['repository']} --local-dir FOLDER`)"
    missing = f"{folder}: not a run folder, config.yaml is missing"
    if folder.is_dir() and any(path.suffix.lower() in SUFFIXES for path in folder.iterdir()):
        return f"{missing}; it holds videos: make a project of them with `{command('init', folder)}`"
    return f"{missing}; expected what `logotal train` writes"
