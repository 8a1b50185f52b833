"""Score fusion: class-agnostic segments take their labels from video-level scores, external or our own."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from logotal.errors import InputError, did_you_mean
from logotal.files.json import read_json
from logotal.files.model import STRICT, Each, parsed_model
from logotal.inference.candidates import Candidates


@dataclass(frozen=True)
class VideoScores:
    """How likely each label is in each video, in class-index order: what an external classifier says."""

    scores: dict[str, NDArray[np.float64]]
    source: Path

    def fuse(self, video: str, candidates: Candidates, *, num_labels: int, num_segments: int) -> Candidates:
        """The best candidates of a video, once for each of its best labels; see `fuse`.

        Raises:
            InputError: the file has no scores for this video.
        """
        if video not in self.scores:
            raise InputError(f"{self.source}: no scores for video {video!r}; add them or leave the video out")
        return fuse(self.scores[video], candidates, num_labels=num_labels, num_segments=num_segments)


def fuse(scores: NDArray[np.float64], candidates: Candidates, *, num_labels: int, num_segments: int) -> Candidates:
    """The `num_segments` best candidates, once for each of the `num_labels` labels that score best in `scores` (K,).

    The score is the root of the product of both scores (ActionFormer, postprocessing.py).
    """
    labels = np.argsort(-scores, kind="stable")[:num_labels]
    best = candidates.take(np.argsort(-candidates.scores, kind="stable")[:num_segments])
    return Candidates(
        segments=np.tile(best.segments, (len(labels), 1)),
        scores=np.sqrt(scores[labels][:, None] * best.scores[None]).ravel(),
        labels=np.repeat(labels, len(best)).astype(np.int64),
    )


Score = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Scores = Annotated[
    list[Score] | dict[str, Score],
    Field(description="a list of numbers, finite and from 0, or an object of one for each label"),
]


class VideoScoresFile(BaseModel):
    """What a file of scores holds."""

    model_config = STRICT

    results: Annotated[dict[str, Scores], Each("video"), Field(description="an object of videos")]
    names: Annotated[list[str] | None, Field(alias="class", description="a list of labels")] = None


def read_video_scores(path: Path, labels: tuple[str, ...]) -> VideoScores:
    """External scores from JSON: `{"results": {video: [score per class]}, "class": [names]}`.

    This is the form of the CUHK scores that ActionFormer and TriDet use. A video may also have `{label: score}`.
    Without `class`, scores are in the order of the model's labels. Without `results`, the file is an object of videos.

    Raises:
        InputError: a label, a length or a number is not as expected; the message names the video.
    """
    content = read_json(path)
    if isinstance(content, dict) and "results" not in content:
        content = {"results": content}
    file = parsed_model(content, path, VideoScoresFile)
    names = labels if file.names is None else tuple(file.names)
    _check_names(names, labels, f"{path}: 'class'")
    return VideoScores(
        {video: _row(scores, names, labels, f"{path}: video {video!r}") for video, scores in file.results.items()},
        path,
    )


def _check_names(names: Iterable[str], labels: tuple[str, ...], where: str) -> None:
    for name in names:
        if name not in labels:
            raise InputError(f"{where}: {name!r} is not a label of the model; {did_you_mean(name, labels)}")


def _row(
    scores: list[float] | dict[str, float], names: tuple[str, ...], labels: tuple[str, ...], where: str
) -> NDArray[np.float64]:
    if isinstance(scores, dict):
        _check_names(scores, labels, where)
        names, scores = tuple(scores), list(scores.values())
    if len(scores) != len(names):
        raise InputError(f"{where}: expected {len(names)} scores, found {len(scores)}")
    row = np.zeros(len(labels))
    row[[labels.index(name) for name in names]] = scores
    return row
