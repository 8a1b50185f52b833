"""Detection in a stream of features: each action as soon as it cannot change any more, in bounded memory.

Pieces of any size give the same actions (law 13). They are those of the whole video (`Predictor.detect`) where the
network looks no farther than the windows do (`StreamingDetector.exact`) and no candidate reaches back farther than half
the longest action. The limits on the number of candidates hold for each window, and those on the number of actions for
each group of overlapping ones, not for the stream, which has no end.
"""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from logotal.data.grid import FeatureGrid
from logotal.errors import InputError
from logotal.inference.candidates import Candidates
from logotal.inference.lengths import Wanted
from logotal.inference.predictor import Predictor
from logotal.inference.settling import NOTHING, Rules, Settler
from logotal.inference.windows import Decided, SlidingDetector, Windows
from logotal.model.heads import find_head
from logotal.model.reach import reach, sees_everything
from logotal.ranges import check_range
from logotal.timeline import Action

Floats = NDArray[np.float64]
EVERY = 0.25
"""Seconds between two looks of the network."""


@dataclass(frozen=True)
class Shown:
    """Which actions are shown: the options of `Pipeline.shown`; what is absent is that of the operating point."""

    threshold: float | None = None
    max_overlap: float | None = None
    across_labels: bool | None = None
    min_duration: Wanted = None
    merge_gap: Wanted = None


class StreamingDetector:
    """Actions of a stream of features.

    Args:
        predictor: the model.
        grid: of the features.
        lookahead: seconds of video that are seen behind a moment before it is judged; as far as the network looks if
            absent.
        longest: seconds of the longest action: what reaches back farther than half of it comes too late.
        shown: which actions are shown.
        every: seconds between two looks of the network; a quarter of one if absent.

    Attributes:
        exact: whether the windows hold all that the network looks at.
        latency: seconds of video between the end of an action and when it is told at the latest, but for those that a
            longer chain of overlapping actions holds back.

    Raises:
        InputError: the network sees the whole video and no lookahead is given, or the model needs whole videos.

    >>> from logotal.config import Config
    >>> from logotal.inference.pipeline import Pipeline
    >>> from logotal.model.detector import build_detector
    >>> model = {"input_channels": 8, "width": 16, "levels": 2, "mixer": "conv", "mlp_norm": "layer"}
    >>> config = Config.model_validate({"model": model})
    >>> predictor = Predictor(build_detector(config.model, num_labels=1), Pipeline(("serve",), config))
    >>> stream = StreamingDetector(predictor, FeatureGrid(fps=30, clip_stride=4, clip_frames=16), longest=4.0)
    >>> stream.push(np.zeros((50, 8), np.float32)), stream.finish(), stream.exact
    ([], [], True)
    """

    def __init__(
        self,
        predictor: Predictor,
        grid: FeatureGrid,
        *,
        lookahead: float | None = None,
        longest: float | None = None,
        shown: Shown = Shown(),
        every: float | None = None,
    ) -> None:
        check_range("--lookahead", lookahead, above=0)
        check_range("--longest", longest, above=0)
        check_streamable(predictor, lookahead)
        pipeline, model, data = predictor.pipeline, predictor.config.model, predictor.config.data
        self.predictor, self.pipeline, self.shown, self.downsample = predictor, pipeline, shown, data.downsample
        self.grid = grid.downsampled(data.downsample) if data.downsample > 1 else grid
        rate = self.grid.fps / self.grid.clip_stride  # steps per second
        usual = min(find_head(model.head).longest_action(bins=model.bins, stride=model.strides[-1]), data.window)
        longest_steps = usual if longest is None else longest * rate
        self.half = math.ceil(longest_steps / 2)
        windows = _windows(predictor, rate, lookahead=lookahead, every=EVERY if every is None else every)
        self.exact = not sees_everything(model) and min(windows.before, windows.after) >= reach(model)
        self.sliding = SlidingDetector(predictor.detector, predictor.config.inference, windows)
        self.latency = (windows.after + windows.hop + self.half) / rate + self.grid.clip_frames / 2 / self.grid.fps
        self.settler = Settler(self._rules(rate), patience=longest_steps)
        self.rows = 0
        self._shown(NOTHING, np.inf)  # an option that is wrong is wrong before the work

    def push(self, features: NDArray[np.floating]) -> list[Action]:
        """Takes in the next features (n, C), and gives the actions that are final now."""
        kept = np.asarray(features, np.float32)[-self.rows % self.downsample :: self.downsample]
        self.rows += len(features)
        return self._settled(self.sliding.push(kept) if len(kept) else (), np.inf)

    def finish(self, duration: float | None = None) -> list[Action]:
        """The actions that are left in a stream that ends here; none of them ends after `duration` seconds."""
        end = duration if duration is not None else self.grid.span(self.sliding.length)
        rest = self._settled(self.sliding.finish(), end)
        return rest + self._actions(np.inf, end)

    @property
    def decided(self) -> float:
        """Seconds of the stream before which the network has judged every moment."""
        return self.grid.seconds(float(self.sliding.decided))

    def _settled(self, decided: Iterable[Decided], end: float) -> list[Action]:
        found: list[Action] = []
        for candidates, until in decided:
            self.settler.add(candidates)
            found += self._actions(until - self.half, end)
        return found

    def _actions(self, frontier: float, end: float) -> list[Action]:
        """What is shown of all chains that are final; whatever comes later starts at `frontier` at the earliest."""
        found: list[Action] = []
        for chain, before in self.settler.settle(frontier):
            limit = float(self.grid.seconds(before)) if np.isfinite(before) else np.inf
            found += [action for action in self._shown(chain, end) if action.end <= limit]
        return sorted(found, key=lambda each: (each.end, each.start, each.label))

    def _shown(self, chain: Candidates, end: float) -> Iterable[Action]:
        nothing = np.zeros((self.predictor.config.model.input_channels or 1, 1), np.float32)
        found = self.pipeline.timeline(chain, name="stream", features=nothing, grid=self.grid, duration=end)
        return self.pipeline.shown(found, **asdict(self.shown))

    def _rules(self, rate: float) -> Rules:
        point, inference = self.pipeline.operating_point, self.predictor.config.inference
        asked = self.shown.across_labels
        together = (point.across_labels if asked is None else asked) or not inference.nms_per_class
        floors = np.array(
            [point.threshold_of(label) for label in self.pipeline.labels]
            if self.shown.threshold is None
            else [self.shown.threshold] * len(self.pipeline.labels)
        )
        if together:
            floors = np.full_like(floors, floors.min())
        return Rules(
            inference,
            lambda scores, labels: point.calibration.of(scores) >= floors[labels],
            max_overlap=point.max_overlap if self.shown.max_overlap is None else self.shown.max_overlap,
            together=together,
            gap=self.pipeline.widest_gap(self.shown.merge_gap) * rate,
        )


def check_streamable(predictor: Predictor, lookahead: float | None) -> None:
    """Makes sure that a model can answer before a video ends.

    Raises:
        InputError: it cannot; expected, found, and what to do.
    """
    config, name = predictor.config, predictor.name
    if config.model.class_agnostic:
        raise InputError(
            f"{name}: expected a model that labels actions itself, found one whose labels are of whole videos"
        )
    if config.data.resize_to is not None or config.data.clip_stride is None:
        found = "data.resize_to" if config.data.resize_to is not None else "no data.clip_stride"
        raise InputError(f"{name}: expected features at a constant rate, found {found}: it needs whole videos")
    if lookahead is None and (causes := sees_everything(config.model)):
        raise InputError(
            f"{name}: each answer of its network depends on the whole video ({'; '.join(causes)}); take --lookahead "
            "SECONDS to judge each moment by a window that ends so much later (half the longest action and a second "
            "more is a start); actions then differ from those of `logotal detect`"
        )


def _windows(predictor: Predictor, rate: float, *, lookahead: float | None, every: float) -> Windows:
    """The windows of a network: as long as those of its training, or as far as it looks."""
    model = predictor.config.model
    hop = max(round(every * rate), 1)
    if sees_everything(model):
        assert lookahead is not None
        after = max(math.ceil(lookahead * rate), 1)
        before = max(predictor.config.data.window - hop - after, after)
    else:
        before = reach(model)
        after = before if lookahead is None else min(math.ceil(lookahead * rate), before)
    return Windows(before, hop, after, align=model.strides[-1])


def with_times_from(action: Action, seconds: float) -> Action:
    """The action of a stream that began so many seconds later."""
    return replace(action, start=action.start + seconds, end=action.end + seconds)
