"""Detection while a video comes: cameras, addresses, pipes, files that grow; each action once it is final."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from logotal.callbacks import Say, silent
from logotal.inference.lengths import Wanted
from logotal.inference.operating_point import UNFITTED
from logotal.inference.streaming import Shown, check_streamable
from logotal.ranges import check_range
from logotal.runs.load import find_run, load_run
from logotal.runs.provenance import read_provenance
from logotal.runs.watcher import Watcher
from logotal.timeline import Action, Timeline
from logotal.video.live import Connection

RETRY = 300.0
"""Seconds for which a lost connection is tried again, unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class WatchedAction(Action):
    """An action of a stream, told when it could not change any more; times are seconds from its first frame.

    `latency` is how many seconds went by from when the frame at its end was read until it was told; `clock` is when it
    began, in seconds since 1970, where the source is live.

    >>> WatchedAction(3.2, 5.9, "HighJump", 0.81, latency=2.5).to_json()
    {'label': 'HighJump', 'start': 3.2, 'end': 5.9, 'score': 0.81, 'latency': 2.5}
    """

    latency: float = 0.0
    clock: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The action in types that JSON has, times to the millisecond; `subject` and `clock` where they are known."""
        found: dict[str, Any] = {"label": self.label}
        if self.subject is not None:
            found["subject"] = self.subject
        found |= {"start": round(self.start, 3), "end": round(self.end, 3), "score": round(self.score, 4)}
        found["latency"] = round(self.latency, 3)
        if self.clock is not None:
            found["clock"] = datetime.fromtimestamp(self.clock, UTC).isoformat(timespec="milliseconds")
        return found


def watch(
    source: str | Path,
    model: str | Path,
    *,
    lookahead: float | None = None,
    longest: float | None = None,
    follow: float | None = None,
    retry: float = RETRY,
    threshold: float | None = None,
    max_overlap: float | None = None,
    across_labels: bool | None = None,
    min_duration: Wanted = None,
    merge_gap: Wanted = None,
    weights: str | Path | Mapping[str, str | Path] | None = None,
    device: str | None = None,
    precision: str | None = None,
    say: Say = silent,
) -> Iterator[WatchedAction]:
    """The actions of a video that still comes, each as soon as it cannot change any more; memory does not grow.

    Args:
        source: an address (http, rtsp, ...), a camera (`camera:0`, `/dev/video0`), `-` for the standard input, a file.
        model: a run folder or a project folder, or OWNER/NAME on the hub.
        lookahead: seconds that are seen behind a moment before it is judged; as far as the network looks if absent.
        longest: seconds of the longest action; that of the training if absent.
        follow: seconds for which a file that is still written is waited for where it ends; it is read once if absent.
        retry: seconds for which a lost connection is tried again.
        threshold: lowest score that is shown; as the following ones, that of the operating point if absent.
        max_overlap: part of an action that may lie within a better one of its label.
        across_labels: actions of other labels count as overlaps too, or do not; as the operating point says if absent.
        min_duration: seconds that an action lasts at least: of all labels, or of those that it names.
        merge_gap: actions of a label that lie closer than so many seconds are one, in the same way.
        weights: the backbone's weights, by stream where it has several.
        device: cpu, cuda, ...; the GPU if there is one.
        precision: arithmetic of the network: auto, fp32 or bf16.
        say: callback(sentence): how late actions are told, and what became of connections.

    Raises:
        InputError: there is no such source or model, the model cannot answer before a video ends, an option is not as
            expected; while iterating, the source is lost for good.
    """
    check_range("--follow", follow, above=0)
    check_range("--retry", retry, least=0)
    check_range("--lookahead", lookahead, above=0)
    check_range("--longest", longest, above=0)
    predictor = load_run(model, device=device, precision=precision, backbone_weights=weights)
    shown = Shown(threshold, max_overlap, across_labels, min_duration, merge_gap)
    predictor.pipeline.shown(Timeline("nothing"), **asdict(shown))  # an option that is wrong is wrong before the work
    check_streamable(predictor, lookahead)
    predictor.extractor  # noqa: B018 - refuses a run without a feature recipe now
    about = read_provenance(find_run(predictor.name)[0])
    if predictor.pipeline.on_hub is not None:
        say(f"model: {predictor.pipeline.on_hub}")
    if longest is None and about is not None:
        longest = about.longest_action
    if predictor.pipeline.operating_point is UNFITTED and threshold is None:
        cut = f"shows actions of score {UNFITTED.threshold:g} or more"
        say(f"{model} has no operating point: {cut}; choose what suits it with --threshold")
    watcher = Watcher(str(source), predictor, lookahead, longest, shown, follow, retry, say)
    return _told(watcher, watcher.connect())


def _told(watcher: Watcher, connection: Connection | None) -> Iterator[WatchedAction]:
    for action, latency, clock in watcher.actions(connection):
        yield WatchedAction(**asdict(action), latency=latency, clock=clock)
