"""Loading: a trained model from a run folder, a project folder or the Hugging Face hub."""

from pathlib import Path

import torch

from logotal.errors import InputError
from logotal.inference.operating_point import UNFITTED
from logotal.inference.pipeline import Pipeline
from logotal.inference.predictor import Predictor, Weights
from logotal.inference.video_scores import read_video_scores
from logotal.model.detector import build_detector
from logotal.places import run_folder
from logotal.runs.folder import Run


def load(
    path: str | Path,
    *,
    device: str | None = None,
    precision: str | None = None,
    video_scores: Path | None = None,
    backbone_weights: Weights = None,
) -> Predictor:
    """The trained model in a run folder, or in a repository of the Hugging Face hub (`owner/name`).

    Args:
        path: what `logotal train` wrote, or the project folder that it lies in.
        device: "cpu", "cuda", ...; the GPU where there is one if absent.
        precision: "auto", "fp32" or "bf16"; that of the configuration if absent.
        video_scores: JSON of external class scores; those that the configuration names if absent.
        backbone_weights: file of the network that makes features of videos, by stream where it has several; those that
            `logotal weights` fetched if absent.

    Raises:
        InputError: the folder is not a finished run, its weights do not fit its configuration, or there is no such
            precision.
    """
    run = Run(_local(path))
    config, labels = run.config(), run.labels()
    detector = build_detector(config.model, num_labels=len(labels))
    try:
        detector.load_state_dict(run.weights())
    except RuntimeError as error:
        first = str(error).split("\n\t")[1:2] or [str(error)]
        raise InputError(f"{run.folder}: the weights do not fit config.yaml and labels.json: {first[0]}") from error
    scores = video_scores or config.inference.video_scores
    pipeline = Pipeline(
        labels,
        config,
        video_scores=read_video_scores(scores, labels) if scores is not None else None,
        classifier=run.classifier(),
        operating_point=run.operating_point() or UNFITTED,
        feature_recipe=run.feature_recipe(),
        name=str(path),
    )
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    return Predictor(detector, pipeline, device=device, precision=precision, backbone_weights=backbone_weights)


def _local(path: str | Path) -> Path:
    if Path(path).is_dir():
        return run_folder(path)
    if isinstance(path, Path) or path.count("/") != 1 or path.startswith((".", "/")):
        raise InputError(f"{path}: no such run folder; name the folder that `logotal train` wrote")
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only for models that are not on disk
    from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415

    try:
        return Path(snapshot_download(path, allow_patterns=["*.yaml", "*.json", "*.safetensors"]))
    except (HfHubHTTPError, OSError) as error:
        raise InputError(f"{path}: neither a run folder nor a model on the hub ({type(error).__name__})") from error
