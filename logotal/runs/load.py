"""Loading: a trained model from a run folder, a project folder, an exported file or the Hugging Face hub.

Nothing here loads torch before a run is opened: exported models answer without it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from logotal.device import find_device
from logotal.errors import InputError
from logotal.files.remote import refuse_remote
from logotal.inference.any_predictor import AnyPredictor
from logotal.inference.operating_point import UNFITTED
from logotal.inference.pipeline import Pipeline
from logotal.inference.video_scores import read_video_scores
from logotal.places import CONFIG, run_folder
from logotal.runs.hub import fetch, hub_name

if TYPE_CHECKING:
    from logotal.inference.predictor import Predictor

RUNTIMES = ("onnxruntime", "openvino")
"""What runs an exported model."""

MODEL = "a model on the hub (OWNER/NAME), or one"


def load(
    path: str | Path,
    *,
    device: str | None = None,
    precision: str | None = None,
    video_scores: str | Path | None = None,
    backbone_weights: str | Path | Mapping[str, str | Path] | None = None,
    runtime: str = "onnxruntime",
) -> AnyPredictor:
    """The trained model in a run folder, in a file that `logotal export` wrote, or on the hub (`owner/name`).

    Args:
        path: what `logotal train` wrote, the project folder that it lies in, or an exported model (.onnx); a text of
            the form `owner/name` or `owner/name@revision` that is no folder here is a model on the hub.
        device: "cpu", "cuda", ...; the GPU where there is one if absent.
        precision: "auto", "fp32" or "bf16"; that of the configuration if absent, fp32 for an exported model.
        video_scores: JSON of external class scores; those that the configuration names if absent.
        backbone_weights: file of the network that makes features of videos, by stream where it has several; those that
            `logotal weights` fetched if absent.
        runtime: what runs an exported model: onnxruntime or openvino.

    Raises:
        InputError: the folder is not a finished run, its weights do not fit its configuration, there is no such
            precision, or a runtime is not installed.
    """
    refuse_remote(path, MODEL)
    if runtime not in RUNTIMES:
        raise InputError(f"--runtime: expected {' or '.join(RUNTIMES)}, found {runtime!r:.60}; take one of them")
    if str(path).endswith(".onnx"):
        from logotal.inference.onnx import OnnxPredictor  # noqa: PLC0415 - without torch

        return OnnxPredictor(path, runtime=runtime, precision=precision or "fp32", video_scores=video_scores)
    return load_run(
        path, device=device, precision=precision, video_scores=video_scores, backbone_weights=backbone_weights
    )


def load_run(
    path: str | Path,
    *,
    device: str | None = None,
    precision: str | None = None,
    video_scores: str | Path | None = None,
    backbone_weights: str | Path | Mapping[str, str | Path] | None = None,
) -> "Predictor":
    """The same for a run alone.

    Raises:
        InputError: see `load`.
    """
    from logotal.backbones.state import load_strictly  # noqa: PLC0415 - see above
    from logotal.inference.predictor import Predictor  # noqa: PLC0415
    from logotal.model.ensemble import build_network  # noqa: PLC0415
    from logotal.runs.folder import Run  # noqa: PLC0415

    device = find_device(device)  # before a model is fetched
    folder, on_hub = find_run(path)
    run = Run(folder)
    config, labels = run.config(), run.labels()
    if config.model.input_channels is None:
        raise InputError(f"{run.folder / CONFIG}: expected model.input_channels, found none; copy it from the training")
    detector = build_network(config.model, num_labels=len(labels))
    load_strictly(detector, run.weights(), f"{run.folder}: the weights do not fit config.yaml and labels.json")
    # A stranger's configuration says nothing about files here.
    scores = video_scores or (config.inference.video_scores if on_hub is None else None)
    pipeline = Pipeline(
        labels,
        config,
        video_scores=read_video_scores(Path(scores), labels) if scores is not None else None,
        classifier=run.classifier(),
        operating_point=run.operating_point() or UNFITTED,
        feature_recipe=run.feature_recipe(),
        name=on_hub or str(path),
        on_hub=on_hub,
    )
    return Predictor(detector, pipeline, device=device, precision=precision, backbone_weights=backbone_weights)


def find_run(path: str | Path) -> tuple[Path, str | None]:
    """The run folder that a path or the name of a model on the hub means, which is fetched if need be.

    Beside it OWNER/NAME@COMMIT of a model on the hub; None of a folder here.

    Raises:
        InputError: there is none.
    """
    refuse_remote(path, MODEL)
    if Path(path).is_dir():
        return run_folder(path), None
    if (name := hub_name(path)) is not None:
        return fetch(str(path), name)
    if Path(path).exists():
        raise InputError(f"{path}: expected a run folder, found a file; name the folder that `logotal train` wrote")
    from logotal.runs.folder import why_no_run  # noqa: PLC0415 - loads torch

    raise InputError(why_no_run(Path(path)))
