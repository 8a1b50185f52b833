"""The camera: hand-held, zooming slowly in, with a noisy sensor."""

from dataclasses import dataclass

import numpy as np

from logotal.demo.rendered.canvas import Canvas, sample
from logotal.demo.rendered.figure import Array

HEIGHT, WIDTH = 144, 176
"""Pixels of a frame."""
MARGIN = 8
"""Pixels of the room on each side of the picture, for a camera that shakes."""


@dataclass(frozen=True)
class View:
    """What a camera sees at one moment: magnified about the middle, and shifted by (dx, dy) pixels."""

    zoom: float
    dx: float
    dy: float

    @property
    def scale(self) -> float:
        """Pixels of what is as long as the picture is high."""
        return self.zoom * HEIGHT

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Where a place is seen; x in heights of the picture to the right of the middle, y downward from the top."""
        return WIDTH / 2 + self.scale * x + self.dx, HEIGHT / 2 + self.scale * (y - 0.5) + self.dy

    def backdrop(self, room: Canvas) -> Canvas:
        """The room (HEIGHT + 2 MARGIN, WIDTH + 2 MARGIN, 3) as it is seen, (HEIGHT, WIDTH, 3)."""
        columns = (np.arange(WIDTH) + 0.5 - WIDTH / 2 - self.dx) / self.zoom + WIDTH / 2 - 0.5 + MARGIN
        rows = (np.arange(HEIGHT) + 0.5 - HEIGHT / 2 - self.dy) / self.zoom + HEIGHT / 2 - 0.5 + MARGIN
        return sample(room, columns, rows)


@dataclass(frozen=True)
class Camera:
    """A hand-held camera.

    Attributes:
        shake: pixels along each axis; at most one and a half times that.
        zoom: magnification at the end of the video; it is 1 at its start.
        noise: standard deviation of the sensor's noise, of 255.
        phases: (axis, component) radians of the shaking.
    """

    shake: float
    zoom: float
    noise: float
    phases: Array

    def view(self, seconds: float, share: float) -> View:
        """What it sees at that time, which is that share of the video."""
        dx, dy = self.shake * (np.sin(2 * np.pi * np.array([0.31, 0.83]) * seconds + self.phases) @ [1.0, 0.5])
        return View(1 + (self.zoom - 1) * share, float(dx), float(dy))


def random_camera(generator: np.random.Generator) -> Camera:
    """A camera with its own habits."""
    return Camera(
        shake=generator.uniform(0, 1.0),
        zoom=generator.uniform(1.0, 1.08),
        noise=generator.uniform(1.5, 5.0),
        phases=generator.uniform(0, 2 * np.pi, size=(2, 2)),
    )
