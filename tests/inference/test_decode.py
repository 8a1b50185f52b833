import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from logotal.config import InferenceConfig
from logotal.data.grid import FeatureGrid
from logotal.inference.candidates import Candidates
from logotal.inference.decode import decode
from logotal.inference.nms import suppress
from logotal.model.boundaries import DirectBoundaries, trident_boundaries
from logotal.model.detector import Predictions
from logotal.model.points import make_points
from tests.model.golden import NAMES, TRIDENT, golden, levels, masks, model_config

SIZES = (12, 6, 3)
RANGES = ((0.0, 2.0), (2.0, 4.0), (4.0, float("inf")))


def random_predictions(*, seed=0, videos=2, classes=3, bins=None):
    """Predictions of videos of which the last is half padding; Trident boundaries if `bins` is given."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=generator)

    mask = torch.ones(videos, sum(SIZES), dtype=torch.bool)
    mask[-1] = torch.cat([torch.arange(size) < size / 2 for size in SIZES])
    if bins is None:
        boundaries = DirectBoundaries(3 * normal(videos, 2, sum(SIZES)).relu())
    else:
        start, end, center = (
            [normal(videos, rows, size) for size in SIZES] for rows in (classes, classes, 2 * (bins + 1))
        )
        boundaries = trident_boundaries(start, end, center)
    logits = 3 * normal(videos, classes, sum(SIZES)) * mask[:, None]
    return Predictions(logits, mask, boundaries, make_points(SIZES, RANGES))


def brute_force(predictions, config):
    """All pairs of every video, level by level: (start, end, score, label) of those that are kept."""
    videos = []
    for video in range(len(predictions.logits)):
        kept, first = [], 0
        for size in SIZES:
            pairs = []
            for point in range(first, first + size):
                for label in range(predictions.logits.shape[1]):
                    score = 1 / (1 + np.exp(-predictions.logits[video, label, point].item()))
                    if predictions.mask[video, point] and score > config.score_threshold:
                        pairs.append((score, point, label))
            for score, point, label in sorted(pairs, reverse=True)[: config.candidates_per_level]:
                offsets = predictions.boundaries.offsets(*torch.tensor([[video], [point], [label]]))[0].tolist()
                time, stride = predictions.points.time[point].item(), predictions.points.stride[point].item()
                segment = time - offsets[0] * stride, time + offsets[1] * stride
                if segment[1] - segment[0] > config.min_length:
                    kept.append((*segment, score, label))
            first += size
        videos.append(sorted(kept))
    return videos


def rows(candidates):
    columns = (*candidates.segments.T.tolist(), candidates.scores.tolist(), candidates.labels.tolist())
    return sorted(zip(*columns, strict=True))


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 1000),
    best=st.sampled_from([1, 4, 1000]),
    threshold=st.sampled_from([0.0, 0.3, 0.99]),
    min_length=st.sampled_from([0.0, 1.5]),
    bins=st.sampled_from([None, 4]),
)
def test_the_best_pairs_of_each_level_equal_a_brute_force_search(seed, best, threshold, min_length, bins):
    predictions = random_predictions(seed=seed, bins=bins)
    config = InferenceConfig(candidates_per_level=best, score_threshold=threshold, min_length=min_length)
    found = decode(predictions, config)
    expected = brute_force(predictions, config)
    assert len(found) == 2
    for candidates, listed in zip(found, expected, strict=True):
        assert np.array(rows(candidates)) == pytest.approx(np.array(listed), rel=1e-5, abs=1e-5)


def test_padding_gives_no_candidates_even_without_a_threshold():
    predictions = random_predictions()
    predictions.mask[1] = False
    found = decode(predictions, InferenceConfig(score_threshold=0.0))
    assert len(found[0]) > 0
    assert (len(found[1]), found[1].segments.shape) == (0, (0, 2))


def test_scores_that_are_all_too_low_give_no_candidates():
    assert [len(video) for video in decode(random_predictions(), InferenceConfig(score_threshold=1.0))] == [0, 0]


@pytest.mark.parametrize("bins", [None, 4])
def test_a_video_decoded_alone_gives_what_it_gives_in_a_batch(bins):
    predictions = random_predictions(bins=bins)
    together = decode(predictions, InferenceConfig(candidates_per_level=5))
    boundaries = predictions.boundaries
    if bins is None:
        alone = DirectBoundaries(boundaries.distances[1:])
    else:
        alone = type(boundaries)(boundaries.start[1:], boundaries.end[1:], boundaries.center[1:], boundaries.base)
    second = Predictions(predictions.logits[1:], predictions.mask[1:], alone, predictions.points)
    found = decode(second, InferenceConfig(candidates_per_level=5))[0]
    assert np.array(rows(found)) == pytest.approx(np.array(rows(together[1])), rel=1e-6, abs=1e-6)


def test_candidates_are_taken_by_index_or_by_truth():
    candidates = Candidates(np.array([[0.0, 1], [2, 3], [4, 5]]), np.array([0.1, 0.2, 0.3]), np.array([0, 1, 2]))
    assert candidates.take(np.array([2, 0])).labels.tolist() == [2, 0]
    assert candidates.take(candidates.scores > 0.15).segments.tolist() == [[2, 3], [4, 5]]
    assert len(candidates) == 3


@pytest.mark.parametrize("name", NAMES)
def test_the_published_predictions_become_the_published_detections(name):
    arrays, configuration = golden(name)
    published = configuration["model"]["test_cfg"]
    config = InferenceConfig(
        score_threshold=published["pre_nms_thresh"],
        candidates_per_level=published["pre_nms_topk"],
        min_length=published["duration_thresh"],
        nms_sigma=published["nms_sigma"],
        nms_per_class=published["multiclass_nms"],
        min_score=published["min_score"],
        max_segments=published["max_seg_num"],
        voting_tiou=0.0 if published["multiclass_nms"] else published["voting_thresh"],  # none per class, theirs says
        voting_weight="score" if name in TRIDENT else "score_tiou",
    )
    if name in TRIDENT:
        branches = (levels(arrays, branch) for branch in ("start_head", "end_head", "reg_head"))
        boundaries = trident_boundaries(*branches)
    else:
        boundaries = DirectBoundaries(torch.cat(levels(arrays, "reg_head"), dim=-1))
    real = masks(arrays)
    points = make_points([mask.shape[-1] for mask in real], model_config(name, configuration).regression_ranges)
    logits = torch.cat(levels(arrays, "cls_logits"), dim=-1)
    predictions = Predictions(logits, torch.cat(real, dim=-1)[:, 0], boundaries, points)
    kept = suppress(decode(predictions, config)[0], config)
    grid = FeatureGrid(configuration["fps"], configuration["feat_stride"], configuration["feat_num_frames"])
    seconds = np.clip(grid.seconds(kept.segments), 0, configuration["duration"])
    assert kept.labels.tolist() == arrays["detections/labels"].tolist()
    assert kept.scores == pytest.approx(arrays["detections/scores"].numpy(), rel=1e-4)
    assert seconds == pytest.approx(arrays["detections/segments_seconds"].numpy(), abs=1e-4)
