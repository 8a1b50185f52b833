"""Which labels of a project may be wrong, by what networks of its folds detect that have not learned from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.evaluation.doubts import Doubt, find_doubts
from logotal.formats.annotations import Annotations, read_annotations
from logotal.places import ANNOTATIONS, DETECTIONS, FOLDS, is_project
from logotal.ranges import check_range
from logotal.tables import Table
from logotal.timeline import Timeline
from logotal.words import amount, command


@dataclass(frozen=True)
class Doubts:
    """Places to look at again, the strongest doubt first.

    >>> doubt = Doubt("missing", "match", 3.0, 4.5, "serve", 0.9, "serve, not labelled")
    >>> print(Doubts((doubt,), labels=40, videos=8).tables(most=20)[0])
    1 doubt about 40 labels in 8 videos; how likely the labels are wrong, in percent
    video  from - to s  doubt                   %
    match  3.0 - 4.5    serve, not labelled  90.0
    """

    doubts: tuple[Doubt, ...]
    labels: int
    videos: int

    def tables(self, most: int) -> list[Table]:
        """A row for each of the strongest.

        Raises:
            InputError: `most` is below 1.
        """
        check_range("--most", most, least=1, whole=True)
        title = (
            f"{amount(len(self.doubts), 'doubt')} about {amount(self.labels, 'label')} in "
            f"{amount(self.videos, 'video')}; how likely the labels are wrong, in percent"
        )
        rows = [
            [each.video or "all", _span(each), _sentence(each), f"{100 * each.strength:.1f}"]
            for each in self.doubts[:most]
        ]
        return [Table([["video", "from - to s", "doubt", "%"], *rows], title, words=3)]

    def to_json(self) -> list[dict[str, Any]]:
        """All doubts, in types that JSON has."""
        return [each.to_json() for each in self.doubts]


def _span(doubt: Doubt) -> str:
    return "" if doubt.start is None or doubt.end is None else f"{doubt.start:.1f} - {doubt.end:.1f}"


def _sentence(doubt: Doubt) -> str:
    return f"{doubt.label}: {doubt.sentence}" if doubt.kind == "unlearned" else doubt.sentence


def doubts(project: str | Path) -> Doubts:
    """What speaks against the labels of a project, after `logotal.folds`.

    Raises:
        InputError: it is no project, or has no folds.
    """
    return doubts_of(*read_folds(project))


def doubts_of(truth: Annotations, timelines: Sequence[Timeline]) -> Doubts:
    """What detections of networks that have not learned from them say against labels."""
    videos = list(truth.videos.values())
    return Doubts(tuple(find_doubts(videos, timelines)), sum(len(video.actions) for video in videos), len(videos))


def read_folds(project: str | Path) -> tuple[Annotations, list[Timeline]]:
    """The labels of a project, and what networks detect there that have not learned from them.

    Raises:
        InputError: it is no project, or has no folds.
    """
    place = Path(project)
    files = place / FOLDS / ANNOTATIONS, place / FOLDS / DETECTIONS
    if not is_project(place) or not all(file.is_file() for file in files):
        raise InputError(
            f"{place}: expected a project with folds, whose networks have not learned from what they look at, found "
            f"none; make them with `{command('folds', place)}`"
        )
    truth = read_annotations(files[0])
    return truth, read_detections(files[1], truth.labels)
