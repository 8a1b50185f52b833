"""Tiny models with random weights, one of each family that `image:` and `video:` are for, as they lie on the hub."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
SQUARE = {"size": {"height": 32, "width": 32}, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.25, 0.5]}
CUT = SQUARE | {"size": {"shortest_edge": 40}, "crop_size": {"height": 32, "width": 32}, "do_center_crop": True}


def write_model(folder: Path, family: str, processor: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Writes a model of a family with what its processor is set to, and gives it in evaluation mode."""
    transformers = pytest.importorskip("transformers", reason="needs the extra hf")
    torch.manual_seed(0)
    model = getattr(transformers, f"{family}Model")(_config(transformers, family, changes)).eval()
    model.save_pretrained(folder)
    name = "video_preprocessor_config.json" if family == "VJEPA2" else "preprocessor_config.json"
    (folder / name).write_text(json.dumps(processor or (CUT if family in ("CLIP", "VJEPA2") else SQUARE)))
    return model


def _config(transformers: Any, family: str, changes: dict[str, Any]) -> Any:
    image = SIZES | {"image_size": 32, "patch_size": 8}
    options: dict[str, Any] = {
        "CLIP": {"vision_config": image, "text_config": SIZES | {"vocab_size": 99}, "projection_dim": 16},
        "Siglip": {"vision_config": image, "text_config": SIZES | {"vocab_size": 99}},
        "DINOv3ViT": image,
        "DINOv3ConvNext": {"hidden_sizes": [8, 12, 16, 24], "depths": [1, 1, 1, 1], "image_size": 32},
        "ViT": image,
        "VideoMAE": image | {"num_frames": 4, "use_mean_pooling": False},
        "Timesformer": image | {"num_frames": 3},
        "Vivit": image | {"num_frames": 4, "tubelet_size": [2, 8, 8]},
        "VJEPA2": {
            **{key: SIZES[key] for key in ("hidden_size", "num_hidden_layers", "num_attention_heads")},
            **{"crop_size": 32, "patch_size": 8, "frames_per_clip": 6, "mlp_ratio": 1.5},
            **{"pred_hidden_size": 24, "pred_num_attention_heads": 2, "pred_num_hidden_layers": 1},
        },
    }[family]
    return getattr(transformers, f"{family}Config")(**options | changes)
