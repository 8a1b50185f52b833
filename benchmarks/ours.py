"""Our jobs, by the same names and options as the rival's."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import material
from benchmarks.our_agreement import agree
from benchmarks.our_network import arithmetic, configuration, finish, network, predictor
from benchmarks.worker import Job, Once, Stages
from logotal.config import Config
from logotal.data.batch import Sample, collate
from logotal.data.dataset import EpochOrder, TrainingWindows, WholeVideos
from logotal.data.features import FeatureFolder
from logotal.data.grid import FeatureGrid
from logotal.evaluation.evaluate import evaluate as evaluate_timelines
from logotal.evaluation.protocols import PROTOCOLS
from logotal.formats.annotations import read_annotations
from logotal.inference import onnx, pipeline
from logotal.inference import predictor as predictor_module
from logotal.inference.candidates import Candidates
from logotal.inference.nms import suppress as suppress_candidates
from logotal.inference.predictor import Predictor
from logotal.timeline import Action, Timeline

Prepared = tuple[Once, dict[str, Any]]


def detect(
    length: int,
    *,
    features: str | None = None,
    precision: str = "fp32",
    exported: str | None = None,
    device: str = "cpu",
    **network_options: Any,
) -> Prepared:
    """Features in memory, or in a .npy file, to a timeline."""
    config = configuration(**network_options)
    ours, stages = predictor(config, precision, exported, device), Stages()
    if device == "cpu":  # a GPU is still at its work when the host has gone on
        stages.watch(ours, "detector" if isinstance(ours, Predictor) else "network", "forward")
        for module in (predictor_module, onnx):
            stages.watch(module, "decode", "decode")
        stages.watch(pipeline, "suppress", "nms")
    held: Any = features or material.features(length, config.model.input_channels or 0)

    def once() -> dict[str, Any]:
        timeline = ours.detect(held, fps=30.0, everything=True)
        return {"stages": stages.take(), "kept": len(timeline), **finish(device)}

    return once, {}


WAYS: dict[str, dict[str, Any]] = {"compiled": {}, "compiled, CUDA graphs": {"mode": "reduce-overhead"}}
"""How `torch.compile` is asked for a network."""


def forward(
    batch: int, length: int, precision: str, device: str, way: str | None = None, **network_options: Any
) -> Prepared:
    """The network alone, on features that lie on the device; as it is, or compiled."""
    config = configuration(**network_options)
    dtype = arithmetic(precision)
    detector: Any = network(config).to(device, dtype)
    if way is not None:
        detector = torch.compile(detector, **WAYS[way])
    features = torch.randn(batch, length, config.model.input_channels or 0).to(device, dtype).mT
    real = torch.ones(batch, 1, length, dtype=torch.bool, device=device)

    @torch.no_grad()
    def once() -> dict[str, Any]:
        detector(features, real)
        return finish(device)

    return once, {}


def _source(folder: str, config: Config) -> tuple[Any, FeatureFolder, dict[str, int]]:
    annotations = read_annotations(Path(folder) / "annotations.json")
    index = {label: row for row, label in enumerate(annotations.labels)}
    return annotations.split("Test"), FeatureFolder(Path(folder) / "features", channels=2048), index


def split(folder: str, precision: str = "fp32", exported: str | None = None, **network_options: Any) -> Prepared:
    """All videos of a folder, as `logotal evaluate` detects them; exported models one by one."""
    config = configuration(**network_options)
    ours = predictor(config, precision, exported)
    videos, features, index = _source(folder, config)
    data = WholeVideos(videos, features, config.data, index)

    def once() -> dict[str, Any]:
        if hasattr(ours, "detect_dataset"):
            return {"kept": sum(map(len, ours.detect_dataset(data)))}
        return {"kept": sum(len(ours.detect(features.path(video.id), fps=30.0, everything=True)) for video in videos)}

    return once, {"videos": len(videos)}


def load(folder: str) -> Prepared:
    """One epoch of training windows in batches of two."""
    config = configuration()
    videos, features, index = _source(folder, config)
    data = TrainingWindows(videos, features, config.data, index, seed=0)

    def once() -> dict[str, Any]:
        order = list(EpochOrder(len(data), epoch=0, seed=0))
        for first in range(0, len(order) - 1, 2):
            collate([data[order[first]], data[order[first + 1]]])
        return {}

    return once, {"videos": len(data)}


def train(batches: list[list[int]], precision: str = "fp32", device: str = "cpu", **network_options: Any) -> Prepared:
    """Steps as our engine makes them: loss, gradient, clipping, AdamW, schedule, averaged weights."""
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn  # noqa: PLC0415

    from logotal.training.engine.learner import Learner  # noqa: PLC0415 - Lightning, in this job alone

    config = configuration(**network_options)
    arithmetic(precision)
    learner: Any = Learner(network(config).train(), config, num_classes=20, steps_per_epoch=100).to(device)
    learner.log = learner.log_dict = lambda *args, **kwargs: None  # nobody listens
    made = learner.configure_optimizers()
    optimizer, schedule = made["optimizer"], made["lr_scheduler"]["scheduler"]
    average = AveragedModel(learner, multi_avg_fn=get_ema_multi_avg_fn(0.999))  # type: ignore[no-untyped-call]
    given = [collate([_window(length, row) for row, length in enumerate(lengths)]) for lengths in batches]
    given = [batch.to(torch.device(device)) for batch in given]

    def once() -> dict[str, Any]:
        for batch in given:
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device, dtype=torch.bfloat16, enabled=precision == "bf16"):
                loss = learner.training_step(batch, 0)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learner.parameters(), config.training.clip_gradient_norm)
            optimizer.step()
            schedule.step()
            average.update_parameters(learner)
        return {"loss": loss.item(), **finish(device)}

    return once, {}


def _window(length: int, row: int) -> Sample:
    segments, labels = material.actions(length, row)
    features = torch.from_numpy(np.ascontiguousarray(material.features(length).T))
    grid = FeatureGrid(fps=30.0, clip_stride=4, clip_frames=16)
    return Sample(f"video {row}", features, torch.from_numpy(segments), torch.from_numpy(labels), grid, None)


def suppress(candidates: str, keep: int) -> Prepared:
    """Soft-NMS over all classes in one pass."""
    loaded = np.load(candidates)
    given = Candidates(loaded["segments"].astype(float), loaded["scores"].astype(float), loaded["labels"])
    config = configuration(keep=keep).inference

    def once() -> dict[str, Any]:
        kept = suppress_candidates(given, config)
        return {"found": material.listed(kept.segments, kept.scores, kept.labels)}

    return once, {}


def evaluate(folder: str, tious: list[float], every: int = 1) -> Prepared:
    """MAP and recall@1x and @5x of the same detections, held as timelines."""
    loaded = np.load(Path(folder) / "detections.npz")
    columns = {key: loaded[key][::every] for key in loaded}
    names: list[str] = json.loads((Path(folder) / "videos.json").read_text())
    found: dict[int, list[Action]] = {index: [] for index in range(len(names))}
    listed = zip(*(columns[key].tolist() for key in ("video", "segment", "label", "score")), strict=True)
    for video, (start, end), label, score in listed:
        found[video].append(Action(start, end, material.LABELS[label], score))
    timelines = [Timeline(names[video], tuple(actions)) for video, actions in found.items()]
    # They compute no AR@AN.
    protocol = dataclasses.replace(PROTOCOLS["thumos14"], averages={"all": tuple(tious)}, average_numbers=())

    def once() -> dict[str, Any]:
        result = evaluate_timelines(read_annotations(Path(folder) / "annotations.json"), timelines, protocol)
        means = list(result.mean_average_precision.values())
        recall = np.stack([list(result.mean_recall(k).values()) for k in (1, 5)], axis=1)
        return {"numbers": [*means, *recall.ravel().tolist()]}

    return once, {"detections": len(columns["score"])}


JOBS: dict[str, Job] = {
    "detect": detect,
    "forward": forward,
    "agree": agree,
    "split": split,
    "load": load,
    "train": train,
    "suppress": suppress,
    "evaluate": evaluate,
}
