"""A performer: a figure with a body and a home, and what it does when."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from logotal.demo.rendered.figure import Array, Body, Pose
from logotal.demo.rendered.motion import EASE, MOTIONS, STEP, Moment, ease, stand


@dataclass(frozen=True)
class Event:
    """One motion of one performer; start and end in seconds, the rest as in `Moment`."""

    motion: str
    start: float
    end: float
    period: float
    side: int
    strength: float

    def moment(self, seconds: float) -> Moment:
        """Where in the motion a performer is at that time of the video."""
        return Moment(seconds - self.start, self.end - self.start, self.period, self.side, self.strength)


@dataclass(frozen=True)
class Performer:
    """A figure and its events in order of time, none of which overlap.

    Attributes:
        body: what it looks like.
        home: where it stands at first, in heights of the picture to the right of the middle.
        reach: the leftmost and the rightmost place that it walks to.
        facing: yaw at rest, in radians.
        phases: (5,) radians, the rhythm of its swaying.
        events: what it does.
    """

    body: Body
    home: float
    reach: tuple[float, float]
    facing: float
    phases: Array
    events: tuple[Event, ...] = ()

    def pose(self, seconds: float) -> Pose:
        """How it stands at that time of the video."""
        place, yaw = self._walked(seconds)
        rest = stand(place, self.facing, seconds, self.phases)
        for event in self.events:
            if event.start < seconds < event.end:
                moment = event.moment(seconds)
                goal = MOTIONS[event.motion].move(rest, moment)
                if event.motion == "walk":
                    goal = replace(goal, yaw=yaw)
                return rest.toward(goal, moment.weight)
        return rest

    @cached_property
    def _walks(self) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.motion == "walk")

    def _walked(self, seconds: float) -> tuple[float, float]:
        """Where it is at that time, and its yaw in walking: to and fro between its farthest places."""
        low, high = self.reach
        width = high - low
        # a place on an endless path that is folded at both ends; the direction is where it has not been for longest
        path = self.home - low if self.home < (low + high) / 2 else 2 * width - (self.home - low)
        for walk in self._walks:
            if seconds > walk.start:
                # a foot on the floor stays there: it passes under the body, 2 STEP long, in half a period
                speed = 4 * STEP * self.body.height / walk.period
                path += speed * _eased_seconds(min(seconds, walk.end) - walk.start, walk.end - walk.start)
        path %= 2 * width
        back = path > width
        to_turn = min(path % width, width - path % width)
        yaw = (-1.35 if back else 1.35) * ease(to_turn / 0.1)
        return low + (2 * width - path if back else path), yaw


def _eased_seconds(seconds: float, duration: float) -> float:
    """Seconds at full pace that bring one as far, where the pace eases in and out."""
    slow = min(EASE, duration / 4)
    begun, ended = min(seconds, slow), max(seconds - (duration - slow), 0.0)
    return begun**2 / (2 * slow) + max(seconds - slow, 0.0) - ended**2 / (2 * slow)


def random_body(generator: np.random.Generator, shortest: float, tallest: float) -> Body:
    """A figure of some height between these, in colors of its own."""
    skin = np.array([236.0, 188.0, 150.0]) * generator.uniform(0.45, 1.05)
    shirt, trousers = generator.uniform(30, 235, size=(2, 3))
    return Body(
        height=generator.uniform(shortest, tallest),
        girth=generator.uniform(0.9, 1.2),
        skin=skin,
        hair=np.array([90.0, 60.0, 35.0]) * generator.uniform(0.2, 2.0),
        shirt=shirt,
        sleeves=shirt * 0.9 if generator.random() < 0.7 else skin,
        trousers=trousers * 0.8,
        shoes=generator.uniform(20, 90, size=3),
    )
