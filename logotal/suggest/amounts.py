"""Network, schedule, held-out part and inference: what the amount of data decides.

The values are those of the recipes that ship: `sbhar` and `rendered` for small sets, where evidence chose them
(docs/reproduction.md), and the paper's for sets of the size of THUMOS14. What lies between follows simple laws through
them.
"""

from collections.abc import Iterator
from math import sqrt

from logotal.suggest.choice import Choice
from logotal.suggest.measured import Measured
from logotal.suggest.moments import are_moments
from logotal.words import amount, share

LARGE_VIDEOS, LARGE_ACTIONS = 100, 2500
"""From here on a set is like THUMOS14 (200 videos, 3,007 actions), and the paper's network and rates hold."""
HELD_OUT_GROUPS, HELD_OUT_ACTIONS = 10, 50
"""Below, a held-out part would be too small to choose thresholds on, and what is left too small to learn from."""
STEPS_PER_ROOT = 80
"""Optimizer steps in times the square root of the number of actions: 2,300 for SBHAR, 4,400 for THUMOS14."""
EMA_DECAYS = (0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
UNBALANCED = 20
"""Times that the most common label is as frequent as the rarest before rare ones weigh more."""
FEW_ACTIONS, MEMBERS = 500, 3
"""Below, so many networks are averaged: some points of F1 for three times the time (docs/few-labels.md)."""
BATCH_STEPS = 4096
"""Grid steps of a batch that keep a device busy."""


def is_large(measured: Measured) -> bool:
    """Whether a set is of the size that the paper's settings are made for."""
    return len(measured.videos) >= LARGE_VIDEOS and len(measured.seconds) >= LARGE_ACTIONS


def network_choices(measured: Measured, *, clip_frames: int) -> dict[str, Choice]:
    """Width, layout and head of the network, of features that each stand for so many frames."""
    actions = amount(len(measured.seconds), "action")
    if is_large(measured):
        return {
            "model.width": Choice(512, f"{actions}: the paper's width for THUMOS14, which has 3,007"),
            "model.head_width": Choice(512, "as wide as the pyramid"),
            "model.head": Choice("clff", "the paper's head"),
        }
    width = 128 if len(measured.seconds) < 1000 else 256
    small = "found best on small sets (docs/reproduction.md)"
    reason = f"a feature is of {clip_frames} frames itself, and few actions do not feed three times the weights"
    alone = {"model.embedding_kernel": Choice(1, reason)} if clip_frames > 1 else {}
    if len(measured.seconds) < FEW_ACTIONS:
        reason = "networks, averaged: of few actions, another seed makes another network"
        alone["model.members"] = Choice(MEMBERS, reason)
    return alone | {
        "model.width": Choice(width, f"{actions} do not feed a wide network; below 1,000: 128, below 2,500: 256"),
        "model.head_width": Choice(width, "as wide as the pyramid"),
        "model.layout": Choice("tridet", f"layout, wide MLP and head: {small}"),
        "model.mlp_factor": Choice(4.0, "hidden channels of the MLP, in times the width"),
        "model.head": Choice("clff-light", "two numbers per point from fused levels: no longest action"),
        "model.layer_scale": Choice(0.3, "a few thousand steps cannot lift a smaller start"),
        "model.drop_path": Choice(0.2, "a small set needs more regularization"),
    }


def hold_out(measured: Measured) -> tuple[float, str]:
    """The part of the training videos that thresholds are chosen on, and why."""
    groups, actions = measured.groups, len(measured.seconds)
    counted = amount(groups, "video") if groups == measured.all_videos else f"{amount(groups, 'group')} of videos"
    counted += f" with {amount(actions, 'action')}"
    if groups < HELD_OUT_GROUPS or actions < HELD_OUT_ACTIONS:
        least = f"{HELD_OUT_GROUPS} groups and {HELD_OUT_ACTIONS} actions"
        return 0.0, f"{counted} are too few to set some aside for choosing thresholds; from {least} on, some are"
    part = 0.2 if groups < LARGE_VIDEOS else 0.15
    return part, f"{round(part * groups):,} of {counted} are not trained on: thresholds are chosen on them"


def schedule_choices(measured: Measured, *, window: int) -> dict[str, Choice]:
    """Held-out part, batch size, epochs, rates and averaging, from the number of optimizer steps."""
    part, why = hold_out(measured)
    choices = {"data.hold_out": Choice(part, why)}
    if measured.widen_points:
        events = amount(measured.points, "event")
        reason = f"seconds; {events} without length become segments, short enough to stay apart from the next"
        choices["data.widen_points"] = Choice(measured.widen_points, reason)
    trained = max(len(measured.videos) - round(part * len(measured.videos)), 1)
    batch = _batch_size(trained, window)
    per_epoch = max(trained // batch, 1)
    target = min(max(STEPS_PER_ROOT * sqrt(len(measured.seconds)), 800), 12_000)
    epochs = _rounded(min(max(target / per_epoch, 15), 400))
    steps = epochs * per_epoch
    decay = min(EMA_DECAYS, key=lambda decay: abs((1 - decay) * steps - 10))
    large = is_large(measured)
    warmup = epochs // 2 if large else max(epochs // 10, 1)
    choices |= {
        "training.epochs": Choice(epochs, f"{amount(per_epoch, 'step')} per epoch, {steps:,} in all"),
        "training.warmup_epochs": Choice(warmup, "half of them, as in the paper" if large else "a tenth of them"),
        "training.batch_size": Choice(batch, f"{amount(trained, 'video')} to train on, windows of {window:,} steps"),
        "training.learning_rate": Choice(
            1e-4 if large else 1e-3, "the paper's" if large else "small sets want it high"
        ),
        "training.weight_decay": Choice(0.025 if large else 0.05, "the paper's" if large else "as the recipe sbhar"),
        "training.ema_decay": Choice(
            decay, f"averages the last {1 / (1 - decay):,.0f} of {steps:,} steps, about a tenth"
        ),
    }
    if not large:
        reason = "epochs are short: processes that read ahead would take longer to start than the reading takes"
        choices["training.workers"] = Choice(0, reason)
        reason = "each channel of the features counts the same, whatever its scale"
        choices["model.standardize"] = Choice(True, reason)
        reason = "of a channel's deviation, on the features, against learning small sets by heart"
        choices["training.input_noise"] = Choice(0.3, reason)
    if (ratio := _imbalance(measured)) > UNBALANCED:
        (common, *_, rare) = measured.labels
        reason = f"{common!r} is {ratio:.0f} times as frequent as {rare!r}: rare labels weigh more"
        choices["training.class_balance"] = Choice(0.5, reason)
    return choices


def inference_choices(measured: Measured) -> dict[str, Choice]:
    """How many segments a video may have, and how much overlap soft-NMS tolerates, where it is that."""
    kept = next((n for n in (200, 500, 1000, 2000) if n >= 10 * measured.most), 2000)
    most = {"inference.max_segments": Choice(kept, f"a video has up to {amount(measured.most, 'action')}")}
    if are_moments(measured):
        return most
    part = measured.overlapping / max(len(measured.seconds), 1)
    sigma = 0.4 if not measured.overlapping else 0.5 if part < 0.1 else 0.7
    found = f"{share(measured.overlapping, len(measured.seconds))} of the actions overlap another of their label"
    reason = f"{found}; the more do, the less a neighbor's score may suffer"
    return most | {"inference.nms_sigma": Choice(sigma, reason)}


def note_amounts(measured: Measured) -> Iterator[str]:
    """What is to say about the amount of data."""
    if not len(measured.seconds):
        yield "no action is annotated: the settings are usual values, and there is nothing to learn from"
        return
    if len(measured.videos) == 1:
        yield "one video: nothing can show whether what is learned holds for another"
    part, why = hold_out(measured)
    if not part:
        yield f"no part is held out: {why}"
    if rare := [label for label, count in measured.labels.items() if count < 10]:
        names = ", ".join(f"{label} {measured.labels[label]}" for label in rare[:8])
        yield f"{amount(len(rare), 'label')} with fewer than 10 actions, hard to learn: {names}"
    labels = len(measured.labels)
    with_actions = sum(bool(video.actions) for video in measured.videos)
    if labels >= 50 and measured.of_one_label > 0.9 * with_actions:
        yield (
            f"{share(measured.of_one_label, with_actions)} of the videos have one of {labels} labels: a model of one "
            "class (model.class_agnostic: true) with labels for whole videos may do better, as on ActivityNet"
        )


def _batch_size(videos: int, window: int) -> int:
    """As many videos as keep a device busy, but at least eight batches in an epoch if there can be so many."""
    most = max(min(BATCH_STEPS // window, videos // 8, 16), min(2, videos))
    return int(2 ** (most.bit_length() - 1))


def _rounded(epochs: float) -> int:
    grain = 1 if epochs < 20 else 5 if epochs < 100 else 10
    return round(epochs / grain) * grain


def _imbalance(measured: Measured) -> float:
    counts = list(measured.labels.values())
    return counts[0] / counts[-1] if counts else 1.0
