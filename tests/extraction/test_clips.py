import numpy as np
import pytest
import torch

from logotal.backbones.preprocess import preprocess
from logotal.extraction.clips import clip_batches, number_of_clips
from tests.extraction.tiny import tiny_backbone


def frames(count: int) -> list[np.ndarray]:
    generator = np.random.default_rng(count)
    return [generator.integers(0, 255, (40, 36, 3), dtype=np.uint8) for _ in range(count)]


@pytest.mark.parametrize("stride", [1, 4, 16, 23])
@pytest.mark.parametrize("count", [1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 131])
def test_clips_are_what_slicing_the_whole_video_gives(count: int, stride: int) -> None:
    backbone = tiny_backbone(clip_stride=stride)
    images = frames(count)
    batches = clip_batches(iter(images), backbone, batch_size=5)
    found = torch.cat([batch for (batch,) in batches])
    whole = images + [images[-1]] * max(16 - count, 0)
    expected = [
        preprocess(np.stack(whole[first : first + 16]), backbone) for first in range(0, len(whole) - 15, stride)
    ]
    assert len(found) == number_of_clips(count, backbone)
    torch.testing.assert_close(found, torch.stack(expected))


def test_batches_are_full_but_for_the_last() -> None:
    batches = list(clip_batches(frames(40), tiny_backbone(), batch_size=3))
    assert [len(batch) for (batch,) in batches] == [3, 3, 1]


def test_ten_crops_make_ten_of_each_clip() -> None:
    ((batch,),) = clip_batches(frames(16), tiny_backbone(crops="ten"), batch_size=2)
    assert batch.shape == (1, 10, 3, 16, 28, 28)


def test_no_frames_give_no_clips() -> None:
    assert list(clip_batches([], tiny_backbone(), batch_size=2)) == []
