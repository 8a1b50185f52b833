"""One video to its features: decoding in one thread, the network in another."""

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from logotal.backbones.load import LoadedBackbone
from logotal.backbones.pose import pose_networks
from logotal.data.feature_recipe import ARITHMETIC, VIEW, VideoFeatures
from logotal.device import computes_in_bf16, find_device
from logotal.errors import InputError
from logotal.extraction.arithmetic import DTYPES, arithmetic_of
from logotal.extraction.clips import FLOW, FRAMES_AT_ONCE, clip_batches, prepared, without_gaps
from logotal.extraction.dense import DenseFeatures, check_dense
from logotal.extraction.differences import with_differences
from logotal.extraction.poses import Poses
from logotal.extraction.views import View
from logotal.files.cached import byte_size
from logotal.video.flow import flow_between
from logotal.video.picture import Image
from logotal.video.probe import probe
from logotal.video.reader import Frame, read_frames

BATCH_SIZE = 8
QUEUED = 2
"""Batches that are decoded ahead of the network."""

Item = TypeVar("Item")


def choose_precision(precision: str, device: str) -> torch.dtype:
    """The arithmetic of the network: `fp32`, `bf16`, or `auto`, which is bf16 where the hardware has it.

    Raises:
        InputError: there is no such precision.
    """
    if precision not in ("auto", *DTYPES):
        raise InputError(f"precision must be auto, fp32 or bf16, found {precision!r}")
    if precision == "auto":
        precision = "bf16" if computes_in_bf16(device) else "fp32"
    return DTYPES[precision]


@dataclass(frozen=True)
class Extractor:
    """A backbone on a device, and how clips are cut.

    Attributes:
        loaded: the backbone with its weights.
        device: `cpu`, `cuda`, ...
        precision: of the network; features are fp32 in any case.
        batch_size: crops of clips that go through the network together; a clip's ten go together in any case.
        flow: how flow is computed, `tvl1` or `dis`, where the backbone has a stream of it.
        view: number of the view that it takes of each video file; 0 is the video as it is.
    """

    loaded: LoadedBackbone
    device: str = "cpu"
    precision: torch.dtype = torch.float32
    batch_size: int = BATCH_SIZE
    flow: str = FLOW
    view: int = 0

    def __post_init__(self) -> None:
        if "flow" in self.loaded.backbone.streams:
            flow_between(self.flow)  # refuses what is unknown or not installed: now, not at each video
        find_device(self.device)
        if self.loaded.backbone.pose:
            pose_networks()  # which may not be here
        if self.loaded.backbone.clips == "dense":
            check_dense(self.loaded.backbone)
        _channels_last(self.loaded.network.to(self.device))

    def extract(
        self, path: str | Path, progress: Callable[[int, int], object] = lambda done, total: None
    ) -> tuple[NDArray[np.float32], VideoFeatures]:
        """The features (T, C) of a video file, and what they were made from.

        Args:
            path: any video file.
            progress: is told after each batch how many frames are behind it, and about how many there are.

        Raises:
            InputError: the video cannot be used, or its end is missing.
        """
        path = Path(path)
        info = probe(path)
        backbone, view = self.loaded.backbone, View.of(path.name, self.view) if self.view else None
        seeing = self if view is None else replace(self, loaded=replace(self.loaded, backbone=view.lit(backbone)))
        fps = backbone.fps if backbone.fps is not None else float(info.fps)
        count = _Counter()
        features = []
        with (
            closing(read_frames(path, fps=backbone.fps)) as frames,
            # Its thread ends before the frames are closed.
            closing(seeing.stream(count.counting(frames), view=view)) as stream,
        ):
            for piece in stream:
                features.append(piece)
                progress(count.seen, round(info.duration * fps))
        if not features:
            raise InputError(f"{path}: no frame could be decoded; play it to check")
        about = VideoFeatures(
            fps=fps,
            duration=count.seen / fps,
            frames=count.seen,
            source=path.name,
            source_bytes=byte_size(path),
        )
        return np.concatenate(features), about

    def stream(
        self,
        frames: Iterable[Frame],
        *,
        at_once: int = FRAMES_AT_ONCE,
        wait: float | None = None,
        view: View | None = None,
    ) -> Generator[NDArray[np.float32], None, None]:
        """The features of frames, piece by piece (n, C), as soon as they follow; n is 0 where none do yet.

        Args:
            frames: those of the grid; a thread goes through them.
            at_once: frames that are prepared together, and gone on with.
            wait: seconds for which that thread is waited for at the end; until it has ended if absent.
            view: what is seen of them; they as they are if absent.
        """
        backbone = self.loaded.backbone
        poses = Poses(backbone) if backbone.pose else None
        with closing(ahead(self._pieces(frames, at_once, view, poses), wait=wait)) as pieces:
            features = with_differences(self._along(pieces), backbone.differences)
            yield from features if poses is None else poses.joined(features)

    def _along(self, pieces: Iterable[tuple[Tensor, ...]]) -> Iterator[NDArray[np.float32]]:
        """The features of what the network reads, one piece after the other."""
        backbone, any_yet = self.loaded.backbone, False
        dense = DenseFeatures(self.loaded.network, backbone) if backbone.clips == "dense" else None
        for piece in pieces:
            any_yet = True
            yield self._computed(self.loaded.features if dense is None else dense.push, *piece)
        if dense is not None and any_yet:
            yield self._computed(dense.finish)

    def _pieces(
        self, frames: Iterable[Frame], at_once: int, view: View | None, poses: Poses | None
    ) -> Iterator[tuple[Tensor, ...]]:
        """What the network reads at once: batches of clips, or consecutive frames."""
        backbone = self.loaded.backbone
        if backbone.clips == "dense":
            images = _images(frames, view, poses)
            return zip(*prepared(images, backbone, flow=self.flow, at_once=at_once, device=self.device), strict=True)
        batch = max(self.batch_size // (10 if backbone.crops == "ten" else 1), 1)
        seen, without = without_gaps(frames, backbone)
        images = _images(seen, view, poses)
        if at_once < FRAMES_AT_ONCE:  # nobody is to wait for clips that fill a batch, nor for frames that are not seen
            batch = min(batch, -(-at_once // backbone.clip_stride))
            at_once = max(at_once * without.clip_stride // backbone.clip_stride, 1)
        return clip_batches(images, without, batch_size=batch, flow=self.flow, at_once=at_once, device=self.device)

    @torch.inference_mode()
    def _computed(self, network: Callable[..., Tensor | None], *given: Tensor) -> NDArray[np.float32]:
        """The features that a network gives of what it is given, if any."""
        with torch.autocast(torch.device(self.device).type, self.precision, enabled=self.precision != torch.float32):
            features = network(*(stream.to(self.device) for stream in given))
        if features is None:
            return np.zeros((0, self.loaded.backbone.given_channels), np.float32)
        found: NDArray[np.float32] = features.float().cpu().numpy()
        return found


def _images(frames: Iterable[Frame], view: View | None, poses: Poses | None) -> Iterator[Image]:
    images = (frame.image if view is None else view.seen(frame.image) for frame in frames)
    return images if poses is None else poses.passing(images)


def _channels_last(network: nn.Module) -> None:
    """Lays the weights of convolutions out as they are fastest: in bf16, they take half the time."""
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            module.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        elif isinstance(module, nn.Conv2d):
            module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


class _Counter:
    """Counts what passes by."""

    def __init__(self) -> None:
        self.seen = 0

    def counting(self, items: Iterable[Item]) -> Iterator[Item]:
        for item in items:
            self.seen += 1
            yield item


def ahead(items: Iterable[Item], depth: int = QUEUED, *, wait: float | None = None) -> Generator[Item, None, None]:
    """The same items, made in a thread of their own while the caller works on earlier ones; errors come through.

    At its end that thread is waited for, or for `wait` seconds at most: one that waits for a network cannot be stopped.
    """
    waiting: queue.Queue[tuple[str, Item | BaseException | None]] = queue.Queue(maxsize=depth)
    stopped = threading.Event()

    def put(kind: str, item: Item | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                waiting.put((kind, item), timeout=0.1)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                put("item", item)
                if stopped.is_set():
                    return
            put("end", None)
        except BaseException as error:  # handed to the caller, who raises it
            put("error", error)

    thread = threading.Thread(target=work, name="decoder", daemon=True)
    thread.start()
    try:
        while True:
            kind, item = waiting.get()
            if kind == "end":
                return
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join(wait)


def feature_recipe(extractor: Extractor) -> dict[str, Any]:
    """All that the features of an extractor depend on, as the sidecar of a folder says it."""
    loaded = extractor.loaded
    recipe = loaded.backbone.recipe(loaded.weights_hash)
    recipe |= {"flow": extractor.flow} if "flow" in loaded.backbone.streams else {}
    recipe |= {VIEW: extractor.view} if extractor.view else {}
    return recipe | {ARITHMETIC: arithmetic_of(extractor.precision)}
