"""Frames go to the device as they were decoded, are prepared there, and only features come back."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from logotal.extraction import clips as clip_module
from logotal.extraction import extractor as extractor_module
from logotal.extraction.clips import clip_batches, prepared
from logotal.extraction.extractor import Extractor
from tests.accelerator import META, Accelerator
from tests.extraction.test_clips import frames
from tests.extraction.tiny import tiny_backbone, tiny_extractor, two_stream_backbone


@pytest.mark.parametrize("crops", ["center", "ten"])
@pytest.mark.parametrize("count", [7, 40])
def test_clips_are_cut_on_the_device_with_the_shapes_of_the_cpu(crops: str, count: int) -> None:
    on_cpu = list(clip_batches(frames(count), tiny_backbone(crops=crops), batch_size=3))
    with Accelerator() as device:
        there = list(clip_batches(frames(count), tiny_backbone(crops=crops), batch_size=3, device="meta"))
    assert device.to_host == 0
    assert {clip.device for (clip,) in there} == {META}
    assert [clip.shape for (clip,) in there] == [clip.shape for (clip,) in on_cpu]


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_frames_are_uploaded_as_they_were_decoded_or_as_flow_left_them(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[torch.dtype, str]] = []
    upload = clip_module._uploaded

    def noted(images: torch.Tensor, to: str) -> torch.Tensor:
        if images.device != torch.device(to):
            sent.append((images.dtype, to))
        return upload(images, to)

    monkeypatch.setattr(clip_module, "_uploaded", noted)
    (stretches,) = prepared(frames(8), tiny_backbone(), device=device)
    rgb = list(stretches)
    assert sent == ([(torch.uint8, "meta")] if device == "meta" else [])
    sent.clear()
    both = prepared(frames(8), two_stream_backbone(), flow="dis", device=device)
    pairs = list(zip(*both, strict=True))
    assert sent == ([(torch.float32, "meta"), (torch.uint8, "meta")] if device == "meta" else [])
    assert {each.device for each in (*rgb, *pairs[0])} == {torch.device(device)}


@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
def test_cuda_copies_frames_from_pinned_memory_without_waiting(name: str) -> None:
    images = Mock(is_cuda=False)
    assert clip_module._uploaded(images, name) is images.pin_memory.return_value.to.return_value
    images.pin_memory.return_value.to.assert_called_once_with(name, non_blocking=True)


def test_a_video_is_extracted_with_one_copy_to_the_host_for_each_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractor_module, "find_device", lambda name: name)
    monkeypatch.setattr(extractor_module, "ahead", lambda items, wait: (each for each in items))  # a mode is a thread's
    monkeypatch.setattr(torch, "autocast", lambda *about, **options: nullcontext())  # it knows no meta device
    extractor = Extractor(tiny_extractor().loaded, "meta", torch.float32, 3)
    shown = cast(Any, [SimpleNamespace(image=image) for image in frames(40)])
    with Accelerator() as device:
        features = list(extractor.stream(shown))
    assert [len(piece) for piece in features] == [3, 3, 1]
    assert device.to_host == 3
    assert np.concatenate(features).shape == (7, 48)
