"""Checkpoints and YAML in the form that ActionFormer, TriDet and TemporalMaxer release, with the golden weights."""

import json
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor

from tests.model.golden import Arrays, golden

ORIGINS = {
    "actionformer": "actionformer",
    "actionformer_anet": "actionformer",
    "tridet": "tridet",
    "tridet_anet": "tridet",
    "temporalmaxer": "temporalmaxer",
    "actionformer_padded": "actionformer",
    "tridet_padded": "tridet",
    "temporalmaxer_padded": "temporalmaxer",
}


def weights(arrays: Arrays) -> dict[str, Tensor]:
    """The published state dict."""
    return {key.removeprefix("weights/"): value for key, value in arrays.items() if key.startswith("weights/")}


def settings(configuration: dict[str, Any]) -> dict[str, Any]:
    """The YAML of the training that would have led there."""
    model = dict(configuration["model"])
    training, inference = model.pop("train_cfg"), model.pop("test_cfg")
    dataset = {
        "json_file": "./data/annotations.json",
        "feat_folder": "./data/features",
        "file_prefix": None,
        "file_ext": ".npy",
        "num_classes": model.pop("num_classes"),
        "input_dim": model.pop("input_dim"),
        "feat_stride": configuration["feat_stride"],
        "num_frames": configuration["feat_num_frames"],
        "default_fps": None,
        "trunc_thresh": 0.5,
        "crop_ratio": [0.9, 1.0],
        "max_seq_len": model.pop("max_seq_len"),
    }
    return {
        "dataset_name": "thumos",
        "train_split": ["validation"],
        "val_split": ["test"],
        "dataset": dataset,
        "model": model,
        "opt": {"learning_rate": 0.0001, "epochs": 30, "weight_decay": 0.05},
        "loader": {"batch_size": 2, "num_workers": 4},
        "train_cfg": training,
        "test_cfg": inference,
        "output_folder": "./ckpt/",
    }


def write_release(folder: Path, name: str) -> tuple[Path, Path, Path, Arrays, dict[str, Any]]:
    """Writes checkpoint, YAML and annotations as released; also gives the golden numbers."""
    arrays, configuration = golden(name)
    averaged = {f"module.{key}": value for key, value in weights(arrays).items()}  # what DataParallel leaves
    checkpoint = folder / "epoch_034.pth.tar"
    torch.save(
        {
            "epoch": 35,
            "state_dict": {key: value + 1 for key, value in averaged.items()},
            "scheduler": {"last_epoch": 35, "base_lrs": [1e-4]},
            "optimizer": {"state": {}, "param_groups": [{"lr": 1e-4, "params": [0]}]},
            "state_dict_ema": averaged,
        },
        checkpoint,
    )
    content = settings(configuration)
    (folder / "thumos_i3d.yaml").write_text(yaml.safe_dump(content))
    classes = configuration["model"]["num_classes"]
    labels = classes if classes > 1 else 5  # a class-agnostic network takes its labels from elsewhere
    splits = ["Validation", "Test", "Validation", "Test", "Test", "Validation", "Test"]
    database = {
        f"video_{i}": {
            "subset": subset,
            "duration": configuration["duration"],
            "fps": configuration["fps"],
            "annotations": [{"segment": [1, 2], "label": f"class {i}", "label_id": i}],
        }
        for i, subset in zip(range(labels), splits, strict=False)
    }
    (folder / "annotations.json").write_text(json.dumps({"database": database}))
    return checkpoint, folder / "thumos_i3d.yaml", folder / "annotations.json", arrays, configuration
