"""A published checkpoint with its YAML becomes a run folder: `detect`, `evaluate` and the rest work on it."""

import hashlib
from pathlib import Path
from typing import Any

import torch
import yaml

import logotal
from logotal.backbones.state import load_strictly, read_state
from logotal.convert.names import BLOCKS, rename
from logotal.convert.settings import convert_settings
from logotal.data.annotations import Annotations, read_annotations
from logotal.errors import InputError, did_you_mean
from logotal.model.detector import build_detector
from logotal.recipes import parse_config
from logotal.run import Run

ORIGINS = tuple(BLOCKS)
"""Whose checkpoints are understood."""

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

    Raises:
        InputError: the three do not fit together, or say what has no counterpart here.
    """
    if origin not in ORIGINS:
        raise InputError(f"--from: no {origin!r}; {did_you_mean(origin, ORIGINS)}")
    run = Run(folder)
    if (folder / "config.yaml").exists():
        raise InputError(f"{folder}: already holds a run; choose another folder with --out")
    truth = read_annotations(annotations)
    content = _yaml(settings)
    sections = convert_settings(content, origin, str(settings))
    sections["data"] |= {
        "annotations": str(truth.source.resolve()),
        "features": None if features is None else str(features.resolve()),
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
    try:
        renamed = rename(state, origin, detector.state_dict())
    except InputError as error:
        raise InputError(f"{checkpoint}: {error}") from error
    load_strictly(detector, renamed, f"{checkpoint}: does not fit {settings} (our names)")
    run.write_setup(config, labels, left_out=())
    run.write_model(
        detector.state_dict(),
        {
            "logotal": logotal.__version__,
            "converted_from": origin,
            "checkpoint": f"{checkpoint.name}, {'last weights' if raw else 'averaged weights'}, as published",
            "checkpoint_sha256": hashlib.sha256(checkpoint.read_bytes()).hexdigest(),
            "settings": settings.name,
            "training_split": config.data.training_split,
            "protocol": config.data.protocol,
        },
    )
    return run


def _split(named: Any, truth: Annotations, key: str, settings: Path) -> str:
    """Their splits are compared without regard to case."""
    name = str(named[0] if isinstance(named, list | tuple) and named else named)
    for split in truth.splits():
        if split.lower() == name.lower():
            return split
    raise InputError(f"{settings}: {key} {name!r} is no split of {truth.source}, which has {', '.join(truth.splits())}")


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: cannot be read as YAML ({' '.join(str(error).split())[:200]})") from error
    if not isinstance(content, dict) or not isinstance(content.get("dataset"), dict):
        raise InputError(f"{path}: expected the YAML of a training with a section dataset, found {content!r:.60}")
    return content
