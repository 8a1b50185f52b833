"""What is in a video besides its performers, all of it there to distract, and the filming of everything."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from logotal.demo.rendered.camera import HEIGHT, WIDTH, Camera, View, random_camera
from logotal.demo.rendered.canvas import Canvas, draw_box, draw_capsule, draw_shadow
from logotal.demo.rendered.figure import Array, draw_figure
from logotal.demo.rendered.performer import Performer, random_body
from logotal.demo.rendered.room import random_room

FPS = 12
FLOOR = 0.94
"""Where figures stand, in heights of the picture from the top; bystanders stand `BEHIND` higher, farther away."""
BEHIND = 0.09
GRAIN = 64
"""The sensor's noise is one larger picture, moved by up to `GRAIN` pixels from frame to frame."""


@dataclass(frozen=True)
class Passing:
    """A ball that bounces through the picture, or a box that slides through.

    Attributes:
        start: when it comes in, in seconds.
        duration: seconds until it is out again.
        ball: whether it is the ball.
        to_right: which way it goes.
        radius: in heights of the picture.
        color: (3,) in [0, 255].
        in_front: whether it passes before the figures.
    """

    start: float
    duration: float
    ball: bool
    to_right: bool
    radius: float
    color: Array
    in_front: bool

    def draw(self, canvas: Canvas, view: View, seconds: float) -> None:
        """Draws it where it is at that time of the video, if it is there."""
        share = (seconds - self.start) / self.duration
        if not 0 < share < 1:
            return
        x = (share - 0.5) * 1.6 * (1 if self.to_right else -1)
        floor = FLOOR + (0.04 if self.in_front else -BEHIND)
        height = 0.3 * abs(np.sin(2.5 * np.pi * share)) * (1 - 0.5 * share) if self.ball else 0.0
        radius = view.scale * self.radius
        draw_shadow(canvas, view.pixel(x, floor), (1.2 * radius, 0.4 * radius), 0.4)
        center = view.pixel(x, floor - self.radius - height)
        if self.ball:
            draw_capsule(canvas, center, center, (radius, radius), self.color)
        else:
            draw_box(canvas, center, (radius, radius), self.color)


@dataclass(frozen=True)
class Flicker:
    """Light that goes down and up again: start and duration in seconds, and the share of it that is lost at most."""

    start: float
    duration: float
    depth: float

    def light(self, seconds: float) -> float:
        """The share of light that is left at that time of the video."""
        share = (seconds - self.start) / self.duration
        return 1 - self.depth * float(np.sin(np.pi * share) * np.cos(9 * share) ** 2) if 0 < share < 1 else 1.0


@dataclass(frozen=True)
class Scene:
    """All that is in a video besides its performers; `bystanders` do not move, `duration` is in seconds."""

    duration: float
    room: Canvas
    camera: Camera
    passing: tuple[Passing, ...]
    flickers: tuple[Flicker, ...]
    bystanders: tuple[Performer, ...]


def random_scene(generator: np.random.Generator, duration: float) -> Scene:
    """A room with its distractors, for a video of `duration` seconds."""
    bystander = Performer(
        body=random_body(generator, 0.48, 0.56),
        home=generator.choice([-1, 1]) * generator.uniform(0.48, 0.6),
        reach=(-0.6, 0.6),
        facing=generator.uniform(-1.2, 1.2),
        phases=generator.uniform(0, 2 * np.pi, size=5),
    )
    return Scene(
        duration=duration,
        room=random_room(generator),
        camera=random_camera(generator),
        passing=tuple(_random_passing(generator, duration) for _ in range(generator.poisson(duration / 14))),
        flickers=tuple(_random_flicker(generator, duration) for _ in range(generator.poisson(duration / 25))),
        bystanders=(bystander,) if generator.random() < 0.3 else (),
    )


def film(
    scene: Scene, performers: tuple[Performer, ...], generator: np.random.Generator
) -> Iterator[NDArray[np.uint8]]:
    """The frames (HEIGHT, WIDTH, 3) of a video, RGB; frame i shows the moment i / FPS."""
    size = (HEIGHT + GRAIN, WIDTH + GRAIN, 3)
    grain = scene.camera.noise * generator.standard_normal(size, dtype=np.float32)
    for index in range(round(scene.duration * FPS)):
        seconds = float(Fraction(index, FPS))
        frame = _picture(scene, performers, seconds)
        for flicker in scene.flickers:
            frame *= flicker.light(seconds)
        row, column = generator.integers(GRAIN, size=2)
        frame += grain[row : row + HEIGHT, column : column + WIDTH]
        yield np.clip(frame + 0.5, 0, 255).astype(np.uint8)


def _picture(scene: Scene, performers: tuple[Performer, ...], seconds: float) -> Canvas:
    """What the camera sees at that time, before light and noise: from what is farthest to what is nearest."""
    view = scene.camera.view(seconds, seconds / scene.duration)
    canvas = view.backdrop(scene.room)
    for bystander in scene.bystanders:
        _draw(canvas, view, bystander, FLOOR - BEHIND, seconds=0)
    for passing in scene.passing:
        if not passing.in_front:
            passing.draw(canvas, view, seconds)
    for performer in performers:
        _draw(canvas, view, performer, FLOOR, seconds)
    for passing in scene.passing:
        if passing.in_front:
            passing.draw(canvas, view, seconds)
    return canvas


def _draw(canvas: Canvas, view: View, performer: Performer, floor: float, seconds: float) -> None:
    pose = performer.pose(seconds)
    foot = view.pixel(pose.place, floor)
    draw_figure(canvas, performer.body, pose, foot=foot, pixels=view.scale * performer.body.height)


def _random_passing(generator: np.random.Generator, duration: float) -> Passing:
    return Passing(
        start=generator.uniform(0, duration - 2),
        duration=generator.uniform(1.5, 4.0),
        ball=generator.random() < 0.6,
        to_right=generator.random() < 0.5,
        radius=generator.uniform(0.03, 0.075),
        color=generator.uniform(30, 240, size=3),
        in_front=generator.random() < 0.4,
    )


def _random_flicker(generator: np.random.Generator, duration: float) -> Flicker:
    return Flicker(generator.uniform(0, duration - 1), generator.uniform(0.4, 1.2), generator.uniform(0.15, 0.4))
