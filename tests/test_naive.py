"""The references against numbers of the published code: real detections, targets, offsets, losses."""

import gzip
import json
from collections import defaultdict

import numpy as np
import pytest

from tests import naive
from tests.shared import shared

GOLDEN = ("actionformer", "actionformer_anet", "tridet", "tridet_anet", "temporalmaxer")
WITH_TARGETS = GOLDEN[:4]  # TemporalMaxer's assigner writes no such targets
TRIDENT = ("tridet", "tridet_anet")
LEVELS = range(6)
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)


@pytest.fixture(scope="module")
def thumos():
    """Truth and ActionFormer's predictions of the THUMOS14 test videos: {label: (truth, predictions)}."""
    database = json.loads(shared("thumos14/thumos14.json").read_text())["database"]
    detections = json.loads(gzip.decompress(shared("thumos14/actionformer_detections.json.gz").read_bytes()))["results"]
    truth, predictions = defaultdict(list), defaultdict(list)
    for video, entry in database.items():
        for action in entry["annotations"] if entry["subset"] == "Test" else []:
            found, segment = truth[action["label"]], action["segment"]
            twins = [t for t in found if t[0] == video and np.allclose(t[1:], segment, rtol=0, atol=1e-3)]
            if not twins:
                found.append((video, *segment))
    for video, listed in detections.items():
        for item in listed:
            predictions[item["label"]].append((video, *item["segment"], item["score"]))
    return {label: (truth[label], predictions[label]) for label in truth}


@pytest.fixture(scope="module")
def expected():
    return json.loads(shared("thumos14/expected.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_average_precision_gives_the_published_map_of_actionformer(thumos, expected, threshold):
    by_class = [naive.average_precision(*pair, threshold) for pair in thumos.values()]
    assert 100 * np.mean(by_class) == pytest.approx(expected["published_mAP"][str(threshold)], abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("k", [1, 5])
def test_the_mean_over_classes_of_recall_gives_the_published_recall(thumos, expected, threshold, k):
    by_class = [naive.recall_at(*pair, threshold, k) for pair in thumos.values()]
    assert 100 * np.mean(by_class) == pytest.approx(expected[f"recall@{k}x"][str(threshold)], abs=0.01)


def golden(name):
    """What the published code computed, in float64, and the configuration it used."""
    with np.load(shared(f"golden/{name}.npz")) as file:
        arrays = {key: file[key] for key in file.files if not key.startswith("weights/")}
    arrays = {key: a.astype(float) if a.dtype == np.float32 else a for key, a in arrays.items()}
    return arrays, json.loads(shared(f"golden/{name}.json").read_text())


def golden_points(arrays, configuration):
    """(P, 4); TemporalMaxer's are not in its file, and follow from its ranges."""
    if "points" in arrays:
        return arrays["points"]
    return np.array(
        [
            (t * 2**level, *configuration["model"]["regression_range"][level], 2**level)
            for level in LEVELS
            for t in range(arrays[f"cls_logits/level{level}"].shape[1])
        ],
        dtype=float,
    )


def golden_targets(arrays, configuration):
    return naive.assign(
        golden_points(arrays, configuration),
        arrays["input/segments"],
        arrays["input/labels"],
        configuration["model"]["num_classes"],
        radius=1.5,
    )


@pytest.mark.parametrize("name", WITH_TARGETS)
def test_assign_equals_the_published_targets(name):
    arrays, configuration = golden(name)
    classes, offsets, positive = golden_targets(arrays, configuration)
    assert (classes == arrays["targets/classes"]).all()
    assert (positive == arrays["targets/classes"].any(axis=1)).all()
    # elsewhere the published offsets are those to the first action, and no loss reads them
    assert offsets[positive] == pytest.approx(arrays["targets/offsets"][positive], abs=1e-6)


def test_assign_finds_as_many_positives_as_temporalmaxer():
    arrays, configuration = golden("temporalmaxer")
    assert golden_targets(arrays, configuration)[2].sum() == arrays["loss/num_pos"]


def golden_trident_offsets(arrays, num_bins, level):
    """(classes, T, 2); the channels of `reg_head` are the start's bins, then the end's, already after the ReLU."""
    start, end = arrays[f"start_head/level{level}"], arrays[f"end_head/level{level}"]
    channels = arrays[f"reg_head/level{level}"]
    center = channels.reshape(2, num_bins + 1, channels.shape[1]).transpose(2, 0, 1)
    return np.array([naive.trident_offsets(s, e, center, num_bins) for s, e in zip(start, end, strict=True)])


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", TRIDENT)
def test_trident_offsets_equal_the_published_ones(name, level):
    arrays, configuration = golden(name)
    offsets = golden_trident_offsets(arrays, configuration["model"]["num_bins"], level)
    assert offsets == pytest.approx(arrays[f"offsets/level{level}"], abs=1e-5)


def golden_predictions(arrays):
    """Class logits (P, K) and offsets (P, K, 2) of all levels, finest first."""
    logits = np.concatenate([arrays[f"cls_logits/level{level}"].T for level in LEVELS])
    if "offsets/level0" in arrays:
        offsets = [arrays[f"offsets/level{level}"].transpose(1, 0, 2) for level in LEVELS]
    else:
        offsets = [arrays[f"reg_head/level{level}"].T[:, None] for level in LEVELS]
    return logits, np.broadcast_to(np.concatenate(offsets), (*logits.shape, 2))


@pytest.mark.parametrize("name", GOLDEN)
def test_the_published_losses_are_sums_of_the_references(name):
    arrays, configuration = golden(name)
    logits, offsets = golden_predictions(arrays)
    classes, target, positive = golden_targets(arrays, configuration)
    power = configuration["model"].get("iou_weight_power", 0.0)  # TriDet weights positives by tIoU^power
    normalizer = 0.9 * configuration["loss_normalizer_before"] + 0.1 * positive.sum()
    classification = sum(
        naive.focal_loss(logits[p, c], classes[p, c])
        * ((1 - naive.giou_loss(offsets[p, c], target[p])) ** power if classes[p, c] else 1.0)
        for p, c in np.ndindex(classes.shape)
    )
    # TriDet counts a point with two labels twice, the others once: their offsets are the same for all classes
    pairs = [*zip(*np.nonzero(classes), strict=True)]
    if name not in TRIDENT:
        pairs = [(p, 0) for p in np.flatnonzero(positive)]
    regression = sum(naive.diou_loss(offsets[p, c], target[p]) for p, c in pairs)
    assert classification / normalizer == pytest.approx(arrays["loss/cls_loss"], rel=1e-5)
    assert regression / normalizer == pytest.approx(arrays["loss/reg_loss"], rel=1e-5)


@pytest.mark.parametrize("name", GOLDEN)
def test_nms_of_the_published_predictions_gives_the_published_detections(name):
    arrays, configuration = golden(name)
    settings = configuration["model"]["test_cfg"]
    points = golden_points(arrays, configuration)
    logits, offsets = golden_predictions(arrays)
    scores = 1 / (1 + np.exp(-logits))
    time, stride = points[:, None, 0], points[:, None, 3]
    segments = np.stack([time - offsets[..., 0] * stride, time + offsets[..., 1] * stride], axis=-1)
    # no level holds more than `pre_nms_topk` candidates, so none is cut
    keep = (scores > settings["pre_nms_thresh"]) & (np.ptp(segments, axis=-1) > settings["duration_thresh"])
    segments, scores, labels = segments[keep], scores[keep], np.nonzero(keep)[1]
    sigma, least, most = settings["nms_sigma"], settings["min_score"], settings["max_seg_num"]
    if settings["multiclass_nms"]:
        kept, decayed = naive.multiclass_nms(segments, scores, labels, sigma=sigma, min_score=least, max_segments=most)
        refined = segments[kept]
    else:
        kept, decayed = naive.soft_nms(segments, scores, sigma, least, most)
        # these votes move only boundaries beyond the video, so the clip to the duration hides their weighting
        refined = naive.vote(segments[kept], decayed, segments, scores, settings["voting_thresh"], False)
    frames = refined * configuration["feat_stride"] + configuration["feat_num_frames"] / 2
    seconds = np.clip(frames / configuration["fps"], 0, configuration["duration"])
    assert (labels[kept] == arrays["detections/labels"]).all()
    assert decayed == pytest.approx(arrays["detections/scores"], rel=1e-4)
    assert seconds == pytest.approx(arrays["detections/segments_seconds"], abs=1e-4)


def everywhere(x):
    return np.ones(x.shape[1], dtype=bool)


@pytest.mark.parametrize("level", LEVELS)
def test_group_norm_equals_the_one_over_temporalmaxers_levels(level):
    arrays, _ = golden("temporalmaxer")
    x = arrays[f"encoder/level{level}"]
    normalized = naive.masked_group_norm(x, everywhere(x), 4, np.ones(len(x)), np.zeros(len(x)))
    assert normalized == pytest.approx(arrays[f"encoder_normed/level{level}"], abs=1e-5)


@pytest.mark.parametrize("level", range(5))
def test_max_pool_leads_from_one_level_of_temporalmaxer_to_the_next(level):
    arrays, _ = golden("temporalmaxer")
    x = arrays[f"encoder/level{level}"]
    pooled, mask = naive.max_pool(x, everywhere(x))
    assert (pooled == arrays[f"encoder/level{level + 1}"]).all()
    assert mask.all()
