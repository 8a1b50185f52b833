"""Our predictors with random weights, in any precision and as an exported model."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from benchmarks import material
from logotal.config import Config
from logotal.inference.pipeline import Pipeline
from logotal.inference.predictor import Predictor
from logotal.model.detector import Detector, build_detector
from logotal.recipes import merge, read_recipe
from logotal.runs.folder import Run

PUBLISHED = 2304
"""What the published code pads every video to."""


def configuration(
    *,
    recipe: str = "thumos14",
    preset: str | None = None,
    published: bool = False,
    keep: int = 200,
    channels: int = 2048,
    changes: Mapping[str, Any] | None = None,
) -> Config:
    """A recipe with a preset and changes; `published`: every video is padded, and blocks see the padding."""
    model: dict[str, Any] = {"input_channels": channels, "compat": PUBLISHED if published else None}
    overrides = merge({"model": model, "inference": {"max_segments": keep}}, changes or {})
    return read_recipe(recipe, overrides, preset=preset)


def network(config: Config) -> Detector:
    """A detector of 20 labels, whose scores and segments are spread as `material` says."""
    torch.manual_seed(0)
    detector = build_detector(config.model, num_labels=20).eval()
    channels, steps = config.model.input_channels or 0, 576
    with torch.no_grad():
        given = torch.randn(1, channels, steps, generator=torch.Generator().manual_seed(0))
        predictions = detector(given, torch.ones(1, 1, steps, dtype=torch.bool))
        last: Any = detector.classification.trunk.last.conv
        logits = predictions.logits.transpose(1, 2)[predictions.mask] - last.bias
        last.weight *= material.LOGIT_SPREAD / logits.std()
        direct: Any = getattr(detector.regression, "trunk", None)  # of a light head
        if direct is not None:
            direct.last.conv.bias += material.OFFSET
    return detector


def arithmetic(precision: str) -> torch.dtype:
    """Of `fp32`, `tf32` or `bf16`, for this process: what numbers are held in.

    GPUs multiply fp32 numbers in TF32 if asked for, and else not: left alone, PyTorch has convolutions do so.
    """
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    return torch.bfloat16 if precision == "bf16" else torch.float32


def finish(device: str) -> dict[str, Any]:
    """Waits for what a GPU still has to do, and tells the most memory that tensors held on it."""
    if not device.startswith("cuda"):
        return {}
    torch.cuda.synchronize(device)
    return {"peak": torch.cuda.max_memory_allocated(device)}


def predictor(config: Config, precision: str = "fp32", exported: str | None = None, device: str = "cpu") -> Any:
    """What `logotal.load` gives, in `fp32`, `tf32` or `bf16`, or with OpenVINO in either (`openvino-fp32`).

    `exported` is the file of the exported model, which is written where it is absent.
    """
    runtime, _, exact = precision.partition("-")
    if exact:
        return _exported(config, runtime, exact, exported)
    held = "bf16" if arithmetic(precision) == torch.bfloat16 else "fp32"
    pipeline = Pipeline(material.LABELS[:20], config, name="benchmark")
    return Predictor(network(config), pipeline, device=device, precision=held)


def _exported(config: Config, runtime: str, precision: str, exported: str | None) -> Any:
    """The network by way of `logotal export`."""
    from logotal.export.export import export  # noqa: PLC0415 - an extra
    from logotal.inference.onnx import OnnxPredictor  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        target = Path(exported or f"{folder}/model.onnx")
        if not target.exists():
            run = Run(Path(folder) / "run")
            run.folder.mkdir()
            run.write_setup(config, material.LABELS[:20], left_out=())
            run.write_model(network(config).state_dict(), {})
            export(run.folder, target)
        return OnnxPredictor(target, runtime=runtime, precision=precision)
