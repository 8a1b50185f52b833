"""A published checkpoint with its YAML becomes a run folder: `detect`, `evaluate` and the rest work on it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch
import yaml
from torch import Tensor

import logotal
from logotal.backbones.state import load_strictly, read_state
from logotal.convert.names import BLOCKS, rename
from logotal.convert.settings import convert_settings
from logotal.errors import InputError, did_you_mean
from logotal.files.remote import resolved
from logotal.files.text import read_text
from logotal.files.whole import temporary_folder
from logotal.files.yaml import parsed_yaml
from logotal.formats.annotations import Annotations, read_annotations
from logotal.model.detector import build_detector
from logotal.recipes import parse_config
from logotal.runs.folder import Run

ORIGINS = tuple(BLOCKS)
"""Whose checkpoints are understood."""

CONFIG = "config.yaml"
AVERAGED, RAW = "state_dict_ema", "state_dict"


def convert_checkpoint(
    checkpoint: Path,
    settings: Path,
    folder: Path,
    *,
    origin: str,
    annotations: Path,
    features: Path | None = None,
    protocol: str = "generic",
    raw: bool = False,
    padding: Literal["published", "none"] = "published",
) -> Run:
    """Writes the run folder of a published checkpoint.

    Args:
        checkpoint: their .pth.tar, which is read as tensors alone.
        settings: the YAML that it was trained with.
        folder: of the run; must not hold one.
        origin: `actionformer`, `tridet` or `temporalmaxer`.
        annotations: the annotation file of the data set, for the labels in their order and the names of the splits.
        features: folder of the features that the run is to find.
        protocol: by which the run is evaluated.
        raw: takes the last weights, not the averaged ones that their evaluation takes.
        padding: `published` answers as their code does, which depends on how far a video is padded; with `none`
            padding changes nothing, and steps near the ends of a video answer a little differently.

    Raises:
        InputError: the three do not fit together, or say what has no counterpart here.
    """
    if origin not in ORIGINS:
        raise InputError(f"--from: no {origin!r}; {did_you_mean(origin, ORIGINS)}")
    if (folder / CONFIG).exists():
        raise InputError(f"{folder}: already holds a run; choose another folder with --out")
    Run(folder).refuse_strangers()
    truth = read_annotations(annotations)
    content = _yaml(settings)
    sections = convert_settings(content, origin, str(settings))
    if padding == "none":
        sections["model"]["compat"] = None
    sections["data"] |= {
        "annotations": str(resolved(truth.source)),
        "features": None if features is None else str(resolved(features)),
        "protocol": protocol,
        "training_split": _split(content.get("train_split", "training"), truth, "train_split", settings),
        "evaluation_split": _split(content.get("val_split", "validation"), truth, "val_split", settings),
    }
    config = parse_config(yaml.safe_dump(sections), str(settings))
    labels = truth.labels
    published = content["dataset"]["num_classes"]
    if not config.model.class_agnostic and published != len(labels):
        raise InputError(f"{annotations}: expected the {published} labels of {settings}, found {len(labels)}")
    with torch.device("meta"):
        detector = build_detector(config.model, num_labels=len(labels))
    state = read_state(checkpoint, wrappers=(RAW,) if raw else (AVERAGED, RAW))
    renamed = renamed_state(state, origin, detector.state_dict(), checkpoint)
    load_strictly(detector, renamed, f"{checkpoint}: does not fit {settings} (our names)")
    about = {
        "logotal": logotal.__version__,
        "converted_from": origin,
        "checkpoint": f"{checkpoint.name}, {'last weights' if raw else 'averaged weights'}, as published",
        "checkpoint_sha256": hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
        "settings": settings.name,
        "training_split": config.data.training_split,
        "protocol": config.data.protocol,
    }
    with temporary_folder(folder) as prepared:
        run = Run(prepared)
        try:
            run.write_setup(config, labels, left_out=())
            run.write_model(detector.state_dict(), about)
        except InputError as error:  # names the place that the user knows
            raise InputError(str(error).replace(str(prepared), str(folder))) from error
        _move(prepared, folder)
    return Run(folder)


def _move(prepared: Path, folder: Path) -> None:
    """Brings the files to their place; config.yaml, which makes a folder a run, is the last."""
    try:
        folder.mkdir(exist_ok=True)
        for file in sorted(prepared.iterdir(), key=lambda file: (file.name == CONFIG, file.name)):
            file.replace(folder / file.name)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another place with --out") from error


def renamed_state(
    state: Mapping[str, Tensor], origin: str, expected: Mapping[str, Tensor], checkpoint: Path
) -> dict[str, Tensor]:
    """`rename`, for the state dict in a file.

    Raises:
        InputError: a key has no place here, or its tensor no shape that could be brought into ours.
    """
    try:
        return rename(state, origin, expected)
    except (ValueError, RuntimeError) as error:  # torch raises the latter where a tensor cannot be reshaped
        raise InputError(f"{checkpoint}: {error}") from error


def _split(named: Any, truth: Annotations, key: str, settings: Path) -> str:
    """Their splits are compared without regard to case."""
    name = str(named[0] if isinstance(named, list | tuple) and named else named)
    for split in truth.splits():
        if split.lower() == name.lower():
            return split
    raise InputError(f"{settings}: {key} {name!r} is no split of {truth.source}, which has {', '.join(truth.splits())}")


def _yaml(path: Path) -> dict[str, Any]:
    content = parsed_yaml(read_text(path), path, unique=False)  # theirs let the last of two equal keys win
    if not isinstance(content, dict) or not isinstance(content.get("dataset"), dict):
        raise InputError(f"{path}: expected the YAML of a training with a section dataset, found {content!r:.60}")
    return content
