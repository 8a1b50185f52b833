"""Networks of our own run by OpenVINO (extra `openvino`) on a CPU: the same features of clips in less time.

Export sees plain layers (`torch.compiler.is_exporting`): OpenVINO has no use for what makes PyTorch fast.
"""

import warnings
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from logotal.openvino import PRECISION_HINTS, open_openvino


class OpenVinoNetwork(nn.Module):
    """A network of ours whose features of clips OpenVINO computes, in one arithmetic.

    Args:
        network: in evaluation mode, on the CPU.
        arithmetic: `fp32` or `bf16`.

    Raises:
        InputError: OpenVINO is not installed, or does not compute so on this processor.
    """

    def __init__(self, network: nn.Module, arithmetic: str) -> None:
        super().__init__()
        self.core = open_openvino(arithmetic)
        self.network = network
        self.arithmetic = arithmetic
        self.compiled: dict[object, Callable[[Sequence[Tensor]], Tensor]] = {}

    def features(self, *clips: Float[Tensor, "B K T S S"]) -> Float[Tensor, "B C"]:
        """The features of clips of each stream of the network; compiles it for the first of their size."""
        size = tuple(stream.shape[1:] for stream in clips)
        if size not in self.compiled:
            self.compiled[size] = self._compile(clips)
        return self.compiled[size](clips)

    def _compile(self, clips: Sequence[Tensor]) -> Callable[[Sequence[Tensor]], Tensor]:
        import openvino  # noqa: PLC0415 - an extra

        given = [torch.zeros(2, *stream.shape[1:]) for stream in clips]  # one alone would be a case of its own
        batch = torch.export.Dim("batch")
        with warnings.catch_warnings(), torch.autocast("cpu", enabled=False):  # OpenVINO rounds to bf16 by itself
            warnings.simplefilter("ignore")  # the exporter's, about itself
            sizes = ([{0: batch} for _ in given],)
            program = torch.export.export(_Features(self.network), (given,), dynamic_shapes=sizes, strict=False)
            model = openvino.convert_model(program)
        shapes = [openvino.PartialShape([-1, *stream.shape[1:]]) for stream in clips]
        model.reshape(dict(zip(model.inputs, shapes, strict=True)))
        settings = {
            **PRECISION_HINTS[self.arithmetic],
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,  # or all processes would take the same cores
        }
        compiled = self.core.compile_model(model, "CPU", settings)

        def run(clips: Sequence[Tensor]) -> Tensor:
            made = compiled([stream.float().contiguous().numpy() for stream in clips], share_inputs=True)
            return torch.from_numpy(made[0])

        return run


class _Features(nn.Module):
    """The features of a network as what it is called for."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, clips: Sequence[Tensor]) -> Tensor:
        """Clips of each stream to features."""
        features: Tensor = self.network.features(*clips)  # type: ignore[operator]
        return features
