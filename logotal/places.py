"""Where things lie in run folders, project folders and folders of features.

A run folder (`logotal train`) holds what a training leaves behind, and all that inference needs; a project folder
(`logotal init`) holds one's own annotations and recipe, and later its features and its run.
"""

from pathlib import Path

# A run folder
CONFIG = "config.yaml"
"""The complete configuration."""
LABELS = "labels.json"
"""Label names in class-index order."""
WEIGHTS = "model.safetensors"
"""Averaged weights of the last epoch."""
PROVENANCE = "provenance.json"
"""Data, versions, hardware, seed, checkpoint rule."""
METRICS = "metrics.csv"
"""Losses, learning rate and fusion weights of each epoch."""
LEFT_OUT = "left_out.txt"
"""Videos and actions that did not take part in the training, one sentence each."""
VIDEOS = "videos.json"
"""The videos that the run has learned from, and those that were held out, with their groups."""
CHECKPOINT = "checkpoint.ckpt"
"""The state to resume from."""
PREVIOUS_CHECKPOINT = "checkpoint.previous.ckpt"
"""The one before, for the case that the last one is damaged."""
CLASSIFIER = "classifier.safetensors"
"""The video classifier of a class-agnostic model."""
OPERATING_POINT = "operating_point.json"
"""The scores from which on actions count, if they were chosen."""
MODEL_CARD = "MODEL_CARD.md"
"""What the model is, what it rests on and what it is for, in words."""
DETECTIONS = "detections.json"
"""What the run detected when it was last evaluated."""
LEFT_OUT_OF_EVALUATION = "left_out_evaluation.txt"
"""What of the evaluation split was missing or odd, one sentence each."""
EVALUATION = "evaluation.json"
"""All numbers of the last evaluation."""

RUN_FILES = (
    *(LABELS, WEIGHTS, PROVENANCE, METRICS, LEFT_OUT, VIDEOS, CHECKPOINT, PREVIOUS_CHECKPOINT, CLASSIFIER),
    *(OPERATING_POINT, MODEL_CARD, DETECTIONS, LEFT_OUT_OF_EVALUATION, EVALUATION),
)
"""What may stand beside the configuration of a run."""

# A project folder
ANNOTATIONS = "annotations.json"
"""The videos of a project, and what happens in them."""
RECIPE = "recipe.yaml"
"""The settings of its training."""
FEATURES = "features"
"""The folder of its features."""
RUN = "run"
"""The folder of its run."""
FOLDS = "folds"
"""The folder of its cross-validation."""
CURVE = "curve"
"""The folder of its learning curve."""

APP = "app"
"""The folder of what `logotal app` keeps."""
EDITED = "edited.json"
"""The labels that were marked there."""
JOURNAL = ".edits.jsonl"
"""Every edit of them."""
WORK = ".work"
"""What can be made again: jobs, drafts of the model, pictures and copies of videos."""

# A folder of features
SIDECAR = "features.json"
"""The feature recipe: how all features of the folder were made."""

VIEWS = "views"
"""The folder in it with other views of the same videos, a folder for each number."""

# A folder of copies of videos, beside the page that plays them
COPIES = "playable.json"
"""Which video each copy was made of."""

MADE = (frozenset({SIDECAR}), frozenset({CONFIG, LABELS}), frozenset({COPIES}))
"""Files that mark folders of features, runs and copies, in which nothing is a label or a video of the user's."""


def is_project(folder: str | Path) -> bool:
    """Whether a folder is a project and not a run, which has a configuration."""
    return (Path(folder) / RECIPE).is_file() and not (Path(folder) / CONFIG).is_file()


def project_of(run: Path) -> Path | None:
    """The project whose run lies in a folder; None where it belongs to none."""
    return run.parent if run.name == RUN and is_project(run.parent) else None


def run_folder(path: str | Path) -> Path:
    """The run in a project folder; the path itself where it is none."""
    return Path(path) / RUN if is_project(path) else Path(path)
