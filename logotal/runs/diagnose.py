"""The error diagnosis of a whole run, or of anyone's detections."""

from collections.abc import Sequence
from pathlib import Path

from logotal.callbacks import Progress, Say, silent
from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.evaluation.diagnosis import Diagnosis
from logotal.evaluation.diagnosis import diagnose as find_errors
from logotal.evaluation.diagnosis.characteristics import find_bins
from logotal.evaluation.protocols import find_protocol
from logotal.files.whole import is_file
from logotal.formats.annotations import read_annotations
from logotal.places import run_folder
from logotal.ranges import check_range
from logotal.runs.evaluate import last_evaluation
from logotal.timeline import Timeline


def diagnose(
    what: str | Path,
    annotations: Path | None = None,
    *,
    protocol: str | None = None,
    split: str | None = None,
    tiou: float = 0.5,
    bins: str | None = None,
    progress: Progress = silent,
    say: Say = silent,
) -> Diagnosis:
    """Which errors a run or a detection file makes, what curing them would bring, and which actions it misses.

    Args:
        what: a run folder, a project folder, or detections as ActivityNet JSON.
        annotations: the truth; a run knows its own.
        protocol: the name of a protocol; a run has its own.
        split: the split to look at, where the protocol does not say.
        tiou: the overlap from which a detection counts as right.
        bins: how actions are sorted by size: thumos, activitynet, or quantiles; by the protocol if absent.
        progress: callback(videos done, videos in all), where a run has to detect first.
        say: callback(sentence).

    Raises:
        InputError: run, detections or annotations are not as expected.
    """
    check_range("--tiou", tiou, above=0, most=1)
    folder = run_folder(what)
    timelines: Sequence[Timeline]
    if Path(what).is_dir():
        detected = last_evaluation(folder, annotations=annotations, split=split, progress=progress, say=say).detected
        timelines, truth, split = detected.timelines, detected.annotations, detected.split
        protocol = protocol or detected.protocol
    elif not is_file(what):
        raise InputError(f"{what}: no such file or folder; expected detections, or what `logotal train` wrote")
    elif annotations is None:
        raise InputError("detections need the truth to be held against; name it with --annotations FILE")
    else:
        truth = read_annotations(annotations)
        timelines = read_detections(folder, truth.labels)
    rules = find_protocol(protocol or "generic")
    return find_errors(truth, timelines, rules, split, tiou=tiou, bins=find_bins(bins, rules.name))
