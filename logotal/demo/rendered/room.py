"""The room behind the figures: a wall with things on it, and a floor."""

import numpy as np

from logotal.demo.rendered.camera import HEIGHT, MARGIN, WIDTH
from logotal.demo.rendered.canvas import Canvas, draw_box, draw_capsule, sample

ROWS, COLUMNS = HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN


def random_room(generator: np.random.Generator) -> Canvas:
    """A picture (HEIGHT + 2 MARGIN, WIDTH + 2 MARGIN, 3) of a room in colors of its own."""
    horizon = int(ROWS * generator.uniform(0.68, 0.8))
    top, bottom = generator.uniform(70, 215) + generator.uniform(-35, 35, size=(2, 3))
    floor = generator.uniform(60, 160) + generator.uniform(-25, 25, size=3)
    share = np.linspace(0, 1, ROWS)[:, None, None]
    room = np.broadcast_to((1 - share) * top + share * bottom, (ROWS, COLUMNS, 3)).astype(np.float32)
    room[horizon:] = floor * np.linspace(0.8, 1.1, ROWS - horizon)[:, None, None]
    _boards(generator, room[horizon:])
    if generator.random() < 0.5:
        _stripes(generator, room[:horizon])
    for _ in range(generator.integers(2, 6)):
        _thing(generator, room, horizon)
    draw_box(room, (COLUMNS / 2, horizon), (COLUMNS, 1.5), 0.5 * floor)
    room += _stains(generator)
    return room


def _boards(generator: np.random.Generator, floor: Canvas) -> None:
    """Joints between boards, closer to each other farther away."""
    for row in np.cumsum(np.linspace(3, 9, 6)):
        floor[min(int(row), len(floor) - 1)] *= 0.85
    floor *= generator.uniform(0.92, 1.0, size=(1, COLUMNS, 1)).astype(np.float32)


def _stripes(generator: np.random.Generator, wall: Canvas) -> None:
    width = generator.uniform(5, 14)
    light = 1 + generator.uniform(0.03, 0.1) * np.sin(2 * np.pi * np.arange(COLUMNS) / width)
    wall *= light.astype(np.float32)[None, :, None]


def _thing(generator: np.random.Generator, room: Canvas, horizon: int) -> None:
    """A window or picture, a lamp or plate on the wall, or a cupboard before it."""
    kind = generator.integers(3)
    center = (generator.uniform(0, COLUMNS), generator.uniform(0.1, 0.7) * horizon)
    color = generator.uniform(20, 235, size=3)
    half = tuple(generator.uniform(7, 24, size=2))
    if kind == 0:
        draw_box(room, center, half, 0.4 * color)
        draw_box(room, center, (half[0] - 2.5, half[1] - 2.5), color)
        draw_box(room, center, (1, half[1]), 0.4 * color)
    elif kind == 1:
        radius = generator.uniform(4, 12)
        draw_capsule(room, center, center, (radius, radius), color)
    else:
        draw_box(room, (center[0], horizon - half[1]), half, color)
        draw_box(room, (center[0], horizon - half[1]), (half[0], 0.7), 0.6 * color)


def _stains(generator: np.random.Generator) -> Canvas:
    """Texture: unevenness of three sizes."""
    texture = np.zeros((ROWS, COLUMNS, 3), dtype=np.float32)
    for size, strength in ((32, 8.0), (8, 5.0), (2, 3.0)):
        coarse = generator.normal(0, strength, size=(ROWS // size + 2, COLUMNS // size + 2, 1)).astype(np.float32)
        texture += sample(coarse, np.arange(COLUMNS) / size, np.arange(ROWS) / size)
    return texture
