"""One round: what was marked becomes a project, features, a model, numbers and drafts.

Everything is scored by cross-validation, so that every label counts in training and in the numbers. The run and the
folds of the round before are kept in the folder of that round.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from logotal.app.drafts import write_drafts
from logotal.app.jobs import PROPOSED
from logotal.app.opening import file_of, videos_folder
from logotal.app.results import KINDS_OF_PAGES, Fate, Place, Round, page_of, rounds_folder, write_round
from logotal.callbacks import Progress, Say
from logotal.config import DataConfig
from logotal.data.arrange import arrange
from logotal.data.splits import folded, group_of
from logotal.errors import InputError
from logotal.evaluation.by_label import LabelFate
from logotal.evaluation.diagnosis import diagnose
from logotal.evaluation.protocols import find_protocol
from logotal.files.whole import write_whole
from logotal.formats.annotations import read_annotations
from logotal.formats.edited import read_edited
from logotal.places import ANNOTATIONS, APP, EDITED, FOLDS, RUN, WORK
from logotal.project.create import create
from logotal.project.folder import open_project
from logotal.recipes import read_recipe
from logotal.report.diagnosis_page import write_diagnosis_page
from logotal.report.run_page import write_run_page
from logotal.runs.detect import Detections, detect
from logotal.runs.doubts import doubts_of
from logotal.runs.extract import extract
from logotal.runs.folds import Folds, folds
from logotal.runs.parts import remove_parts
from logotal.runs.trial import ALL_LABELS, train_if_missing
from logotal.timeline import Timeline

MOST_FOLDS = 5
MOST_PLACES = 50
"""Places to look at that are kept of a round."""


def play_round(project: Path, number: int, preset: str | None, step: Callable[[str], Progress], say: Say) -> None:
    """Plays a round, or goes on with it; its result is `rounds/NUMBER.json`, and the drafts.

    Args:
        project: its folder.
        number: of the round.
        preset: of the network; that of the recipe if None.
        step: of the name of a step that begins, the callback(done, total) for its progress.
        say: callback(sentence).

    Raises:
        InputError: there is too little to learn from, or a file is not as expected.
    """
    began, videos = datetime.now(), read_edited(project / APP / EDITED).videos
    if not any(video.actions for video in videos.values()):
        raise InputError("nothing is marked yet; mark a few actions in two videos or more, then start again")
    step("labels")
    files = {}
    for name, video in videos.items():
        try:
            files[name] = file_of(project, video)
        except InputError as error:
            say(f"left out: {error}")
    _put_aside(project, number, say)
    folder = videos_folder(project, list(files.values())) or project
    for sentence in create(folder, labels=[project / APP / EDITED], out=project).notes:
        say(sentence)
    views = read_recipe(str(project), preset=preset).data.views  # a linear model sees each video only as it is
    also = {path: name for name, path in files.items()}
    made = extract(project, views=views, also=also, progress=step("extract"))
    for outcome in made.failed:
        say(str(outcome.error))
    found = _learned(project, preset, step("train"), say)
    unseen = [name for name in files if not videos[name].is_labelled]
    detected = _detected(project, unseen, step("detect"), say)
    write_drafts(project, number, detected)
    remove_parts(_kept(project), unseen)
    learned = {name: videos[name] for name in files if videos[name].is_begun}
    result = Round(
        number=number,
        time=began.isoformat(timespec="seconds"),
        network=preset or PROPOSED,
        actions=sum(len(video.actions) for video in learned.values()),
        videos=len(learned),
        minutes=sum(video.duration for video in learned.values()) / 60,
        drafts=sum(len(line) for line in detected),
        learned=list(learned),
        **(_scores(found) if found else {}),
    )
    if found:
        _write_pages(project, number, found, say)
    write_round(project, result)


def _learned(project: Path, preset: str | None, progress: Progress, say: Say) -> Folds | None:
    """The folds, and a model of everything; the model alone where all actions are of one group."""
    config = read_recipe(str(project), {"data": ALL_LABELS}, preset=preset)
    parts = _parts(project, config.data)
    if parts > 1:
        return folds(project, folds=parts, preset=preset, progress=progress, say=say)
    say("no numbers: labels of one video or group cannot be learned and scored at once; label a second one")
    train_if_missing(config, project / RUN, lambda done, steps, loss: progress(done, steps))
    return None


def _parts(project: Path, data: DataConfig) -> int:
    """How many folds there can be, in each of which an action is held back; 1 where there can be none."""
    annotations = arrange(read_annotations(project / ANNOTATIONS), data)
    groups = {group_of(video) for video in annotations.videos.values()}
    for parts in range(min(MOST_FOLDS, len(groups)), 1, -1):
        cut = (data.model_copy(update={"fold": (part, parts)}) for part in range(parts))
        held = [folded(annotations, each).split(data.evaluation_split) for each in cut]
        if all(any(video.actions for video in videos) for videos in held):
            return parts
    return 1


def _detected(project: Path, names: list[str], progress: Progress, say: Say) -> list[Timeline]:
    """What the model finds in the videos that have features."""
    features = open_project(project).features
    paths = [features / f"{name}.npy" for name in names if (features / f"{name}.npy").is_file()]
    found = detect(paths, project, keep=_kept(project), progress=progress) if paths else Detections({})
    for sentence in found.failed.values():
        say(sentence)
    return list(found)


def _kept(project: Path) -> Path:
    """Where what is found in each video is kept, so that a round that is stopped goes on from there."""
    return project / APP / WORK / "found"


def _put_aside(project: Path, number: int, say: Say) -> None:
    """Moves the run and the folds of an earlier round into its folder; what a round has begun itself stays."""
    current = rounds_folder(project) / "current"
    text = current.read_text() if current.is_file() else ""
    before = int(text) if text.isdecimal() else 0
    if before == number:
        return
    for name in (RUN, FOLDS):
        if (project / name).exists():
            kept = rounds_folder(project) / str(before) / name
            kept.parent.mkdir(parents=True, exist_ok=True)
            (project / name).rename(kept)
            say(f"{name} of before is kept as {kept.relative_to(project)}")
    write_whole(current, str(number).encode())


def _scores(found: Folds) -> dict[str, Any]:
    """The numbers of a round, of networks that have not learned from what they were scored on."""
    row = found.decisive.to_json()
    doubts = doubts_of(found.annotations, found.timelines).doubts
    return {
        "measure": found.decisive.name,
        "f1": row["F1"]["value"],
        "map": row["mAP"]["value"],
        "found": sum(fate.score.hits for fate in found.labels),
        "missed": sum(fate.missed for fate in found.labels),
        "wrong": sum(fate.false for fate in found.labels),
        "per_label": [_fate(fate) for fate in found.labels],
        "advice": found.sentences(),
        "places": [
            Place(video=doubt.video, start=doubt.start, label=doubt.label or "", sentence=doubt.sentence)
            for doubt in doubts
            if doubt.video is not None and doubt.start is not None
        ][:MOST_PLACES],
    }


def _write_pages(project: Path, number: int, found: Folds, say: Say) -> None:
    """Writes the pages about a round, as far as there is something to write about."""
    report, diagnosis = (page_of(project, number, kind) for kind in KINDS_OF_PAGES)
    report.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_run_page(project, report)
        errors = diagnose(found.annotations, found.timelines, find_protocol("generic"))
        write_diagnosis_page(errors, diagnosis, f"Errors of round {number}")
    except InputError as error:
        say(f"a page about the round is missing: {error}")


def _fate(fate: LabelFate) -> Fate:
    score = fate.score
    return Fate(label=score.label, actions=score.truths, found=score.hits, missed=fate.missed, wrong=fate.false)
