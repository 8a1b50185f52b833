"""Protocols: the rules by which a published number was computed, by name.

Numbers of two protocols are never comparable: ActionFormer's detections on THUMOS14 score 66.83 on 212 videos and
67.52 on 211. Those of neighbouring fields have a measure of their own besides mAP (`Protocol.measure`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from logotal.errors import InputError, did_you_mean
from logotal.evaluation.events import EventF1
from logotal.evaluation.frames import Segmentation
from logotal.evaluation.measured import Measure
from logotal.evaluation.spotting import Spotting


def tiou_range(first: float, last: float, step: float) -> tuple[float, ...]:
    """Thresholds from `first` to `last`, both included, free of rounding noise.

    >>> tiou_range(0.3, 0.7, 0.1)
    (0.3, 0.4, 0.5, 0.6, 0.7)
    """
    return tuple(round(first + index * step, 4) for index in range(round((last - first) / step) + 1))


@dataclass(frozen=True)
class Protocol:
    """The rules of one evaluation.

    `averages` names the means over tIoU that are printed, and so the tIoU at all; `split` is None where the caller
    chooses. `duplicate_tolerance` and `minimum_duration` (seconds) decide which annotations count, see `truth.sift`;
    with `inside_video` those do not that begin after their video's end.
    In any of them, a detection that takes no truth at any of the tIoU and of which at least half lies within ignored
    spans of its video (`VideoTruth.ignored`) is not counted at all, at no tIoU: neither right nor wrong.
    `recall_multiples` are the k of recall@kx, `average_numbers` the AN of AR@AN, up to 100; empty to leave them out.
    `measure` is that of a neighbouring field; it says itself what it takes of the truth and the detections.
    """

    name: str
    description: str
    averages: Mapping[str, tuple[float, ...]]
    split: str | None = None
    excluded_videos: frozenset[str] = frozenset()
    duplicate_tolerance: float = 1e-3
    minimum_duration: float = 1e-3
    inside_video: bool = False
    recall_multiples: tuple[int, ...] = (1, 5)
    average_numbers: tuple[int, ...] = (1, 5, 10, 100)
    measure: Measure | None = None

    def __post_init__(self) -> None:
        if not self.tious or min(self.tious) <= 0 or max(self.tious) > 1:
            raise ValueError(f"averages must name tIoU above 0 and at most 1, found {dict(self.averages)!r}")
        if not all(multiple >= 1 for multiple in self.recall_multiples):
            raise ValueError(f"recall_multiples must be at least 1, found {self.recall_multiples!r}")
        if not all(1 <= number <= 100 for number in self.average_numbers):
            raise ValueError(f"average_numbers must be 1 to 100, found {self.average_numbers!r}")

    @property
    def tious(self) -> tuple[float, ...]:
        """All thresholds of the averages, rising."""
        return tuple(sorted({tiou for tious in self.averages.values() for tiou in tious}))


THUMOS_RANGE = {"0.3:0.7": tiou_range(0.3, 0.7, 0.1)}
ACTIVITYNET_RANGE = {"0.5:0.95": tiou_range(0.5, 0.95, 0.05)}
LOW_RANGE = {"0.1:0.5": tiou_range(0.1, 0.5, 0.1)}
WIDE_RANGE = {"0.1:0.9": tiou_range(0.1, 0.9, 0.1)}

PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "thumos14",
            "THUMOS14 as ActionFormer, TriDet and TemporalMaxer score it: all 212 videos of the split Test",
            THUMOS_RANGE,
            split="Test",
        ),
        Protocol(
            "thumos14-opentad",
            "THUMOS14 as OpenTAD scores it: 211 videos of the split Test, without video_test_0000270 (wrong) and "
            "video_test_0001292 (empty), and without the 4 actions that begin after their video's end: 3,325 actions",
            THUMOS_RANGE,
            split="Test",
            excluded_videos=frozenset({"video_test_0000270", "video_test_0001292"}),
            minimum_duration=0.0,
            inside_video=True,  # their annotation file has 3,325 actions and no such rule: it lacks these 4
        ),
        Protocol(
            "activitynet13",
            "ActivityNet-1.3 as ActionFormer and TriDet score it: every validation video of the annotation file "
            "(4,926 in the original one)",
            ACTIVITYNET_RANGE,
            split="validation",
        ),
        Protocol(
            "activitynet13-opentad",
            "ActivityNet-1.3 as OpenTAD scores it: the 4,728 validation videos that are not on the organizers' blocked "
            "list; give an annotation file that leaves those out, no list of ids is built in",
            ACTIVITYNET_RANGE,
            split="validation",
            minimum_duration=0.0,
        ),
        Protocol(
            "sbhar",
            "SBHAR on its own split: 9 validation people; not the leave-one-subject-out numbers of the literature",
            THUMOS_RANGE | {"0.3:0.95": (*tiou_range(0.3, 0.9, 0.1), 0.95)},
            split="validation",
        ),
        Protocol(
            "generic",
            "Any data set: the tIoU ranges of both THUMOS14 and ActivityNet, on the split that the caller names",
            THUMOS_RANGE | ACTIVITYNET_RANGE,
        ),
        Protocol(
            "hacs",
            "HACS Segments and FineAction as TriDet and OpenTAD score them: every validation video of the file",
            ACTIVITYNET_RANGE,
            split="validation",
        ),
        Protocol(
            "epic-kitchens100",
            "EPIC-Kitchens-100 and Ego4D moment queries: tIoU 0.1 to 0.5, on the split that the caller names",
            LOW_RANGE,
        ),
        Protocol(
            "multithumos",
            "MultiTHUMOS and Charades as OpenTAD scores them: tIoU 0.1 to 0.9, on the split that the caller names",
            WIDE_RANGE,
        ),
        Protocol(
            "segmentation",
            "action segmentation as MS-TCN scores it: frame accuracy, edit score, F1 at overlaps of 10, 25 and 50 %",
            THUMOS_RANGE,
            measure=Segmentation(),
        ),
        Protocol(
            "spotting",
            "action spotting as SoccerNet scores it, moments by the middle of actions: average mAP with tolerances of "
            "5 to 60 s (loose) and 1 to 5 s (tight)",
            THUMOS_RANGE,
            measure=Spotting(),
        ),
        Protocol(
            "spotting-starts",
            "action spotting as SoccerNet scores it, moments by the start of actions",
            THUMOS_RANGE,
            measure=Spotting("start"),
        ),
        Protocol(
            "events",
            "event-based F1 as sed_eval computes it: starts within 0.25 s, ends within that or half of the length",
            THUMOS_RANGE,
            measure=EventF1(),
        ),
        Protocol(
            "events-dcase",
            "event-based F1 with the collars of DCASE task 4: starts within 0.2 s, ends within that or 20 % of the "
            "length",
            THUMOS_RANGE,
            measure=EventF1(collar=0.2, part=0.2),
        ),
    )
}


def find_protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        InputError: there is none; the message names the nearest.
    """
    if name not in PROTOCOLS:
        raise InputError(f"no protocol {name!r}; {did_you_mean(name, PROTOCOLS)}")
    return PROTOCOLS[name]
