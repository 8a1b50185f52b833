"""The pose of a person in the pictures of a video: BlazePose (Bazarevsky et al. 2020), run by OpenVINO.

A detector finds the person; in the frames after, the place follows from the landmarks of the frame before, and the
detector is asked again only where the person is lost. Of several people, it is the surest one that is followed. How
places follow from what the networks give is MediaPipe's (Apache-2.0): modules/pose_detection and pose_landmark.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import PIL.Image
from jaxtyping import Float
from numpy.typing import NDArray

from logotal.backbones.packages import POSE
from logotal.backbones.state import read_state
from logotal.backbones.weights import find_weights
from logotal.errors import InputError
from logotal.openvino import PRECISION_HINTS, open_openvino
from logotal.video.picture import Image

Array = NDArray[np.float32]

FOUND_SIDE, LANDMARK_SIDE = 224, 256
"""Pixels of a side of what the two networks see."""
SURE = 0.5
"""Score from which a person counts as found, and as still followed."""
WIDER = 1.25
"""The part of the picture that is looked at, in times the circle around the body."""
LANDMARKS = 33
HIPS, SHOULDERS = (23, 24), (11, 12)
CENTER, CIRCLE = 33, 34
"""Behind the landmarks of the body: the middle of the hips, and a point of the circle around the body."""
JOINTS = (
    *((11, 13, 15), (12, 14, 16), (13, 11, 23), (14, 12, 24)),
    *((11, 23, 25), (12, 24, 26), (23, 25, 27), (24, 26, 28)),
)
"""Elbows, shoulders, hips and knees, each between its two neighbors."""
CHANNELS = 2 * LANDMARKS + 3 * LANDMARKS + LANDMARKS + 5 + len(JOINTS) + 1


@dataclass(frozen=True)
class Part:
    """A turned square of a picture: its middle and side in pixels, and its angle in radians."""

    x: float
    y: float
    side: float
    angle: float

    @classmethod
    def around(cls, center: Array, circle: Array) -> "Part":
        """The square around a body whose head is up in it, from the middle of its hips and a point of its circle."""
        across, down = (float(value) for value in circle - center)
        x, y = (float(value) for value in center)
        return cls(x, y, 2 * WIDER * float(np.hypot(across, down)), float(np.arctan2(across, -down)))

    @property
    def turn(self) -> Array:
        """The matrix (2, 2) that turns rows, across and down, from the square to the picture."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return np.array([[cos, sin], [-sin, cos]], np.float32)

    def to_picture(self, points: Float[np.ndarray, "N 2"]) -> Array:
        """Points that are given in sides of the square, from its corner, in pixels of the picture."""
        placed: Array = ((self.side * (points - 0.5)) @ self.turn + np.array([self.x, self.y])).astype(np.float32)
        return placed

    def seen(self, image: Image, pixels: int) -> Array:
        """The square (pixels, pixels, 3), values from 0 to 1; beside the picture it is black."""
        across, down, corner = self.to_picture(np.array([[1, 0], [0, 1], [0, 0]], np.float32)).tolist()
        # PIL: where in the picture the middle of each pixel lies.
        x, y = (((across[i] - corner[i]) / pixels, (down[i] - corner[i]) / pixels, corner[i]) for i in (0, 1))
        seen = PIL.Image.fromarray(np.ascontiguousarray(image)).transform(
            (pixels, pixels), PIL.Image.Transform.AFFINE, (*x, *y), PIL.Image.Resampling.BILINEAR
        )
        values: Array = np.asarray(seen).astype(np.float32) / np.float32(255)
        return values


@cache
def _anchors() -> Array:
    """The middles (2254, 2) of the places that the detector answers for, in sides of its picture."""
    found = []
    for cells, each in ((28, 2), (14, 2), (7, 6)):
        middles = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
        found.append(grid.repeat(each, axis=0))
    return np.concatenate(found)


@cache
def _compiled(weights: Path) -> tuple[Any, Any]:
    """Both networks for this machine's processor; each computes with one thread, beside the decoder."""
    core = open_openvino("fp32")
    options = PRECISION_HINTS["fp32"] | {"INFERENCE_NUM_THREADS": 1}
    state, found = read_state(weights), {}
    try:
        with TemporaryDirectory(prefix="logotal-pose-") as folder:  # OpenVINO reads this format from files alone
            for name, content in state.items():
                path = Path(folder) / f"{name}.tflite"
                path.write_bytes(content.numpy().tobytes())
                found[name] = core.compile_model(core.read_model(path), "CPU", options)
    except OSError as error:
        needed = "room for 10 MB of temporary files"
        raise InputError(f"the pose needs {needed} ({error}); make room, or name a place with TMPDIR") from error
    return found["detector"], found["landmarks"]


class PoseNetworks:
    """The two networks; each object computes for itself, so that threads may have one each."""

    def __init__(self, weights: Path) -> None:
        self._detector, self._landmarks = (network.create_infer_request() for network in _compiled(weights))

    def find(self, image: Image) -> Part | None:
        """Where the surest person is, if there is one."""
        height, width = image.shape[:2]
        whole = Part(width / 2, height / 2, max(height, width), 0.0)
        given = self._detector.infer([2 * whole.seen(image, FOUND_SIDE)[None] - 1])
        boxes, scores = given.to_tuple()
        best = int(scores[0, :, 0].argmax())
        if scores[0, best, 0] < 0:  # of the logistic function, 0.5
            return None
        points = boxes[0, best, 4:8].reshape(2, 2) / FOUND_SIDE + _anchors()[best]
        return Part.around(*whole.to_picture(points))

    def look(self, image: Image, part: Part) -> tuple[float, Array, Array, Array]:
        """How sure it is that a person is there, and the landmarks.

        These are places (35, 2) in pixels of the picture, meters from the middle of the hips (33, 3), and how visible
        each is (33,).
        """
        given = self._landmarks.infer([part.seen(image, LANDMARK_SIDE)[None]]).to_tuple()
        points = given[0].reshape(-1, 5)[: CIRCLE + 1]
        world = given[4].reshape(-1, 3)[:LANDMARKS].copy()
        world[:, :2] = world[:, :2] @ part.turn
        visible = 1 / (1 + np.exp(-points[:LANDMARKS, 3]))
        return float(given[1].item()), part.to_picture(points[:, :2] / LANDMARK_SIDE), world, visible


def pose_networks() -> PoseNetworks:
    """The networks with the fetched weights.

    Raises:
        InputError: the weights were not fetched, or OpenVINO is not installed; what to do.
    """
    return PoseNetworks(find_weights(POSE))


class Follower:
    """A person through the frames of one video."""

    def __init__(self, networks: PoseNetworks) -> None:
        self.networks = networks
        self.part: Part | None = None
        self.last = np.zeros(CHANNELS, np.float32)

    def see(self, image: Image) -> Array:
        """The pose (CHANNELS,) in the next frame; where nobody is, that of before, said to be absent."""
        if self.part is None:
            self.part = self.networks.find(image)
        if self.part is not None:
            sure, places, world, visible = self.networks.look(image, self.part)
            self.part = None
            if sure >= SURE:
                self.part = Part.around(places[CENTER], places[CIRCLE])
                self.last = described(places[:LANDMARKS] / image.shape[0], world, visible)
                return self.last
        self.last = np.append(self.last[:-1], np.float32(0))
        return self.last


def described(places: Array, world: Array, visible: Array) -> Array:
    """A pose in numbers (CHANNELS,), from places in heights of the picture, meters from the hips, and visibility."""
    hips, shoulders = places[list(HIPS)].mean(axis=0), places[list(SHOULDERS)].mean(axis=0)
    around = places - hips
    size = np.sqrt((around**2).sum(axis=1).mean()) + 1e-6
    angles = [_cosine(world[first] - world[joint], world[last] - world[joint]) for first, joint, last in JOINTS]
    parts = (around.ravel() / size, world.ravel(), visible, hips, shoulders, [size], angles, [1.0])
    return np.concatenate([np.asarray(part, np.float32) for part in parts])


def _cosine(first: Array, second: Array) -> float:
    return float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second) + 1e-6))
