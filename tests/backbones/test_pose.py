"""The pose of a person: parts of a picture by hand, a person followed, and poses as numbers."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from logotal.backbones.backbone import POSE_CHANNELS
from logotal.backbones.pose import (
    CENTER,
    CHANNELS,
    CIRCLE,
    FOUND_SIDE,
    LANDMARKS,
    Follower,
    Part,
    PoseNetworks,
    described,
    pose_networks,
)
from logotal.backbones.weights import UnreachableError, fetch_weights
from logotal.errors import InputError
from logotal.video.picture import Image

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.integers(0, 255, (40, 40, 3), dtype=np.uint8)


@pytest.mark.parametrize("turns", range(4))
def test_a_turned_square_is_the_picture_turned(turns: int) -> None:
    seen = Part(20.0, 20.0, 40.0, turns * np.pi / 2).seen(PICTURE, 40)
    np.testing.assert_allclose(seen, np.rot90(PICTURE, turns) / 255, atol=2 / 255)


def test_beside_the_picture_it_is_black() -> None:
    seen = Part(0.0, 20.0, 40.0, 0.0).seen(PICTURE, 40)
    assert not seen[:, :19].any()
    np.testing.assert_allclose(seen[:, 21:], PICTURE[:, 1:20] / 255, atol=1 / 255)


@pytest.mark.parametrize("angle", [0.0, 0.5, -2.0, np.pi])
def test_a_body_stands_upright_in_its_square(angle: float) -> None:
    center = np.array([50.0, 60.0], np.float32)
    head = center + 20 * np.array([np.sin(angle), -np.cos(angle)], np.float32)
    part = Part.around(center, head)
    assert part.side == pytest.approx(50)  # twice the circle, a quarter wider
    points = part.to_picture(np.array([[0.5, 0.5], [0.5, 0.1]], np.float32))
    np.testing.assert_allclose(points, [center, head], atol=1e-4)


def body(*, at: tuple[float, float] = (0.5, 0.5), size: float = 1.0) -> np.ndarray:
    places = np.random.default_rng(1).normal(size=(LANDMARKS, 2)).astype(np.float32)
    return at + size * (places - places[[23, 24]].mean(axis=0))


def test_the_shape_of_a_body_depends_neither_on_its_place_nor_on_its_size() -> None:
    world, visible = RANDOM.normal(size=(LANDMARKS, 3)).astype(np.float32), np.ones(LANDMARKS, np.float32)
    near, far = described(body(), world, visible), described(body(at=(0.2, 0.7), size=0.1), world, visible)
    shape = slice(0, 6 * LANDMARKS)
    np.testing.assert_allclose(near[shape], far[shape], atol=1e-4)
    hips = slice(6 * LANDMARKS, 6 * LANDMARKS + 2)
    np.testing.assert_allclose(far[hips], [0.2, 0.7], atol=1e-5)
    assert near[6 * LANDMARKS + 4] == pytest.approx(10 * far[6 * LANDMARKS + 4], rel=1e-4)
    assert len(near) == CHANNELS == POSE_CHANNELS // 2
    assert near[-1] == 1


def test_a_straight_arm_and_a_bent_one_have_other_angles() -> None:
    world = np.zeros((LANDMARKS, 3), np.float32)
    world[[11, 13, 15]] = [[0, 0, 0], [0, 1, 0], [0, 2, 0]]  # shoulder, elbow, wrist in a line
    world[[12, 14, 16]] = [[0, 0, 0], [0, 1, 0], [1, 1, 0]]
    angles = described(body(), world, np.ones(LANDMARKS, np.float32))[-9:-1]
    np.testing.assert_allclose(angles[:2], [-1, 0], atol=1e-5)


class Seen(PoseNetworks):
    """Networks that know whether somebody is there, from the first value of the picture."""

    def __init__(self) -> None:
        self.asked = 0

    def find(self, image: Image) -> Part | None:
        self.asked += 1
        return Part(5.0, 5.0, 10.0, 0.0) if image[0, 0, 0] else None

    def look(self, image: Image, part: Part) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        places = np.full((CIRCLE + 1, 2), float(image[0, 0, 0]), np.float32)
        places[CENTER], places[CIRCLE] = (5, 5), (5, 1)
        shape = np.ones((LANDMARKS, 3), np.float32)
        return float(image[0, 0, 0] > 0), places, shape, np.ones(LANDMARKS, np.float32)


def test_a_person_is_looked_for_only_where_nobody_is_followed_and_the_last_pose_stays() -> None:
    networks = Seen()
    follower = Follower(networks)
    values = [0, 0, 7, 9, 0, 0, 3]
    poses = [follower.see(np.full((10, 10, 3), value, np.uint8)).copy() for value in values]
    assert networks.asked == 5  # at 0, 0, 7, the second 0 after 9, and 3
    assert [float(pose[-1]) for pose in poses] == [0, 0, 1, 1, 0, 0, 1]
    assert not poses[0].any()
    np.testing.assert_array_equal(poses[4][:-1], poses[3][:-1])
    assert (poses[3] != poses[2]).any()


def test_the_real_networks_find_nobody_in_noise_and_see_the_same_of_the_same() -> None:
    pytest.importorskip("openvino")
    try:
        fetch_weights("pose")  # does nothing where they are there
    except UnreachableError as error:
        pytest.skip(str(error))
    networks = pose_networks()
    noise = RANDOM.integers(0, 255, (FOUND_SIDE, 300, 3), dtype=np.uint8)
    assert networks.find(noise) is None
    first, second = (networks.look(noise, Part(150.0, 112.0, 200.0, 0.3)) for _ in range(2))
    assert first[0] == second[0] < 1
    assert (first[1].shape, first[2].shape, first[3].shape) == ((35, 2), (33, 3), (33,))


def test_without_room_for_its_files_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openvino")
    save_file({"detector": torch.zeros(1, dtype=torch.uint8)}, tmp_path / "pose.safetensors")
    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"the pose needs room for 10 MB of temporary files .*TMPDIR"):
        PoseNetworks(tmp_path / "pose.safetensors")
