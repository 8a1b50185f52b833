"""One round: what was marked becomes a project, features, a model, numbers and drafts.

Everything is scored by cross-validation, so that every label counts in training and in the numbers. The run and the
folds of the round before are kept in the folder of that round.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from logotal.app.drafts import write_drafts
from logotal.app.opening import file_of, videos_folder
from logotal.app.store import LabelStore
from logotal.callbacks import Progress, Say
from logotal.data.splits import group_of
from logotal.evaluation.by_label import LabelFate
from logotal.files.json import read_json
from logotal.files.whole import write_whole
from logotal.formats.annotations import read_annotations
from logotal.places import ANNOTATIONS, APP, EDITED, FOLDS, RUN, WORK
from logotal.project.create import create
from logotal.project.folder import open_project
from logotal.recipes import merge, read_recipe
from logotal.runs.detect import detect
from logotal.runs.doubts import doubts_of
from logotal.runs.extract import extract
from logotal.runs.folds import Folds, folds
from logotal.runs.trial import train_if_missing

STEPS = ("labels", "extract", "train", "detect")
NETWORKS = {"linear": "linear", "proposed": None}
"""The preset of each choice; None is the network of the recipe."""
MOST_FOLDS = 5
MOST_PLACES = 50
"""Places to look at that are kept of a round."""


def play_round(project: Path, number: int, network: str, step: Callable[[str], Progress], say: Say) -> None:
    """Plays a round, or goes on with it; its result is `rounds/NUMBER.json`, and the drafts.

    Args:
        project: its folder.
        number: of the round.
        network: one of `NETWORKS`.
        step: of the name of a step that begins, the callback(done, total) for its progress.
        say: callback(sentence).

    Raises:
        InputError: there is too little to learn from, or a file is not as expected.
    """
    began, store = datetime.now(), LabelStore(project)
    files = {name: file_of(project, video) for name, video in store.videos.items()}
    step("labels")
    _put_aside(project, number, say)
    folder = videos_folder(project, list(files.values())) or project
    summary = create(folder, labels=[project / APP / EDITED], out=project)
    for sentence in summary.notes:
        say(sentence)
    others = {path: name for name, path in files.items()}
    made = extract(project, also=others, progress=step("extract"))
    for outcome in made.failed:
        say(str(outcome.error))
    advance = step("train")
    found = _learned(project, NETWORKS[network], advance, say)
    wanted = [name for name, video in store.videos.items() if not video.is_labelled]
    features = open_project(project).features
    paths = [features / f"{name}.npy" for name in wanted if (features / f"{name}.npy").is_file()]
    step("detect")
    detected = list(detect(paths, project, progress=step("detect"))) if paths else []
    write_drafts(project, number, detected)
    about = {
        "number": number,
        "time": began.isoformat(timespec="seconds"),
        "network": network,
        "actions": sum(len(video.actions) for video in store.videos.values()),
        "videos": sum(video.is_begun for video in store.videos.values()),
        "learned": [name for name, video in store.videos.items() if video.is_begun],
        "minutes": sum(video.duration for video in store.videos.values() if video.is_begun) / 60,
        "drafts": sum(len(line) for line in detected),
    }
    text = json.dumps(about | (_scores(found) if found else {}), indent=1, ensure_ascii=False) + "\n"
    write_whole(_rounds(project) / f"{number}.json", text.encode())


def rounds(project: Path) -> list[dict[str, Any]]:
    """The results of the rounds so far, the oldest first."""
    numbers = sorted(int(path.stem) for path in _rounds(project).glob("*.json") if path.stem.isdecimal())
    return [read_json(_rounds(project) / f"{number}.json") for number in numbers]


def _learned(project: Path, preset: str | None, progress: Progress, say: Say) -> Folds | None:
    """The folds, and a model of everything; the model alone where all labels are of one group."""
    videos = read_annotations(project / ANNOTATIONS).videos.values()
    groups = {group_of(video) for video in videos}
    if len(groups) > 1:
        return folds(project, folds=min(MOST_FOLDS, len(groups)), preset=preset, progress=progress, say=say)
    say("no numbers: labels of one video or group cannot be learned and scored at once; label a second one")
    everything = merge({}, {"data": {"join_splits": True, "hold_out": 0.0}})
    config = read_recipe(str(project), everything, preset=preset)
    train_if_missing(config, project / RUN, lambda done, steps, loss: progress(done, steps))
    return None


def _scores(found: Folds) -> dict[str, Any]:
    """The numbers of a round, of networks that have not learned from what they were scored on."""
    row = found.rows[min(1, len(found.rows) - 1)].to_json()
    doubts = doubts_of(found.annotations, found.timelines).to_json()
    return {
        "measure": found.rows[min(1, len(found.rows) - 1)].name,
        "f1": row["F1"]["value"],
        "map": row["mAP"]["value"],
        "found": sum(fate.score.hits for fate in found.labels),
        "missed": sum(fate.missed for fate in found.labels),
        "wrong": sum(fate.false for fate in found.labels),
        "per_label": [_fate(fate) for fate in found.labels],
        "advice": found.sentences(),
        "places": [place for place in doubts if place.get("start") is not None][:MOST_PLACES],
    }


def _fate(fate: LabelFate) -> dict[str, Any]:
    counts = {"actions": fate.score.truths, "found": fate.score.hits, "missed": fate.missed, "wrong": fate.false}
    return {"label": fate.score.label, **counts}


def _put_aside(project: Path, number: int, say: Say) -> None:
    """Moves the run and the folds of an earlier round into its folder; what a round has begun itself stays."""
    current = _rounds(project) / "current"
    before = int(current.read_text()) if current.is_file() else 0
    if before == number:
        return
    for name in (RUN, FOLDS):
        if (project / name).exists():
            kept = _rounds(project) / str(before) / name
            kept.parent.mkdir(parents=True, exist_ok=True)
            (project / name).rename(kept)
            say(f"{name} of before is kept as {kept}")
    write_whole(current, str(number).encode())


def _rounds(project: Path) -> Path:
    return project / APP / WORK / "rounds"
