"""VideoMAE (Tong et al. 2022) through transformers: the model only, without its processors."""

import importlib
from pathlib import Path
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from logotal.errors import InputError

CLIP = 16, 224
"""Frames of a clip, and the side of a frame."""


class VideoMAE(nn.Module):
    """VideoMAE's encoder: normalized RGB clips (B, 3, T, S, S) to the mean of its tokens (B, C)."""

    input_channels = 3

    def __init__(self, encoder: nn.Module, channels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.channels = channels

    def features(self, clips: Float[Tensor, "B 3 T S S"]) -> Float[Tensor, "B C"]:
        """Mean over all tokens of the last layer."""
        tokens: Tensor = self.encoder(pixel_values=clips.transpose(1, 2)).last_hidden_state
        return tokens.mean(dim=1)


def load_videomae(location: str | Path) -> VideoMAE:
    """VideoMAE from a folder, or by OWNER/NAME from the Hugging Face hub, in evaluation mode.

    Raises:
        InputError: transformers is not installed, there is no such model, it is no VideoMAE, or it reads other clips.
    """
    try:
        transformers: Any = importlib.import_module("transformers")
    except ImportError:
        raise InputError("the backbone videomae needs transformers: pip install 'logotal[hf]'") from None
    try:
        config = transformers.AutoConfig.from_pretrained(str(location))
        if config.model_type != "videomae":
            raise InputError(f"{location}: expected a model of type videomae, found {config.model_type}")
        frames, pixels = config.num_frames, config.image_size
        if (frames, pixels) != CLIP:
            expected = f"{CLIP[0]} frames of {CLIP[1]} pixels"
            raise InputError(f"{location}: expected a model for {expected}, found one for {frames} of {pixels}")
        encoder = transformers.VideoMAEModel.from_pretrained(str(location))
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{location}: no VideoMAE folder, and not on the Hugging Face hub ({reason})") from error
    return VideoMAE(encoder, config.hidden_size).eval()
