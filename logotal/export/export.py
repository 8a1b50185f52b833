"""A run as one file for other runtimes: ONNX, or PyTorch's own exported program (.pt2); any length of video."""

import contextlib
import io
import json
import logging
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.fx.experimental import _config

from logotal.config import ModelConfig
from logotal.errors import InputError
from logotal.files.target import check_target, marked, write_target
from logotal.inference.onnx import METADATA, shortest
from logotal.inference.operating_point import UNFITTED
from logotal.inference.runtimes import RUNTIMES
from logotal.model.ensemble import Network
from logotal.model.heads import find_head
from logotal.recipes import dump_config
from logotal.runs.load import load_run

FORMATS = ("onnx", "pt2")
TOLERANCE = 1e-4
"""Largest difference between an exported network and ours, relative to the largest output."""
TRIED = (0, 33, 436)
"""Steps beyond the shortest length, an odd number among them, at which the two are compared."""


class RawOutputs(nn.Module):
    """The network with plain tensors as its answer: logits, then those that its boundaries hold."""

    def __init__(self, detector: Network, tensors: Sequence[str]) -> None:
        super().__init__()
        self.detector = detector
        self.names = ("logits", *tensors)

    def forward(self, features: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """(1, C, T) and (1, 1, T) -> logits and the branches of the boundaries."""
        predictions = self.detector(features, mask)
        return (predictions.logits, *(getattr(predictions.boundaries, name) for name in self.names[1:]))


MODEL = marked("a model", METADATA.encode(), b'"feature_recipe"')


def export(run: str | Path, target: Path, to: str = "onnx", *, overwrite: bool = False) -> float:
    """Writes a trained model as one file, and returns by how much its outputs differ from ours.

    Args:
        run: a run folder, or a model on the hub.
        target: the file; its suffix is `to`.
        to: onnx or pt2.
        overwrite: replaces a file that is no exported model; a copy of it stays.

    Raises:
        InputError: no such format, a model that cannot be exported, one that came out different, or another file at the
            place.
    """
    if to not in FORMATS:
        raise InputError(f"no format {to!r}; choose one of {', '.join(FORMATS)}")
    check_target(target, MODEL, overwrite=overwrite)
    predictor = load_run(run, device="cpu", precision="fp32")
    model = predictor.config.model
    if model.compat is not None:
        raise InputError(
            f"{run}: answers by its padding (model.compat), which no export has; convert it with --padding none"
        )
    network = RawOutputs(predictor.detector, find_head(model.head).boundaries.tensors).eval()
    classifier, point = predictor.pipeline.classifier, predictor.pipeline.operating_point
    about = {
        "config": dump_config(predictor.config),
        "labels": list(predictor.labels),
        "feature_recipe": predictor.feature_recipe,
        "operating_point": None if point is UNFITTED else point.to_json(),
        "classifier": classifier.to_text() if classifier is not None else None,
    }
    program = _program(network, model, run)
    content = _onnx(program, network.names, about) if to == "onnx" else _pt2(program, about)
    difference = _compare(network, model, content, to)
    if not difference <= TOLERANCE:
        raise InputError(f"{run}: the exported network answers otherwise, by {difference:.1e}: a fault of ours")
    write_target(target, content, MODEL, overwrite=overwrite)
    return difference


def _program(network: RawOutputs, model: ModelConfig, run: str | Path) -> torch.export.ExportedProgram:
    least = shortest(model)
    length = torch.export.Dim("T", min=least)
    given = _example(model, 4 * least + 44)
    logging.getLogger("torch._subclasses.fake_tensor").setLevel(logging.CRITICAL)  # tracebacks of what we say ourselves
    try:
        with warnings.catch_warnings(), torch.no_grad(), _oblivious():
            warnings.simplefilter("ignore")
            return torch.export.export(
                network,
                given,
                dynamic_shapes={"features": {2: length}, "mask": {2: length}},
                # Lengths like ceil(T / 2) and floor((T - 1) / 2) + 1 are the same, which it cannot prove.
                prefer_deferred_runtime_asserts_over_guards=True,
            )
    except (RuntimeError, torch._dynamo.exc.UserError) as error:
        raise InputError(f"{run}: torch.export cannot trace this network: {_short(error)}") from error


def _oblivious() -> contextlib.AbstractContextManager[None]:
    """In which a level of one step, or of one block of attention, is no case of its own.

    Elsewhere every division of the length adds the condition that this is none of those; all of them together rule out
    short videos, or leave a single length. `torch.onnx.export` sets the same where it traces by itself.
    """
    patch: contextlib.AbstractContextManager[None] = _config.patch(backed_size_oblivious=True)  # type: ignore[attr-defined]
    return patch


def _example(model: ModelConfig, length: int, real: int | None = None) -> tuple[Tensor, Tensor]:
    channels = model.input_channels
    assert channels is not None
    generator = torch.Generator().manual_seed(length)
    mask = torch.zeros(1, 1, length, dtype=torch.bool)
    mask[..., :real] = True
    return torch.randn(1, channels, length, generator=generator) * mask, mask


def _onnx(program: torch.export.ExportedProgram, names: Sequence[str], about: Mapping[str, object]) -> bytes:
    try:
        import onnxscript  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise InputError("ONNX export needs more packages; install them with: pip install 'logotal[onnx]'") from error
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(io.StringIO()):  # it tells each of its steps
            converted = torch.onnx.export(
                program, dynamo=True, verbose=False, input_names=["features", "mask"], output_names=list(names)
            )
        assert converted is not None
        for node in converted.model.graph:
            node.metadata_props.clear()  # where in our source each comes from, with the paths of this machine
        converted.model.metadata_props[METADATA] = json.dumps(about)
        converted.save(Path(folder) / "model.onnx", external_data=False)
        return (Path(folder) / "model.onnx").read_bytes()


def _pt2(program: torch.export.ExportedProgram, about: Mapping[str, object]) -> bytes:
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # the paths of this machine
    buffer = io.BytesIO()
    torch.export.save(program, buffer, extra_files={f"{METADATA}.json": json.dumps(about)})
    return buffer.getvalue()


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _onnx_network(path: Path, names: Sequence[str]) -> Callable[[Tensor, Tensor], tuple[Tensor, ...]]:
    network = RUNTIMES["onnxruntime"](path, "fp32")[0]

    def answer(features: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        found = network(features.numpy(), mask.numpy())
        return tuple(torch.from_numpy(found[name]) for name in names)

    return answer


def _compare(network: RawOutputs, model: ModelConfig, content: bytes, to: str) -> float:
    """The largest difference of any output at several lengths, one of them with padding."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{to}"
        path.write_bytes(content)
        answer = _onnx_network(path, network.names) if to == "onnx" else torch.export.load(path).module()
        worst = 0.0
        for length in (shortest(model) + more for more in TRIED):
            features, mask = _example(model, length, length - 7)
            with torch.no_grad():
                expected = network(features, mask)
            for ours, theirs in zip(expected, answer(features, mask), strict=True):
                apart = float((theirs - ours).abs().max())
                worst = max(worst, apart / max(float(ours.abs().max()), 1.0))
    return worst
