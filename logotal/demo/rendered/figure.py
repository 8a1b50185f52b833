"""An articulated figure: a pose in three dimensions, seen by a camera a little above it.

The body's own axes are x to its left or right (to the right of who sees it from the front), y up and z forward, in
units of its height. Arms are given by angles; legs by where the feet are, so that planted feet stay planted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logotal.demo.rendered.canvas import Canvas, draw_capsule, draw_shadow

Array = NDArray[np.float64]

SIDES = np.array([-1.0, 1.0])
"""Where the two arms and legs are along x."""

ANKLE, HIP, CHEST, HEAD = 0.04, 0.515, 0.31, 0.13
"""Height of a standing ankle and hip; from hip to chest, and from chest to the middle of the head."""
SHOULDER_WIDTH, HIP_WIDTH = 0.1, 0.055
LEG, UPPER_ARM, FOREARM = 0.245, 0.165, 0.155
"""Lengths; a leg has two parts of one length."""
FROM_ABOVE = 0.15
"""What is nearer by one unit appears `FROM_ABOVE` units lower."""


@dataclass(frozen=True)
class Pose:
    """How a figure stands at one moment.

    Attributes:
        place: where it stands, in heights of the picture to the right of the middle.
        lift: height of the hip over that of standing, in heights of the body.
        yaw: radians that it is turned by; 0 faces the camera, π/2 the right.
        bow: radians that the trunk is bent forward.
        tilt: radians that it leans to +x.
        arms: (side, upper or lower arm, flexion or abduction) in radians from hanging down; flexion is forward,
            abduction outward.
        feet: (side, axis) of the ankles, relative to where they are in standing.
    """

    place: float
    lift: float
    yaw: float
    bow: float
    tilt: float
    arms: Array
    feet: Array

    def toward(self, other: "Pose", weight: float) -> "Pose":
        """The pose between this one (weight 0) and another (weight 1)."""
        mine, its = vars(self), vars(other)
        return Pose(**{name: mine[name] + weight * (its[name] - mine[name]) for name in mine})


@dataclass(frozen=True)
class Body:
    """What a figure looks like: its height in heights of the picture, how stout it is, its colors (3,) in [0, 255]."""

    height: float
    girth: float
    skin: Array
    hair: Array
    shirt: Array
    sleeves: Array
    trousers: Array
    shoes: Array


def draw_figure(canvas: Canvas, body: Body, pose: Pose, *, foot: tuple[float, float], pixels: float) -> None:
    """Draws a figure and its shadow on a canvas.

    Args:
        canvas: (H, W, 3), drawn on.
        body: what it looks like.
        pose: how it stands; its place is not looked at.
        foot: the pixel (x, y) between its feet.
        pixels: the height of the body.
    """
    draw_shadow(canvas, foot, (0.22 * pixels, 0.05 * pixels), 0.45 * float(np.clip(1 - 2 * pose.lift, 0, 1)))
    starts, ends, radii, colors = limbs_of(body, pose)
    points = np.stack([starts, ends])  # (2, limbs, 3)
    x = points[..., 0] * np.cos(pose.yaw) + points[..., 2] * np.sin(pose.yaw)
    z = points[..., 2] * np.cos(pose.yaw) - points[..., 0] * np.sin(pose.yaw)
    seen = np.stack([foot[0] + pixels * x, foot[1] + pixels * (FROM_ABOVE * z - points[..., 1])], axis=-1)
    for limb in np.argsort(z.mean(axis=0), kind="stable"):
        thickness = (pixels * radii[limb][0], pixels * radii[limb][1])
        draw_capsule(canvas, seen[0, limb], seen[1, limb], thickness, colors[limb])


def limbs_of(body: Body, pose: Pose) -> tuple[Array, Array, list[tuple[float, float]], list[Array]]:
    """All parts as capsules in the body's axes: starts (N, 3), ends (N, 3), radii and colors."""
    limbs: list[tuple[Array, Array, tuple[float, float], Array]] = []
    up = np.array([np.sin(pose.tilt), np.cos(pose.tilt) * np.cos(pose.bow), np.cos(pose.tilt) * np.sin(pose.bow)])
    across = np.array([np.cos(pose.tilt), -np.sin(pose.tilt), 0.0])
    hip = np.array([0.0, HIP + pose.lift, -0.25 * np.sin(pose.bow)])  # who bends forward moves back
    chest = hip + CHEST * up
    head = chest + HEAD * up
    ahead = np.array([0.0, -np.sin(pose.bow), np.cos(pose.bow)])
    girth = body.girth

    limbs.append((hip, hip + 0.02 * up, (0.066 * girth, 0.07 * girth), body.trousers))
    limbs.append((hip + 0.065 * up, chest - 0.06 * up, (0.074 * girth, 0.082 * girth), body.shirt))
    limbs.append((chest, head, (0.032, 0.032), body.skin))
    limbs.append((head, head - 0.02 * up, (0.068, 0.055), body.skin))
    limbs.append((head + 0.018 * up - 0.022 * ahead, head + 0.014 * up - 0.03 * ahead, (0.07, 0.066), body.hair))
    for side, sign in enumerate(SIDES):
        eye = head + 0.064 * ahead + sign * 0.026 * across
        limbs.append((eye, eye, (0.011, 0.011), np.full(3, 25.0)))
        shoulder = chest + sign * SHOULDER_WIDTH * across - 0.03 * up
        limbs.append((chest - 0.03 * up, shoulder, (0.05 * girth, 0.046 * girth), body.shirt))
        elbow = shoulder + UPPER_ARM * _direction(pose.arms[side, 0], sign)
        wrist = elbow + FOREARM * _direction(pose.arms[side, 1], sign)
        limbs.append((shoulder, elbow, (0.042 * girth, 0.035 * girth), body.sleeves))
        limbs.append((elbow, wrist, (0.034 * girth, 0.027 * girth), body.skin))
        limbs.append((wrist, wrist, (0.036, 0.036), body.skin))
        joint = hip + sign * HIP_WIDTH * across
        knee, ankle = _leg(joint, np.array([sign * 0.075, ANKLE, 0.0]) + pose.feet[side], sign)
        limbs.append((joint, knee, (0.06 * girth, 0.047 * girth), body.trousers))
        limbs.append((knee, ankle, (0.047 * girth, 0.033 * girth), body.trousers))
        limbs.append((ankle, ankle + np.array([0.01 * sign, -0.018, 0.075]), (0.033, 0.026), body.shoes))
    starts, ends, radii, colors = (list(column) for column in zip(*limbs, strict=True))
    return np.stack(starts), np.stack(ends), radii, colors


def _direction(angles: Array, sign: float) -> Array:
    """The unit vector of an arm's part from its (flexion, abduction)."""
    flexion, abduction = angles
    down = np.cos(abduction)
    return np.array([sign * np.sin(abduction), -down * np.cos(flexion), down * np.sin(flexion)])


def _leg(hip: Array, ankle: Array, sign: float) -> tuple[Array, Array]:
    """Knee and ankle: the knee bends forward and a little outward; an ankle out of reach is pulled to the hip."""
    line = ankle - hip
    length = float(np.linalg.norm(line))
    line /= length
    length = min(length, 1.999 * LEG)
    forward = np.array([0.45 * sign, 0.0, 1.0])
    forward -= (forward @ line) * line
    forward /= np.linalg.norm(forward)
    return hip + 0.5 * length * line + np.sqrt(LEG**2 - length**2 / 4) * forward, hip + length * line
