"""Score fusion: class-agnostic segments take their labels from video-level scores, external or our own."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError, did_you_mean
from logotal.files.json import read_json
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


def read_video_scores(path: Path, labels: tuple[str, ...]) -> VideoScores:
    """External scores from JSON: `{"results": {video: [score per class]}, "class": [names]}`.

    This is the form of the CUHK scores that ActionFormer and TriDet use. A video may also have `{label: score}`.
    Without `class`, scores are in the order of the model's labels.

    Raises:
        InputError: a label, a length or a number is not as expected; the message names the video.
    """
    content = read_json(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected an object of videos, found {type(content).__name__}")
    names, results = content.get("class", labels), content.get("results", content)
    if not isinstance(results, dict):
        raise InputError(f"{path}: 'results' must be an object of videos, found {results!r:.60}")
    if not isinstance(names, list | tuple):
        raise InputError(f"{path}: 'class' must be a list of labels, found {names!r:.60}")
    for name in names:
        if name not in labels:
            raise InputError(f"{path}: class {name!r} is not a label of the model; {did_you_mean(str(name), labels)}")
    return VideoScores(
        {video: _row(listed, tuple(names), labels, f"{path}: video {video!r}") for video, listed in results.items()},
        path,
    )


def _row(listed: object, names: tuple[str, ...], labels: tuple[str, ...], where: str) -> NDArray[np.float64]:
    if isinstance(listed, dict):
        names, listed = tuple(listed), list(listed.values())
        for name in names:
            if name not in labels:
                raise InputError(f"{where}: {name!r} is not a label of the model; {did_you_mean(name, labels)}")
    try:
        values = np.array(listed, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{where}: expected a list of numbers, found {listed!r:.60}") from error
    if values.shape != (len(names),):
        raise InputError(f"{where}: expected {len(names)} scores, found shape {values.shape}")
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise InputError(f"{where}: scores must be finite and at least 0")
    row = np.zeros(len(labels))
    row[[labels.index(name) for name in names]] = values
    return row
