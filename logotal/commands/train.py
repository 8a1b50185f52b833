"""`logotal train`: a recipe and a data set become a run folder."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

import logotal
from logotal.commands.console import note, note_all, training_progress
from logotal.commands.settings import given
from logotal.config import DataConfig, InferenceConfig, ModelConfig, TrainingConfig
from logotal.files.whole import is_file
from logotal.places import CONFIG, LEFT_OUT
from logotal.recipes import project_recipe, read_recipe
from logotal.training.world import first_process
from logotal.words import command


def train(
    recipe: str,
    *,
    preset: str | None = None,
    out: Annotated[Path | None, Parameter(alias="-o")] = None,
    resume: bool = False,
    model: ModelConfig | None = None,
    data: DataConfig | None = None,
    training: TrainingConfig | None = None,
    inference: InferenceConfig | None = None,
) -> None:
    """Train a model and leave a run folder, all that `evaluate` and `detect` need.

    Every setting of the recipe can be given as an option; the defaults shown here are those of `thumos14`, the
    recipe's own value holds unless you give one.

    Args:
        recipe: Name of a recipe that ships (see `logotal recipes`), a .yaml file, or a project folder (`logotal init`);
            with --resume, the run folder alone is enough.
        preset: Another network and loss in the recipe's place: actionformer, tridet, temporalmaxer, logo-paper,
            logo-light, logo-lean, logo-pair, linear; sizes, data and schedule stay the recipe's.
        out: The run folder; runs/RECIPE, or runs/RECIPE-PRESET, if absent; for a project, `run` in its folder.
        resume: Go on with an interrupted run, from its last checkpoint.
        model: The network.
        data: Where annotations and features are, and how windows are cut.
        training: Losses, optimizer, schedule.
        inference: From predictions to segments.
    """
    overrides = given(model=model, data=data, training=training, inference=inference)
    if resume and out is None and is_file(Path(recipe) / CONFIG):  # the folder of a run says all
        out, recipe = Path(recipe), str(Path(recipe) / CONFIG)
    config = read_recipe(recipe, overrides, preset=preset)
    project = project_recipe(recipe)
    name = "-".join(filter(None, ("run" if project else Path(recipe).stem, preset)))
    folder = out or (project.parent if project else Path("runs")) / name
    left_out: list[str] = []
    with training_progress() as progress:
        run = logotal.train(config, folder, resume=resume, progress=progress, say=left_out.append, warn=note)
    if not first_process():  # of several that train together, one says what became of it
        return
    note_all(left_out, heading=f"{len(left_out)} items do not take part:", rest_in=str(folder / LEFT_OUT))
    note(f"trained: {run.folder}")
    if (point := run.operating_point()) is not None and (fitted := point.fitted_on) is not None:
        said = f"{fitted.actions} actions in {fitted.videos} videos that were held out"
        note(f"thresholds chosen on {said}; F1 there {fitted.f1:.2f}")
    note(f"now: {command('evaluate', run.folder)}")
