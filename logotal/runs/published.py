"""What of a run is for others: a copy of it without the places, files and videos of whoever trained it.

Everything is read and written anew, so that nothing goes along which logotal does not know. Left out are the names of
videos (videos.json, left_out.txt, detections, evaluations, `data.exclude`), checkpoints, all paths, and the names of
the files of annotations and features; labels stay, and with them the names of subjects that stand in them.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from logotal.backbones.download import is_address
from logotal.config import Config
from logotal.data.feature_recipe import Recipe
from logotal.errors import InputError
from logotal.files.json import read_json
from logotal.files.text import is_there, read_raw
from logotal.files.whole import write_whole
from logotal.inference.operating_point import write_operating_point
from logotal.places import (
    CLASSIFIER,
    CONFIG,
    EVALUATION,
    LABELS,
    METRICS,
    OPERATING_POINT,
    PROVENANCE,
    SIDECAR,
    WEIGHTS,
)
from logotal.recipes import merge
from logotal.recipes.keys import flat, nested
from logotal.runs.folder import Run
from logotal.runs.hub import HUB_NAME
from logotal.runs.model_card import model_card
from logotal.runs.provenance import AnnotationsFile, Provenance, read_provenance

README = "README.md"
"""The model card, under the name by which the hub shows it."""

PUBLISHED = (CONFIG, LABELS, WEIGHTS, PROVENANCE, METRICS, CLASSIFIER, OPERATING_POINT, SIDECAR, README)
"""All files that others are given."""


def publish(run: Run, folder: Path, *, repository: str, license: str) -> dict[str, Path]:
    """Writes the copy of a run for others into an empty folder; the files that others are given, by name.

    Args:
        run: a finished run.
        folder: what else lies in it afterwards is for the model card alone.
        repository: OWNER/NAME under which others find it.
        license: of the weights, by the hub's name for it.

    Raises:
        InputError: a file of the run is not as expected, or names a place on this machine where logotal writes none.
    """
    copy, config, recipe = Run(folder), run.config(), run.feature_recipe()
    copy.write_setup(for_others(config), run.labels(), (), None if recipe is None else recipe_for_others(recipe))
    about = read_provenance(run.folder) or Provenance()
    about = about.model_copy(update={"annotations": AnnotationsFile(sha256=about.annotations.sha256)})
    known = about.model_dump(include=set(Provenance.model_fields), exclude_none=True, exclude_defaults=True)
    copy.write_model(run.weights(), known)
    if (classifier := run.classifier()) is not None:
        copy.write_classifier(classifier)
    if (point := run.operating_point()) is not None:
        write_operating_point(folder / OPERATING_POINT, point)
    if is_there(run.folder / METRICS):
        write_whole(folder / METRICS, read_raw(run.folder / METRICS))
    if is_there(run.folder / EVALUATION):
        write_whole(folder / EVALUATION, _evaluation(run.folder / EVALUATION))
    write_whole(folder / README, model_card(copy, repository=repository, license=license).encode())
    files = {name: folder / name for name in PUBLISHED if is_there(folder / name)}
    _check_nothing_local(files, run, config)
    return files


def _evaluation(path: Path) -> bytes:
    """An evaluation for the model card, in which external scores are said by the name of their file alone."""
    content = read_json(path)
    if isinstance(content, dict) and isinstance(labels_from := content.get("labels_from"), str):
        before, where, place = labels_from.partition(" scores in ")
        content["labels_from"] = f"{before}{where}{Path(place).name}"
    return json.dumps(content).encode()


def for_others(config: Config) -> Config:
    """A configuration without paths and names of videos; what it says of the network and its use stays."""
    content = config.model_dump()
    paths = {key: None for key, value in flat(content).items() if isinstance(value, Path)}
    return Config.model_validate(merge(content, nested(paths | {"data.backbone": None, "data.exclude": ()})))


def recipe_for_others(recipe: Recipe) -> dict[str, Any]:
    """A feature recipe whose backbone, where it is a file or folder here, is said by its last name alone.

    >>> recipe_for_others({"backbone": "image:/home/ann/nets/dino.onnx"})
    {'backbone': 'image:dino.onnx'}
    >>> recipe_for_others({"backbone": "video:MCG-NJU/videomae-base"})
    {'backbone': 'video:MCG-NJU/videomae-base'}
    """
    kind, colon, place = str(recipe.get("backbone", "")).partition(":")
    on_hub = HUB_NAME.fullmatch(place) and not place.endswith(".onnx") and not is_there(Path(place))
    if not colon or is_address(place) or on_hub:
        return dict(recipe)
    return {**recipe, "backbone": f"{kind}:{Path(place).name}"}


def _check_nothing_local(files: Mapping[str, Path], run: Run, config: Config) -> None:
    """Holds all files against the places that are known here: a recipe of features may come from anywhere."""
    settings = [value for value in flat(config.model_dump()).values() if isinstance(value, Path)]
    places = [Path("~").expanduser(), run.folder.absolute(), run.folder.resolve(), *settings]
    spelled = {str(place) for place in places if place.is_absolute() and len(place.parts) > 1}
    spelled |= {json.dumps(place)[1:-1] for place in spelled}
    for name, path in files.items():
        content = read_raw(path) if name != WEIGHTS else b""  # written anew: names of tensors, and numbers
        if found := next((place for place in sorted(spelled) if place.encode() in content), None):
            raise InputError(
                f"{run.folder / name}: names {found}, a place on this machine, which is not for others; take it out"
            )
