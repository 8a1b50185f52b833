"""What runs an exported network: onnxruntime, or OpenVINO. Both are extras, and load when they are asked for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logotal.errors import InputError
from logotal.files.onnx import opening, refuse_external_data
from logotal.openvino import PRECISION_HINTS, open_openvino

Array = NDArray[np.float32]
Outputs = Mapping[str, Array]
Network = Callable[[Array, NDArray[np.bool_]], Outputs]
"""Features (1, C, T) and mask (1, 1, T) to the outputs by name."""


def _onnxruntime(path: Path, precision: str) -> tuple[Network, Mapping[str, str]]:
    if precision != "fp32":
        raise InputError(f"onnxruntime computes in fp32 only, found precision {precision!r}; use --runtime openvino")
    try:
        import onnxruntime  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InputError("exported models need onnxruntime; install it with: pip install onnxruntime") from error
    with opening(path):
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        metadata = session.get_modelmeta().custom_metadata_map
    names = [output.name for output in session.get_outputs()]

    def run(features: Array, mask: NDArray[np.bool_]) -> Outputs:
        return dict(zip(names, session.run(names, {"features": features, "mask": mask}), strict=True))

    return run, metadata


def _openvino(path: Path, precision: str) -> tuple[Network, Mapping[str, str]]:
    refuse_external_data(path)
    core = open_openvino(precision)
    try:
        model = core.read_model(path)
    except RuntimeError as error:
        raise InputError(f"{path}: not an ONNX model ({' '.join(str(error).split())[:200]})") from error
    if precision == "bf16" and any(node.get_type_name() == "CumSum" for node in model.get_ops()):
        raise InputError(f"{path}: has running sums (logo.pool_window, fusion.down: avg), which bf16 spoils; use fp32")
    compiled = core.compile_model(model, "CPU", PRECISION_HINTS[precision])
    names = [output.any_name for output in compiled.outputs]

    def run(features: Array, mask: NDArray[np.bool_]) -> Outputs:
        found = compiled({"features": features, "mask": mask})
        return {name: np.asarray(found[name]) for name in names}

    framework: Any = model.get_rt_info(["framework"]).value if model.has_rt_info(["framework"]) else {}
    return run, {key: str(getattr(entry, "value", entry)) for key, entry in framework.items()}


RUNTIMES: dict[str, Callable[[Path, str], tuple[Network, Mapping[str, str]]]] = {
    "onnxruntime": _onnxruntime,
    "openvino": _openvino,
}
"""What opens a model at a path in a precision: the network, and the model's metadata."""
