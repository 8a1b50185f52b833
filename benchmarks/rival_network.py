"""The rival's network and data set, with random weights and the published settings.

The package does not ship its configuration files; what `SETTINGS` adds to its defaults is the published configuration
of ActionFormer for THUMOS14 with I3D features.
"""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from actionformer.core.config import load_default_config
from actionformer.datasets import make_dataset
from actionformer.modeling import make_meta_arch

from benchmarks import material

SETTINGS: dict[str, dict[str, Any]] = {
    "dataset": {"input_dim": 2048, "num_classes": 20, "max_seq_len": 2304},
    "model": {"n_mha_win_size": 19, "max_buffer_len_factor": 6.0},
    "train_cfg": {"init_loss_norm": 100, "clip_grad_l2norm": 1.0},
    "test_cfg": {"pre_nms_topk": 2000, "max_seg_num": 200, "min_score": 0.001, "voting_thresh": 0.7},
}
OPTIMIZER: dict[str, Any] = load_default_config()["opt"] | {"learning_rate": 1e-4, "weight_decay": 0.05}
BUFFERED = 13_824
"""Steps up to which its points reach (6 times 2304); longer videos need a larger factor."""


def network(length: int, keep: int) -> Any:
    """Their detector with random weights, whose scores and segments are spread as `material` says."""
    settings = copy.deepcopy(load_default_config())
    for section, values in SETTINGS.items():
        settings[section].update(values)
    settings["test_cfg"]["max_seg_num"] = keep
    if length > BUFFERED:
        settings["model"]["max_buffer_len_factor"] = float(-(-length // 2304) + 1)
    dataset = settings["dataset"]
    model = settings["model"] | {key: dataset[key] for key in ("input_dim", "num_classes", "max_seq_len")}
    torch.manual_seed(0)
    built = make_meta_arch(
        "LocPointTransformer", **model, train_cfg=settings["train_cfg"], test_cfg=settings["test_cfg"]
    ).eval()
    with torch.no_grad():
        given = torch.randn(1, 2048, 576, generator=torch.Generator().manual_seed(0))
        levels = built.neck(*built.backbone(given, torch.ones(1, 1, 576, dtype=torch.bool)))
        last = built.cls_head.cls_head.conv
        logits = torch.cat(built.cls_head(*levels), dim=-1) - last.bias[:, None]
        last.weight *= material.LOGIT_SPREAD / logits.std()
        built.reg_head.offset_head.conv.bias += material.OFFSET
    return built


def video(features: np.ndarray, name: str = "video") -> dict[str, Any]:
    """What their data set gives for features (T, C)."""
    return {
        "video_id": name,
        "feats": torch.from_numpy(np.ascontiguousarray(features.transpose())),
        "segments": None,
        "labels": None,
        "fps": 30.0,
        "duration": (len(features) * 4 + 12) / 30.0,
        "feat_stride": 4,
        "feat_num_frames": 16,
    }


def dataset(folder: str, *, training: bool) -> Any:
    """Their THUMOS14 data set on the files of `material.write_split`."""
    return make_dataset(
        "thumos",
        training,
        ("test",),
        feat_folder=str(Path(folder) / "features"),
        json_file=str(Path(folder) / "annotations.json"),
        feat_stride=4,
        num_frames=16,
        default_fps=None,
        downsample_rate=1,
        max_seq_len=2304,
        trunc_thresh=0.5,
        crop_ratio=[0.9, 1.0] if training else None,
        input_dim=2048,
        num_classes=20,
        file_prefix=None,
        file_ext=".npy",
        force_upsampling=False,
    )
