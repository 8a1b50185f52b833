"""Image networks as backbones: each frame by itself."""

from jaxtyping import Float
from torch import Tensor, nn


class PerFrame(nn.Module):
    """An image network that is shown each frame of a clip by itself.

    Args:
        network: normalized images (N, 3, S, S) to (N, C), (N, C, h, w) or (N, tokens, C).
        channels: C, where it is known before the network has seen an image.
    """

    def __init__(self, network: nn.Module, channels: int | None = None) -> None:
        super().__init__()
        self.network = network
        self.channels = channels

    def features(self, clips: Float[Tensor, "B 3 T S S"]) -> Float[Tensor, "B C"]:
        """Mean over the frames of a clip, and over all that the network gives of each."""
        images = clips.transpose(1, 2).flatten(0, 1)
        made = pooled(self.network(images))
        return made.view(clips.shape[0], -1, made.shape[1]).mean(dim=1)


def pooled(outputs: Tensor) -> Float[Tensor, "N C"]:
    """Mean over space or tokens, in float32 whatever the network computes with."""
    outputs = outputs.float()
    if outputs.ndim == 4:
        return outputs.mean(dim=(2, 3))
    return outputs.mean(dim=1) if outputs.ndim == 3 else outputs
