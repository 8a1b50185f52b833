"""What to do next with a project: it depends on what it has by now."""

import hashlib
from pathlib import Path

from logotal.data.features import FeatureFolder
from logotal.files.json import read_json
from logotal.files.text import read_plain
from logotal.places import ANNOTATIONS, CONFIG, PROVENANCE, RUN, WEIGHTS
from logotal.recipes import read_recipe
from logotal.words import command


def next_steps(project: Path, videos: list[str]) -> list[str]:
    """The commands that come next.

    Args:
        project: its folder.
        videos: the ids of its videos.

    Raises:
        InputError: a file of the project is not as expected.
    """
    run = project / RUN
    steps = [] if _extracted(project, videos) else [command("extract", project)]
    if not (run / CONFIG).is_file():
        steps.append(command("train", project))
    elif not (run / WEIGHTS).is_file():
        steps.append(f"{command('train', project, '--resume')}   (or rename {run} to begin anew)")
    elif is_outdated(run, project / ANNOTATIONS):
        steps.append(f"{command('train', project)}   (rename {run} first: it has learned from what was before)")
    else:
        from_all = read_recipe(run / CONFIG).data.join_splits  # then none is left to evaluate it on
        steps.append(command("folds" if from_all else "evaluate", project))
    return [*steps, command("detect", "NEW_VIDEO", "--model", project)]


def _extracted(project: Path, videos: list[str]) -> bool:
    """Whether all videos have features, of each view that training draws from."""
    data = read_recipe(str(project)).data
    if data.features is None:
        return False
    views = [FeatureFolder(data.features).view(number) for number in range(1 + data.views)]
    return all(video in view for view in views for video in videos)


def is_outdated(run: Path, annotations: Path) -> bool:
    """Whether a finished run has learned from other annotations than those that are there now, as far as it says."""
    path = run / PROVENANCE
    about = read_json(path) if path.is_file() else None
    learned_from = about.get("annotations") if isinstance(about, dict) else None
    digest = learned_from.get("sha256") if isinstance(learned_from, dict) else None
    return digest is not None and digest != hashlib.sha256(read_plain(annotations)).hexdigest()
