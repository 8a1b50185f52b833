"""Detection in a stream: the same actions as in the whole video, for pieces of any size (law 13)."""

from typing import Any

import numpy as np
import pytest
import torch

from logotal.config import Config
from logotal.data.grid import FeatureGrid
from logotal.errors import InputError
from logotal.inference.calibration import Calibration
from logotal.inference.candidates import Candidates
from logotal.inference.decode import decode
from logotal.inference.operating_point import OperatingPoint
from logotal.inference.pipeline import Pipeline
from logotal.inference.predictor import Predictor
from logotal.inference.streaming import Shown, StreamingDetector
from logotal.timeline import Action, Timeline
from tests.model.cases import CHANNELS, random_detector, small

GRID = FeatureGrid(fps=8.0, clip_stride=4, clip_frames=8)
LABELS = ("run", "jump", "rest")
LOCAL: dict[str, Any] = {"logo": {"pool_window": 9}, "mlp_norm": "layer", "levels": 3}
POINT = OperatingPoint(threshold=0.45, thresholds={"jump": 0.5}, max_overlap=0.6, calibration=Calibration(1.3, 0.1))


def predictor(
    point: OperatingPoint = POINT,
    inference: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
    **changes: Any,
) -> Predictor:
    """A random network with scores all over."""
    model = {**LOCAL, **changes}
    settings = {"score_threshold": 0.001, "precision": "fp32", **(inference or {})}
    config = Config.model_validate({"model": small(**model).model_dump(), "inference": settings, "data": data or {}})
    detector = random_detector(**model)
    with torch.no_grad():
        detector.classification.trunk.last.conv.bias.fill_(-1.0)
        detector.classification.trunk.last.conv.weight.mul_(4)
    return Predictor(detector, Pipeline(LABELS, config, operating_point=point))


def features(length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(length, CHANNELS)).astype(np.float32)


def streamed(
    stream: StreamingDetector, rows: np.ndarray, sizes: list[int], duration: float | None = None
) -> list[Action]:
    """All that is told of features that come in pieces of some sizes, again and again."""
    found, first, turn = [], 0, 0
    while first < len(rows):
        piece = rows[first : first + sizes[turn % len(sizes)]]
        found += stream.push(piece)
        first, turn = first + len(piece), turn + 1
    return found + stream.finish(duration)


def assert_same(found: list[Action], expected: Timeline) -> None:
    ordered = Timeline("stream", tuple(found)).actions
    assert len(expected) > 3
    assert [each.label for each in ordered] == [each.label for each in expected]
    for one, other in zip(ordered, expected, strict=True):
        assert (one.start, one.end, one.score) == pytest.approx((other.start, other.end, other.score), abs=2e-4)


SETTINGS: dict[str, dict[str, Any]] = {
    "clff": {},
    "light": {"head": "clff-light"},
    "behind a stem": {"layout": "tridet", "head": "trident"},
    "attention": {"mixer": "attention", "layout": "actionformer", "head": "light"},
    "hard NMS": {"inference": {"nms": "hard", "nms_tiou": 0.3}},
    "no NMS": {"inference": {"nms": "none"}},
    "labels suppress each other": {"inference": {"nms_per_class": False}},
    "votes": {"inference": {"voting_tiou": 0.7}},
    "every second feature": {"data": {"downsample": 2}},
}


@pytest.mark.parametrize("sizes", [[7, 1, 90], [1000]], ids=str)
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_stream_gives_the_actions_of_the_whole_video(settings: dict[str, Any], sizes: list[int]) -> None:
    model, rows = predictor(**settings), features(300)
    stream = StreamingDetector(model, GRID, longest=300.0, every=10.0)
    assert stream.exact
    assert_same(streamed(stream, rows, sizes, 148.0), model.detect(rows, GRID, duration=148.0))
    assert stream.settler.forced == stream.settler.late == 0


@pytest.mark.parametrize(
    "how",
    [
        {"threshold": 0.6},
        {"max_overlap": 0.0},
        {"max_overlap": 0.2, "across_labels": True},
        {"merge_gap": 1.5, "min_duration": {"run": 4.0}},
    ],
    ids=str,
)
def test_what_is_shown_of_a_stream_is_what_is_shown_of_the_whole(how: dict[str, Any]) -> None:
    model, rows = predictor(), features(300, seed=1)
    found = model.detect(rows, GRID, everything=True)
    stream = StreamingDetector(model, GRID, longest=300.0, every=10.0, shown=Shown(**how))
    assert_same(streamed(stream, rows, [13]), model.pipeline.shown(found, **how))


def in_windows(model: Predictor, rows: np.ndarray, stream: StreamingDetector) -> Timeline:
    """What windows at their places find, suppressed at once: no buffers, no chains."""
    windows, parts = stream.sliding.windows, []
    for first in range(0, len(rows), windows.hop):
        begin = windows.first(first)
        seen = torch.from_numpy(rows[begin : first + windows.hop + windows.after]).T[None]
        with torch.no_grad():
            predictions = model.detector(seen, torch.ones(1, 1, seen.shape[-1], dtype=torch.bool))
        time = predictions.points.time + begin
        predictions.mask[:, (time < first) | (time >= first + windows.hop)] = False
        (found,) = decode(predictions, model.config.inference)
        parts.append(Candidates(found.segments + begin, found.scores, found.labels))
    joined = Candidates(*(np.concatenate([getattr(p, n) for p in parts]) for n in ("segments", "scores", "labels")))
    found = model.pipeline.timeline(joined, name="v", features=rows.T, grid=GRID, duration=None)
    return model.pipeline.shown(found)


@pytest.mark.parametrize("sizes", [[17], [1000]], ids=str)
@pytest.mark.parametrize(
    "changes",
    [{"logo": {}}, {"mlp_norm": "group"}, {"mixer": "sgp"}, {"compat": 64, "mixer": "sgp"}, {}],
    ids=["global gates", "GroupNorm", "sgp", "published padding", "bounded"],
)
def test_with_a_lookahead_the_windows_alone_decide(changes: dict[str, Any], sizes: list[int]) -> None:
    model, rows = predictor(data={"window": 64}, **changes), features(200)
    stream = StreamingDetector(model, GRID, lookahead=5.0, longest=300.0, every=10.0)
    assert not stream.exact
    assert_same(streamed(stream, rows, sizes), in_windows(model, rows, stream))


def test_a_network_that_sees_the_whole_video_is_refused_with_the_cause_and_the_cure() -> None:
    with pytest.raises(
        InputError, match=r"pool_window is not set; model.mlp_norm is group\); take --lookahead SECONDS"
    ):
        StreamingDetector(predictor(logo={}, mlp_norm="group"), GRID)


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"class_agnostic": True}, "labels are of whole videos"),
        ({"data": {"resize_to": 64}}, "found data.resize_to"),
        ({"data": {"clip_stride": None}}, "found no data.clip_stride"),
    ],
)
def test_a_model_that_needs_whole_videos_is_refused(settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        StreamingDetector(predictor(**settings), GRID)


@pytest.mark.parametrize("seed", range(2))
def test_every_action_is_told_within_the_latency_that_is_promised(seed: int) -> None:
    model, rows = predictor(), features(300, seed)
    longest = 2 * 4 * 4 / 2  # bins on both sides, at the stride of the last level, of half a second each
    stream = StreamingDetector(model, GRID, longest=longest, every=2.0)
    told = 0
    for step in range(len(rows)):
        for action in stream.push(rows[step : step + 1]):
            told += 1
            assert GRID.span(step + 1) - action.end <= stream.latency + longest  # which chains are waited for
    assert told > 20
    assert stream.settler.late == 0


def test_long_chains_are_settled_before_their_end_and_late_candidates_yield() -> None:
    model, rows = predictor(head="clff-light"), features(500)
    stream = StreamingDetector(model, GRID, longest=3.0, every=5.0)
    found = Timeline("stream", tuple(streamed(stream, rows, [9])))
    assert stream.settler.forced > 0
    for label in found.labels:
        same = [each for each in found if each.label == label]
        for index, one in enumerate(same):
            for other in same[index + 1 :]:
                shared = min(one.end, other.end) - max(one.start, other.start)
                assert shared <= 0.6 * min(one.duration, other.duration) + 1e-4


def held(stream: StreamingDetector) -> int:
    """Rows of features and candidates that a stream keeps."""
    settler = stream.settler
    kept = stream.sliding.held
    return (0 if kept is None else len(kept)) + len(settler.waiting) + len(settler.told) + len(settler.voters)


def test_memory_stays_as_it_is_over_six_hours() -> None:
    model = predictor(inference={"voting_tiou": 0.7}, head="clff-light")
    slow = FeatureGrid(fps=2.0, clip_stride=4, clip_frames=8)
    stream = StreamingDetector(model, slow, longest=64.0, every=120.0)
    hour, most, told = 1800, [], 0
    for index in range(6):
        most.append(0)
        for part in range(30):
            told += len(stream.push(features(hour // 30, seed=30 * index + part)))
            most[-1] = max(most[-1], held(stream))
    assert told > 1000
    assert max(most) < 1.5 * most[0]
    assert stream.decided > 6 * 3600 - 300
