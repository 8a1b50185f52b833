"""Vision models through transformers (extra `hf`): from a folder, or by OWNER/NAME from the Hugging Face hub.

What a model is shown follows from its own files: frames per clip from its configuration; size and normalization from
that of its processor, which is read but not run. No code of a model's repository runs.
"""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from logotal.backbones.images import PerFrame, pooled
from logotal.errors import InputError
from logotal.files.json import as_object, read_json
from logotal.words import amount

VIDEO = ("videomae", "timesformer", "vivit", "vjepa2")
"""Types of models that read clips."""

PROCESSORS = ("video_preprocessor_config.json", "preprocessor_config.json", "processor_config.json")
"""Where a model's files say how frames are prepared; the last holds it under one of `PARTS`."""

PARTS = ("video_processor", "image_processor")


class Images(nn.Module):
    """An image encoder: normalized images (N, 3, S, S) to its pooled output, or to its tokens where it has none."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, images: Float[Tensor, "N 3 S S"]) -> Tensor:
        """(N, C), or what `pooled` takes the mean of."""
        made: Any = self.encoder(pixel_values=images)
        one = getattr(made, "pooler_output", None)
        result: Tensor = made.last_hidden_state if one is None else one
        return result.flatten(1) if one is not None else result  # convolutional ones pool to (N, C, 1, 1)


class Clips(nn.Module):
    """A video encoder: normalized clips (B, 3, T, S, S) to the mean of its tokens (B, C)."""

    def __init__(self, encoder: nn.Module, argument: str) -> None:
        super().__init__()
        self.encoder = encoder
        self.argument = argument

    def features(self, clips: Float[Tensor, "B 3 T S S"]) -> Float[Tensor, "B C"]:
        """Mean over all tokens of the last layer."""
        made: Any = self.encoder(**{self.argument: clips.transpose(1, 2)})
        return pooled(made.last_hidden_state)


def read_config(location: str, *, video: bool) -> Any:
    """The configuration of a model of the wanted kind.

    Raises:
        InputError: transformers is not installed, there is no such model, or it is of another kind.
    """
    config = _asked("AutoConfig", location)
    if video and config.model_type not in VIDEO:
        raise InputError(
            f"{location}: expected a video model ({', '.join(VIDEO)}), found {config.model_type}; "
            "models of single frames are named image:"
        )
    if not video and config.model_type in VIDEO:
        raise InputError(f"{location}: expected an image model, found {config.model_type}; name it video:{location}")
    return config


def read_processor(location: str) -> Mapping[str, Any]:
    """How a model's files say that frames are prepared; empty where they do not.

    Raises:
        InputError: one of them holds something else than settings.
    """
    hub: Any = importlib.import_module("transformers.utils.hub")
    for name in PROCESSORS:
        path = hub.cached_file(
            location, name, _raise_exceptions_for_missing_entries=False, _raise_exceptions_for_connection_errors=False
        )
        content = {} if path is None else as_object(read_json(Path(path)), str(path))
        nested = [content[part] for part in PARTS if isinstance(content.get(part), dict)]
        if found := nested[0] if nested else content if "image_mean" in content else None:
            return found
    return {}


def load_images(location: str) -> PerFrame:
    """An image model, or the image tower of one of images and text, without its weights for text."""
    return PerFrame(Images(_encoder(location, "vision_model")[0]))


def load_clips(location: str) -> Clips:
    """A video model, of V-JEPA 2 the encoder without the predictor."""
    kind = read_config(location, video=True).model_type
    encoder, argument = _encoder(location, "encoder" if kind == "vjepa2" else "")
    encoder.pooler = None
    return Clips(encoder, argument)


def _encoder(location: str, part: str) -> tuple[Any, str]:
    """The model, or that part of it where it has one, in float32, with all of its weights; the name of its input."""
    model, report = _asked("AutoModel", location, output_loading_info=True)
    whole = not (part and hasattr(model, part))
    encoder = model if whole else getattr(model, part)
    prefix = "" if whole else f"{part}."
    missing = sorted(key for key in report["missing_keys"] if key.startswith(prefix))
    if any("pooler." in key for key in missing):  # one that was never trained is no part of the model
        encoder.pooler = None
    if lacking := [key for key in missing if "pooler." not in key]:
        raise InputError(
            f"{location}: {amount(len(lacking), 'weight')} of {type(model).__name__} missing, first {lacking[0]!r}; "
            "get the model again"
        )
    argument = str(getattr(encoder, "main_input_name", model.main_input_name))
    if "pixel_values" not in argument:
        raise InputError(f"{location}: expected a model of images, found {type(model).__name__}")
    return encoder.float(), argument


def _asked(maker: str, location: str, **options: Any) -> Any:
    """What one of the Auto classes of transformers makes of a location."""
    try:
        transformers: Any = importlib.import_module("transformers")
    except ImportError:
        raise InputError("models of the Hugging Face hub need transformers: pip install 'logotal[hf]'") from None
    try:
        return getattr(transformers, maker).from_pretrained(location, trust_remote_code=False, **options)
    except Exception as error:  # its errors about broken files share no base
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{location}: no folder of a model, and none on the Hugging Face hub ({reason})") from error
