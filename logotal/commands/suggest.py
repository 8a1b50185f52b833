"""`logotal suggest`: a recipe whose settings follow from the durations in a data set, each with its reason."""

from logotal.commands.console import err, note, out, table
from logotal.commands.settings import given
from logotal.config import DataConfig, ModelConfig, TrainingConfig


def suggest(
    source: str,
    *,
    fps: float | None = None,
    clip_frames: int | None = None,
    clip_stride: float | None = None,
    model: ModelConfig | None = None,
    data: DataConfig | None = None,
    training: TrainingConfig | None = None,
) -> None:
    """Print a recipe that follows from how long actions and videos are, every line with its reason.

    The recipe goes to standard output (`> mine.yaml` keeps it); a table beside it says which share of the actions each
    level answers for, under the suggested settings and, given a recipe, under its own.

    Args:
        source: A file of annotations (.json, .json.gz), or a recipe: a name (see `logotal recipes`), a .yaml file or
            a project folder.
        fps: Frame rate of the features; the recipe's if absent, or what is typical of the videos.
        clip_frames: Frames of one clip; the recipe's if absent, 16 for annotations alone.
        clip_stride: Keeps the frames between clips at this; with --data.features they stay what they are.
        model: The network of the recipe, for the table.
        data: Where annotations and features are; the actions of --data.training-split are measured.
        training: Only the assignment of points matters here.
    """
    from logotal.suggest.recipe import suggest_recipe  # noqa: PLC0415 - torch is loaded only now

    overrides = given(model=model, data=data, training=training)
    found = suggest_recipe(source, overrides, fps=fps, clip_frames=clip_frames, clip_stride=clip_stride)
    out.print(found.text, end="", markup=False)
    if (shares := found.table()) is None:
        note("no action lies on the grid: there are no shares to compare")
    else:
        err.print()
        err.print(table(shares.rows))
