"""The report of a check: findings in sentences, and the numbers of each split."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logotal.check.finding import Finding
from logotal.check.reach import Reach


@dataclass(frozen=True, eq=False)
class SplitReport:
    """The numbers of one split.

    `with_features` counts the videos with a usable feature file, None if no features were named; `hours` is None if
    no video has a duration; `labels` are the actions per label, the most common first; `seconds` (N,) the lengths of
    all actions; `reach` is None if no video could be placed on the grid.
    """

    name: str
    videos: int
    with_features: int | None
    hours: float | None
    labels: Mapping[str, int]
    seconds: NDArray[np.float64]
    reach: Reach | None


@dataclass(frozen=True, eq=False)
class Report:
    """What a check found: the training split, what is held out of it, the evaluation split; errors, then warnings, then
    notes.

    `unchecked` says in sentences what could not be looked at.
    """  # noqa: D205 - one sentence

    annotations: Path
    features: Path | None
    splits: tuple[SplitReport, ...]
    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...]

    def count(self, severity: str) -> int:
        """The number of findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """All of it, in types that JSON has."""
        return {
            "findings": [{**asdict(each), "places": list(each.places)} for each in self.findings],
            "splits": [
                {
                    "name": split.name,
                    "videos": split.videos,
                    "with_features": split.with_features,
                    "hours": split.hours,
                    "labels": dict(split.labels),
                    "seconds": split.seconds.tolist(),
                }
                for split in self.splits
            ],
            "unchecked": list(self.unchecked),
        }
