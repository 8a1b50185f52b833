"""Backbones that are named by where they lie: `image:LOCATION` and `video:LOCATION`.

A location is an ONNX file, or a folder or OWNER/NAME of a model that transformers knows. What it is shown is what its
files say; what they do not say is asked for.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from logotal.backbones.backbone import Backbone, Location
from logotal.backbones.download import downloaded, is_address
from logotal.errors import InputError, did_you_mean

KINDS = ("image", "video")
MOST_FRAMES, MOST_PIXELS = 1024, 4096
"""More than any network is made for; what a broken file says may fill the memory."""
USUAL_SIDE = 224
"""Side of the frames that are shown to a network that takes any."""


def open_backbone(name: str, location: Location | None = None) -> Backbone:
    """The backbone of a name with a colon.

    Args:
        name: as the user and the feature recipe say it.
        location: where the network lies now, if not where the name says.

    Raises:
        InputError: there is no such kind, nothing lies there, or it is no such network.
    """
    kind, _, own = name.partition(":")
    if kind not in KINDS or not own:
        raise InputError(f"backbone {name!r}: expected image:LOCATION or video:LOCATION; {did_you_mean(kind, KINDS)}")
    place = str(location or own)
    place = str(downloaded(place)) if is_address(place) else place
    if place.endswith(".onnx"):
        return _of_file(name, kind, place)
    return _of_model(name, place, video=kind == "video")


def _of_file(name: str, kind: str, place: str) -> Backbone:
    from logotal.backbones.images import PerFrame  # noqa: PLC0415 - the list of backbones does not load torch
    from logotal.backbones.onnx import OnnxImages  # noqa: PLC0415

    if kind != "image":
        raise InputError(f"{name}: ONNX files are shown single frames; name it image:{place}")
    network = OnnxImages(Path(place))
    return _backbone(name, {}, side=network.side, frames=1, build=lambda: PerFrame(network))


def _of_model(name: str, place: str, *, video: bool) -> Backbone:
    from logotal.backbones.hub import load_clips, load_images, read_config, read_processor  # noqa: PLC0415

    config = read_config(place, video=video)
    inner = getattr(config, "vision_config", config)
    side = getattr(inner, "crop_size", None) or getattr(inner, "image_size", None)
    frames: Any = getattr(config, "num_frames", None) or getattr(config, "frames_per_clip", 1)
    build = partial(load_clips if video else load_images, place)
    return _backbone(name, read_processor(place), side=side, frames=frames if video else 1, build=build)


def _backbone(name: str, processor: Mapping[str, Any], *, side: Any, frames: int, build: Any) -> Backbone:
    resize, crop = _sizes(name, processor, side if isinstance(side, int) else USUAL_SIDE)
    sides = (crop, resize) if isinstance(resize, int) else (crop, *resize)
    for what, values, most in (("frames a clip", (frames,), MOST_FRAMES), ("pixels a side", sides, MOST_PIXELS)):
        if not all(isinstance(value, int) and 0 < value <= most for value in values):
            raise InputError(f"{name}: expected 1 to {most} {what}, found {values}; get the model again")
    mean, std = _normalization(name, processor)
    return Backbone(
        name=name,
        description="",
        channels=1,  # known when it has looked at a frame
        clip_frames=frames,
        clip_stride=4,
        fps=None,
        resize=resize,
        antialias=True,
        rounded=True,
        crop_size=crop,
        mean=mean,
        std=std,
        streams=("rgb",),
        weights=(name,),
        build=build,
        license="see its page",
        source=name.partition(":")[2],
        size="",
    )


def _sizes(name: str, processor: Mapping[str, Any], side: int) -> tuple[int | tuple[int, int], int]:
    """What frames are resized to, and the side of the crop."""
    size = processor.get("size") or {"height": side, "width": side}
    size = {"shortest_edge": size} if isinstance(size, int) else size
    crop = (processor.get("crop_size") or side) if processor.get("do_center_crop", "crop_size" in processor) else None
    try:
        resize = int(size["shortest_edge"]) if "shortest_edge" in size else (int(size["height"]), int(size["width"]))
        if isinstance(crop, dict):
            crop = crop["height"] if crop["height"] == crop["width"] else None
        if crop is None:
            crop = resize if isinstance(resize, int) else min(resize)
        return resize, int(crop)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        found = {key: processor.get(key) for key in ("size", "crop_size")}
        raise InputError(f"{name}: expected a size of frames in its processor's settings, found {found}") from error


def _normalization(name: str, processor: Mapping[str, Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and spread of values in [0, 1]; empty where nothing says them."""
    if "image_mean" not in processor:
        return (), ()
    try:
        factor = float(processor.get("rescale_factor", 1 / 255)) * 255
        shift = 1.0 if processor.get("offset") else 0.0  # ViViT: values from -1 to 1 are normalized
        normalized = processor.get("do_normalize", True)
        mean = [float(each) for each in processor["image_mean"]] if normalized else [0.0]
        std = [float(each) for each in processor["image_std"]] if normalized else [1.0]
        return tuple((each + shift) / factor for each in mean), tuple(each / factor for each in std)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        found = {key: processor.get(key) for key in ("image_mean", "image_std", "rescale_factor")}
        raise InputError(f"{name}: expected numbers in its processor's settings, found {found}") from error
