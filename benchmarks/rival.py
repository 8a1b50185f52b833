"""The jobs of the rival: the PyPI package actionformer 1.5.0, as its own scripts run it; nothing of logotal."""

import json
import random
import time
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch
from actionformer.modeling import meta_archs
from actionformer.utils import ANETdetection, ModelEma, make_optimizer, make_scheduler
from actionformer.utils import nms as rival_nms

from benchmarks import material
from benchmarks.rival_network import BUFFERED, OPTIMIZER, dataset, network, video
from benchmarks.worker import Job, Once, Stages

Prepared = tuple[Once, dict[str, Any]]


def detect(length: int, keep: int = 200, features: str | None = None) -> Prepared:
    """Features in memory, or in a .npy file, to segments in seconds."""
    model, stages = network(length, keep), Stages()
    for part in (model.backbone, model.neck, model.cls_head, model.reg_head):
        stages.watch(part, "forward", "forward")
    stages.watch(model, "inference_single_video", "decode")
    stages.watch(meta_archs, "batched_nms", "nms")
    held = None if features else material.features(length)

    def once() -> dict[str, Any]:
        raw = np.load(features).astype(np.float32) if features else held
        with torch.no_grad():
            found = model([video(raw)])[0]
        return {"stages": stages.take(), "kept": len(found["scores"])}

    return once, {"parameters": sum(parameter.numel() for parameter in model.parameters()), "nms": _nms_kind()}


def reference(out: str, length: int) -> Prepared:
    """Writes weights, outputs of the heads and detections for the comparison with ours."""
    model = network(length, 200)

    def once() -> dict[str, Any]:
        with torch.no_grad():
            batch = model.preprocessing([video(material.features(length))])
            levels = model.neck(*model.backbone(*batch))
            found = model([video(material.features(length))])[0]
            logits = torch.cat(model.cls_head(*levels), dim=-1)
            offsets = torch.cat(model.reg_head(*levels), dim=-1)
        torch.save({"weights": model.state_dict(), "logits": logits, "offsets": offsets, "found": found}, out)
        return {}

    return once, {}


def split(folder: str) -> Prepared:
    """All videos of a folder, read by their data set, one by one."""
    model, data = network(BUFFERED, 200), dataset(folder, training=False)

    def once() -> dict[str, Any]:
        with torch.no_grad():
            kept = [len(model([data[index]])[0]["scores"]) for index in range(len(data))]
        return {"kept": sum(kept)}

    return once, {"videos": len(data)}


def load(folder: str) -> Prepared:
    """One epoch of training windows, in batches of two as their network makes them."""
    data = dataset(folder, training=True)
    owner = types.SimpleNamespace(training=True, max_seq_len=2304, device="cpu")

    def once() -> dict[str, Any]:
        random.seed(0)
        for first in range(0, len(data) - 1, 2):
            meta_archs.PtTransformer.preprocessing(owner, [data[first], data[first + 1]])
        return {}

    return once, {"videos": len(data)}


def train(batches: list[list[int]]) -> Prepared:
    """Steps of their `train_one_epoch`: loss, gradient, clipping, AdamW, schedule, averaged weights."""
    model = network(2304, 200).train()
    optimizer = make_optimizer(model, OPTIMIZER)
    schedule, average = make_scheduler(optimizer, OPTIMIZER, 100), ModelEma(model)
    given = [[_window(length, row) for row, length in enumerate(lengths)] for lengths in batches]

    def once() -> dict[str, Any]:
        for batch in given:
            optimizer.zero_grad(set_to_none=True)
            loss = model(batch)["final_loss"]
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            average.update(model)
        return {"loss": loss.item()}

    return once, {}


def _window(length: int, row: int) -> dict[str, Any]:
    segments, labels = material.actions(length, row)
    found = {"segments": torch.from_numpy(segments), "labels": torch.from_numpy(labels)}
    return video(material.features(length)) | found


def suppress(candidates: str, keep: int, compiled: bool = True) -> Prepared:
    """Their multi-class soft-NMS, compiled or as the package runs without a compiler."""
    if compiled and not rival_nms.HAS_CPP_NMS:
        raise RuntimeError("nms_1d_cpu was not compiled")
    rival_nms.HAS_CPP_NMS = compiled
    loaded = np.load(candidates)
    given = [torch.from_numpy(loaded[name]) for name in ("segments", "scores", "labels")]

    def once() -> dict[str, Any]:
        segments, scores, labels = rival_nms.batched_nms(*given, 0.1, 0.001, keep, sigma=0.5)
        return {"found": material.listed(segments.numpy(), scores.numpy(), labels.numpy())}

    return once, {"nms": _nms_kind()}


def evaluate(folder: str, tious: list[float], every: int = 1) -> Prepared:
    """Their evaluator, mAP and recall@1x and @5x.

    It goes through data frames row by row. Where that takes too long (`every` above 1) it is given one detection in
    `every` and one in `2 * every`, in one process, and the time of all is put on the line through the two.
    """
    loaded = np.load(Path(folder) / "detections.npz")
    names = json.loads((Path(folder) / "videos.json").read_text())

    def judge(step: int, processes: int) -> list[float]:
        columns = {key: loaded[key][::step] for key in loaded}
        judging = ANETdetection(f"{folder}/annotations.json", "test", np.array(tious), num_workers=processes)
        given = {"video-id": [names[index] for index in columns["video"]], "t-start": columns["segment"][:, 0]}
        given |= {"t-end": columns["segment"][:, 1], "label": columns["label"], "score": columns["score"]}
        mean, _, recall = judging.evaluate(given, verbose=False)
        return [*mean.tolist(), *recall.ravel().tolist()]

    def once() -> dict[str, Any]:
        if every == 1:
            return {"numbers": judge(1, processes=8)}
        costs = []
        for step in (every, 2 * every):
            started = time.perf_counter()
            judge(step, processes=1)
            costs.append(time.perf_counter() - started)
        counts = [len(loaded["score"][::step]) for step in (every, 2 * every, 1)]
        each = (costs[0] - costs[1]) / (counts[0] - counts[1])
        return {"seconds": costs[0] + each * (counts[2] - counts[0])}

    if every == 1:
        judge(max(len(loaded["score"]) // 100, 1), processes=8)  # its processes start, which is not timed
    return once, {"detections": len(loaded["score"])}


def _nms_kind() -> str:
    return "C++" if rival_nms.HAS_CPP_NMS else "Python"


JOBS: dict[str, Job] = {
    "detect": detect,
    "reference": reference,
    "split": split,
    "load": load,
    "train": train,
    "suppress": suppress,
    "evaluate": evaluate,
}
