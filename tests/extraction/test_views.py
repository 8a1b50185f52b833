"""Views of a video: what they show follows from name and number, and training draws from them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from logotal.backbones.preprocess import normalize
from logotal.data.feature_recipe import differences, read_feature_recipe
from logotal.extraction.extractor import feature_recipe
from logotal.extraction.folder import Settings, settings_like
from logotal.extraction.views import View
from logotal.video.writer import write_video
from tests.extraction.tiny import tiny_backbone, tiny_extractor, two_stream_backbone

PLAIN = View(mirrored=False, part=1.0, place=(0.5, 0.5), contrast=(1.0, 1.0, 1.0), brightness=0.0)


def picture(height: int = 40, width: int = 60) -> np.ndarray:
    """Each pixel another one."""
    return np.arange(height * width * 3, dtype=np.uint32).view(np.uint8)[: height * width * 3].reshape(height, width, 3)


def test_a_view_that_changes_nothing_shows_the_same():
    assert np.array_equal(PLAIN.seen(picture()), picture())
    assert PLAIN.lit(tiny_backbone()) == replace(tiny_backbone(), mean=(0.5,) * 3, std=(0.5,) * 3)


def test_a_view_shows_a_part_of_the_picture_and_may_mirror_it():
    image = picture()

    corner = replace(PLAIN, part=0.75, place=(0.0, 1.0)).seen(image)
    assert np.array_equal(corner, image[:30, 15:])
    assert np.array_equal(
        replace(PLAIN, part=0.75, place=(0.0, 1.0), mirrored=True).seen(image), image[:30, 15:][:, ::-1]
    )


@pytest.mark.parametrize("number", [1, 2, 3])
def test_other_light_is_what_the_backbone_sees_of_brighter_colors(number: int):
    view, backbone = View.of("match.mp4", number), tiny_backbone()
    values = torch.rand(1, 3, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    contrast = torch.tensor(view.contrast).view(-1, 1, 1, 1)

    lit = (values - 0.5) * contrast + 0.5 + view.brightness
    seen = view.lit(backbone)
    assert torch.allclose(
        normalize(255 * values, seen.mean, seen.std), normalize(255 * lit, backbone.mean, backbone.std), atol=1e-5
    )


def test_views_differ_by_number_and_by_video_and_half_of_them_are_mirrored():
    views = [View.of(name, number) for name in ("a.mp4", "b.mp4") for number in (1, 2, 3, 4)]

    assert len(set(views)) == 8
    assert [view.mirrored for view in views] == [True, False, True, False] * 2
    assert all(0.75 <= view.part <= 1 for view in views)


def test_flow_is_not_lit():
    assert View.of("a.mp4", 1).lit(two_stream_backbone()) == two_stream_backbone()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    frames = np.random.default_rng(0).integers(0, 255, (40, 48, 64, 3), dtype=np.uint8)
    write_video(tmp_path / "v.mp4", frames, fps=25)
    return tmp_path / "v.mp4"


def test_an_extractor_of_a_view_sees_what_the_view_shows(video: Path):
    plain = tiny_extractor()
    seeing = replace(plain, view=1)
    found, about = seeing.extract(video)
    expected, same = plain.extract(video)

    assert (found.shape, about) == (expected.shape, same)
    assert not np.allclose(found, expected, atol=0.01)
    assert np.array_equal(found, seeing.extract(video)[0])
    view = View.of("v.mp4", 1)
    # The features are mean colors of a clip's frames: those of the whole picture, in other light, are near.
    contrast = np.repeat(np.array(view.contrast), 16)
    assert np.allclose(found, expected * contrast + 2 * view.brightness, atol=0.15)


def test_the_recipe_of_a_view_names_it_and_makes_it_again():
    plain, seeing = feature_recipe(tiny_extractor()), feature_recipe(replace(tiny_extractor(), view=2))

    assert differences(plain, seeing) == ["view is 2, expected None"]
    assert "view" not in plain
    assert settings_like(seeing).view == 2
    assert settings_like(plain) == Settings(**{**vars(settings_like(plain)), "view": 0})
    assert read_feature_recipe(Path("/nowhere")) is None
