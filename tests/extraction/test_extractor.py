import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from logotal.backbones.preprocess import preprocess
from logotal.errors import InputError
from logotal.extraction.extractor import ahead, choose_precision
from logotal.video.reader import IncompleteVideoError, read_frames
from logotal.video.writer import write_video
from tests.extraction.tiny import tiny_extractor


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    generator = np.random.default_rng(0)
    shades = generator.integers(0, 255, (50, 3), dtype=np.uint8)
    write_video(path, (np.broadcast_to(shade, (48, 64, 3)).copy() for shade in shades), fps=25)
    return path


@pytest.mark.parametrize("fps", [None, 12.5])
@pytest.mark.parametrize("crops", ["center", "ten"])
def test_features_equal_the_loop_over_single_clips(video: Path, fps: float | None, crops: str) -> None:
    extractor = tiny_extractor(crops=crops, fps=fps)
    features, about = extractor.extract(video)
    images = [frame.image for frame in read_frames(video, fps=fps)]
    expected = []
    for first in range(0, len(images) - 15, 4):
        clip = preprocess(np.stack(images[first : first + 16]), extractor.loaded.backbone)
        expected.append(extractor.loaded.features(clip[None])[0].numpy())
    np.testing.assert_allclose(features, np.stack(expected), atol=1e-5)
    assert features.dtype == np.float32
    assert (about.fps, about.frames) == (fps or 25, len(images))
    assert about.duration == pytest.approx(2.0)
    assert about.source == "clip.mp4"


def test_batch_size_changes_nothing(video: Path) -> None:
    one, _ = tiny_extractor(batch_size=1).extract(video)
    many, _ = tiny_extractor(batch_size=64).extract(video)
    np.testing.assert_allclose(one, many, atol=1e-6)


def test_progress_ends_at_the_number_of_frames(video: Path) -> None:
    told: list[tuple[int, int]] = []
    tiny_extractor(batch_size=2).extract(video, lambda done, total: told.append((done, total)))
    assert told[-1] == (50, 50)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_video_without_its_end_is_refused(video: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(video.read_bytes()[:-300])
    with pytest.raises(InputError, match=r"cut\.mp4"):
        tiny_extractor().extract(cut)


def test_what_is_no_video_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("these are notes")
    with pytest.raises(InputError, match=r"notes\.mp4"):
        tiny_extractor().extract(path)


def test_an_unknown_precision_is_refused() -> None:
    assert choose_precision("bf16", "cpu") == torch.bfloat16
    assert choose_precision("fp32", "cpu") == torch.float32
    with pytest.raises(InputError, match="precision must be auto, fp32 or bf16, found 'fp16'"):
        choose_precision("fp16", "cpu")


def test_what_is_made_ahead_arrives_in_order_and_errors_come_through() -> None:
    assert list(ahead(range(20))) == list(range(20))

    def fails() -> Iterator[int]:
        yield 1
        raise IncompleteVideoError("the end is missing")

    items = ahead(fails())
    assert next(items) == 1
    with pytest.raises(IncompleteVideoError, match="the end is missing"):
        next(items)


def test_no_thread_is_left_when_the_caller_stops_early() -> None:
    items = ahead(iter(range(1_000_000)))
    assert next(items) == 0
    items.close()
    assert not any(thread.name == "decoder" for thread in threading.enumerate())
