"""`logotal folds`: honest numbers from few labels, and a model that has learned from all of them."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import logotal
from logotal.commands.console import note, note_all, print_json, print_tables, progress_bar
from logotal.commands.settings import given
from logotal.config import DataConfig, InferenceConfig, ModelConfig, TrainingConfig
from logotal.words import command


def folds(
    project: Path,
    *,
    folds: int = 5,
    preset: str | None = None,
    model: ModelConfig | None = None,
    data: DataConfig | None = None,
    training: TrainingConfig | None = None,
    inference: InferenceConfig | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Train once without each fifth of a project's labels and score that fifth; then train on everything.

    Every labelled video is detected by a network that has not seen it: all labels count, in training and in the
    numbers. A linear model that learns from the same stands beside it. What is trained already stays, so that the same
    command goes on where it was stopped.

    Args:
        project: A project folder with its features (`logotal init`, `logotal extract`).
        folds: Parts of the labelled videos, in whole groups.
        preset: Another network, as for `train`.
        model: The network.
        data: How windows are cut.
        training: Losses, optimizer, schedule.
        inference: From predictions to segments.
        json: Print all numbers as JSON instead.
    """
    overrides = given(model=model, data=data, training=training, inference=inference)
    with progress_bar("training") as progress:
        found = logotal.folds(project, folds=folds, overrides=overrides, preset=preset, progress=progress, say=note)
    note_all(list(found.left_out), heading=f"{len(found.left_out)} items are missing or odd:", rest_in="logotal check")
    if json:
        print_json(found.to_json())
    else:
        print_tables(found.tables())
    for sentence in found.sentences():
        note(sentence)
    note(f"what each network found in the videos it has not seen: {found.detections}")
    note(f"its errors: {command('diagnose', found.detections, '--annotations', found.truth)}")
    note(f"labels that may be wrong: {command('doubts', project)}")
    note(f"now: {command('detect', 'NEW_VIDEO', '--model', project)}")
