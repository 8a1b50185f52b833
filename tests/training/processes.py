"""Trainings that tell of every step, in one process or, with `python -m tests.training.processes DATA OUT`, in two."""

import sys
from pathlib import Path
from typing import Any, get_args
from unittest import mock

import torch
from safetensors.torch import load_file

import logotal
from logotal.config import Config, TrainingConfig
from logotal.inference.predictor import Predictor
from logotal.places import METRICS, WEIGHTS
from logotal.runs.train import train
from logotal.training.engine.learner import Learner
from logotal.training.world import first_process
from tests.training.small import small_config

NORMALIZERS: tuple[str, ...] = get_args(TrainingConfig.model_fields["normalizer"].annotation)

Record = dict[str, Any]


def config(data: Path, normalizer: str, *, devices: int) -> Config:
    """A training in steps of 4 videos, however many processes share them, without noise, which each draws anew."""
    return small_config(
        data,
        model={"drop_path": 0},
        data={"hold_out": 0.25},
        training={
            "normalizer": normalizer,
            "devices": devices,
            "batch_size": 4,
            "epochs": 2,
            "input_noise": 0,
            "learning_rate": 0.001,
            "warmup_epochs": 0,
        },
    )


def told(data: Path, folder: Path, normalizer: str, *, devices: int) -> Record:
    """Trains and evaluates; what this process saw of it."""
    steps: list[Record] = []
    scored: list[list[str]] = []
    clip, detect = Learner.configure_gradient_clipping, Predictor.detect_dataset

    def clip_and_tell(learner: Learner, *args: Any, **options: Any) -> None:
        weights = [parameter.detach().flatten() for parameter in learner.parameters()]
        gradient = [parameter.grad.flatten() for parameter in learner.parameters() if parameter.grad is not None]
        normalizer = learner.criterion.normalizer.clone()
        steps.append({"weights": torch.cat(weights), "gradient": torch.cat(gradient), "normalizer": normalizer})
        clip(learner, *args, **options)

    def detect_and_tell(predictor: Predictor, dataset: Any, *args: Any) -> Any:
        scored.append([video.id for video in dataset.videos])
        return detect(predictor, dataset, *args)

    with (
        mock.patch.object(Learner, "configure_gradient_clipping", clip_and_tell),
        mock.patch.object(Predictor, "detect_dataset", detect_and_tell),
    ):
        run = train(config(data, normalizer, devices=devices), folder)
        held_out, scored = scored, []
        evaluation = logotal.evaluate(run.folder)
    return {
        "steps": steps,
        "averages": torch.cat([value.flatten() for value in load_file(folder / WEIGHTS).values()]),
        "metrics": (folder / METRICS).read_text(),
        "held_out": held_out,
        "scored": scored,
        "timelines": [timeline.video for timeline in evaluation.detected.timelines],
        "counts": evaluation.result.to_json()["counts"],
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    data, out = map(Path, sys.argv[1:])
    for name in NORMALIZERS:
        record = told(data, out / name, name, devices=2)
        torch.save(record, out / f"{name}-{0 if first_process() else 1}.pt")
