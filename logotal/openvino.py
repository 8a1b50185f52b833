"""OpenVINO on the CPU (extra `openvino`), opened once for the whole process.

Its CPU plugin gives the thread that loads it other memory to handle signals on, and takes that memory away with itself.
Where another thread is the last to let go of it, the next signal, such as Ctrl-C, is a segmentation fault. So it stays.
"""

from functools import cache
from typing import Any

from logotal.errors import InputError

PRECISION_HINTS = {"fp32": {"INFERENCE_PRECISION_HINT": "f32"}, "bf16": {"INFERENCE_PRECISION_HINT": "bf16"}}
"""Settings of a compiled model: by itself OpenVINO computes in bf16 where the processor has it, off by 1e-2."""


def open_openvino(precision: str) -> Any:
    """The `openvino.Core` of this process, for work in `fp32` or `bf16`.

    Raises:
        InputError: OpenVINO is not installed, or does not compute so on this processor.
    """
    try:
        core = _core()
    except ImportError:
        raise InputError("install OpenVINO with: pip install 'logotal[openvino]'") from None
    able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "bf16" and "BF16" not in able:  # it would compute in fp32 and not say so
        raise InputError(f"precision bf16: OpenVINO finds only {', '.join(able)} in this processor; use fp32")
    return core


@cache
def _core() -> Any:
    import openvino  # noqa: PLC0415 - an extra

    return openvino.Core()
