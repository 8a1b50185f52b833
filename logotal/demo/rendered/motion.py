"""How a figure moves: actions that are labeled, fidgets that are not.

A motion is a function of the pose at rest and of the moment; it gives the pose that the figure tends to. Figures ease
into it and out of it within `EASE` seconds, inside the action.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from logotal.demo.rendered.figure import SIDES, Array, Pose

EASE = 0.3


@dataclass(frozen=True)
class Moment:
    """Where in a motion a figure is.

    Attributes:
        seconds: since the motion began.
        duration: of the whole motion, in seconds.
        period: seconds of one repetition.
        side: 0 or 1, the arm that moves.
        strength: how wide the motion is; 1 is usual.
    """

    seconds: float
    duration: float
    period: float
    side: int
    strength: float

    @property
    def phase(self) -> float:
        """Repetitions done so far."""
        return self.seconds / self.period

    @property
    def swing(self) -> float:
        """Goes from 0 to 1 and back in each repetition."""
        return 0.5 - 0.5 * float(np.cos(2 * np.pi * self.phase))

    @property
    def weight(self) -> float:
        """How far the figure has eased into the motion: from 0 to 1 and back to 0."""
        return ease(min(self.seconds, self.duration - self.seconds) / min(EASE, self.duration / 4))


@dataclass(frozen=True)
class Motion:
    """A motion that a figure can make.

    Attributes:
        move: the pose it leads to.
        duration: the shortest and the longest, in seconds.
        period: of one repetition, likewise.
        whole: whether it always ends with a full repetition.
    """

    move: Callable[[Pose, Moment], Pose]
    duration: tuple[float, float]
    period: tuple[float, float] = (1.0, 1.0)
    whole: bool = False


def ease(share: float) -> float:
    """From 0 to 1 without a jerk at either end."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def stand(place: float, facing: float, seconds: float, phases: Array) -> Pose:
    """The pose at rest: breathing, shifting weight and looking around, each at a pace of its own by `phases` (5,)."""

    def sway(index: int, pace: float) -> float:
        return float(np.sin(2 * np.pi * pace * (0.8 + 0.06 * phases[index]) * seconds + phases[index]))

    breath, shift = sway(0, 0.28), sway(1, 0.11)
    arms = np.array([[[0.05, 0.16], [0.3, 0.1]]] * 2)
    arms[:, 0] += [[0.05 * sway(2, 0.13), 0.02 * breath], [0.05 * sway(3, 0.17), 0.02 * breath]]
    return Pose(
        place=place + 0.012 * shift,
        lift=-0.004 + 0.003 * breath,
        yaw=facing + 0.12 * sway(4, 0.07),
        bow=0.03 + 0.01 * breath,
        tilt=0.03 * shift,
        arms=arms,
        feet=np.array([[-0.012 * shift, 0.0, 0.0]] * 2),
    )


def _arm(pose: Pose, side: int, upper: tuple[float, float], lower: tuple[float, float]) -> Pose:
    """The pose with one arm at (flexion, abduction) of its two parts."""
    arms = pose.arms.copy()
    arms[side] = [upper, lower]
    return replace(pose, arms=arms)


def _both_arms(pose: Pose, upper: tuple[float, float], lower: tuple[float, float]) -> Pose:
    return _arm(_arm(pose, 0, upper, lower), 1, upper, lower)


def _wave(pose: Pose, moment: Moment) -> Pose:
    beat = moment.strength * np.sin(2 * np.pi * moment.phase)
    return _arm(pose, moment.side, (0.2, 2.3 + 0.15 * beat), (0.2, 2.85 + 0.75 * beat))


def _clap(pose: Pose, moment: Moment) -> Pose:
    apart = 1 - moment.swing
    return _both_arms(pose, (0.95, 0.22 + 0.6 * apart), (1.75, -0.8 + 1.7 * moment.strength * apart))


def _squat(pose: Pose, moment: Moment) -> Pose:
    deep = moment.swing
    pose = _both_arms(pose, (1.5 * deep, 0.16), (0.3 + 1.2 * deep, 0.1))
    feet = np.stack([0.03 * SIDES, np.zeros(2), np.zeros(2)], axis=1)
    return replace(pose, lift=-0.24 * moment.strength * deep, bow=0.55 * deep, feet=feet)


def _jump(pose: Pose, moment: Moment) -> Pose:
    """Each repetition crouches, flies with arms and legs spread, and lands."""
    part = moment.phase % 1.0
    crouch = np.sin(np.pi * part / 0.34) if part < 0.34 else 0.0
    flight = np.sin(np.pi * (part - 0.34) / 0.4) if 0.34 <= part < 0.74 else 0.0
    landing = np.sin(np.pi * (part - 0.74) / 0.26) if part >= 0.74 else 0.0
    height = 0.17 * moment.strength * flight
    feet = np.stack([0.09 * flight * SIDES, np.full(2, height), np.zeros(2)], axis=1)
    upper, lower = (-0.5 * crouch, 0.16 + 1.9 * flight), (-0.2 * crouch, 0.1 + 2.3 * flight)
    pose = _both_arms(pose, upper, lower)
    return replace(pose, lift=height - 0.13 * crouch - 0.07 * landing, bow=0.3 * crouch + 0.2 * landing, feet=feet)


STEP = 0.15
"""How far a walking foot swings ahead of the body and behind it."""


def _walk(pose: Pose, moment: Moment) -> Pose:
    """Legs and arms of walking; where it leads and the turn are the performer's."""
    turns = 2 * np.pi * (moment.phase + np.array([0.0, 0.5]))
    feet = np.stack([-0.035 * SIDES, 0.07 * np.maximum(-np.sin(turns), 0), STEP * np.cos(turns)], axis=1)
    arms = pose.arms.copy()
    arms[:, 0, 0] = -0.55 * np.cos(turns)
    arms[:, 1, 0] = 0.35 - 0.55 * np.cos(turns)
    lift = -0.022 + 0.012 * np.cos(4 * np.pi * moment.phase + np.pi)
    return replace(pose, lift=float(lift), bow=0.08, arms=arms, feet=feet)


def _lift_arm(pose: Pose, moment: Moment) -> Pose:
    return _arm(pose, moment.side, (0.2, 1.1 * moment.strength), (0.3, 0.9 * moment.strength))


def _hand_on_hip(pose: Pose, moment: Moment) -> Pose:
    return _arm(pose, moment.side, (-0.2, 0.85), (0.2, -0.95))


def _look_aside(pose: Pose, moment: Moment) -> Pose:
    return replace(pose, yaw=pose.yaw + 0.9 * SIDES[moment.side] * moment.strength)


def _sag(pose: Pose, moment: Moment) -> Pose:
    return replace(pose, lift=-0.05 * moment.strength, bow=0.15)


def _fold_hands(pose: Pose, moment: Moment) -> Pose:
    return _both_arms(pose, (0.35, 0.2), (1.2, -0.75))


ACTIONS: dict[str, Motion] = {
    "clap": Motion(_clap, (1.4, 5.0), period=(0.42, 0.65)),
    "jump": Motion(_jump, (1.0, 3.6), period=(1.0, 1.25), whole=True),
    "squat": Motion(_squat, (1.5, 7.0), period=(1.4, 2.1), whole=True),
    "walk": Motion(_walk, (2.5, 8.0), period=(0.95, 1.2)),
    "wave": Motion(_wave, (1.4, 5.0), period=(0.5, 0.75)),
}
"""By label. Each is an action in the ground truth."""

FIDGETS: dict[str, Motion] = {
    "lift an arm": Motion(_lift_arm, (0.9, 1.8)),
    "put a hand on the hip": Motion(_hand_on_hip, (1.0, 2.5)),
    "look aside": Motion(_look_aside, (1.0, 2.5)),
    "sag": Motion(_sag, (0.7, 1.4)),
    "fold hands": Motion(_fold_hands, (1.0, 2.5)),
}
"""What figures do between their actions; no ground truth speaks of it."""

MOTIONS: dict[str, Motion] = ACTIONS | FIDGETS
