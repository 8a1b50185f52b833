"""Who does what and when: the performers of one video, and thereby its ground truth."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from logotal.demo.rendered.motion import ACTIONS, FIDGETS, MOTIONS
from logotal.demo.rendered.performer import Event, Performer, random_body
from logotal.timeline import Action

Generator = np.random.Generator


def plan(generator: Generator, duration: float, *, performers: int, idle: bool) -> tuple[Performer, ...]:
    """Performers with all that they do in a video of `duration` seconds; with `idle`, they only fidget.

    Actions of one label never overlap, those of different labels do where there are two performers.
    """
    cast: list[Performer] = []
    for index in range(performers):
        performer = _performer(generator, index, performers)
        taken = [event for other in cast for event in other.events]
        events = tuple(_events(generator, duration, taken, list(FIDGETS) if idle else list(ACTIONS)))
        cast.append(replace(performer, events=events))
    return tuple(cast)


def truth(performers: tuple[Performer, ...]) -> tuple[Action, ...]:
    """The labeled actions."""
    events = [event for performer in performers for event in performer.events]
    return tuple(Action(event.start, event.end, event.motion) for event in events if event.motion in ACTIONS)


def _events(generator: Generator, duration: float, taken: list[Event], motions: list[str]) -> Iterator[Event]:
    """Motions and fidgets one after the other; each motion comes up once before any comes up again."""
    deck: list[str] = []
    now = generator.uniform(0.5, 2.0)
    while True:
        deck = deck or [str(name) for name in generator.permutation(motions)]
        name = str(generator.choice(list(FIDGETS))) if generator.random() < 0.2 else deck.pop()
        event = _event(generator, name, round(now, 3))
        if event.end > duration - 0.4:
            return
        if all(o.motion != name or event.end + 0.5 < o.start or o.end + 0.5 < event.start for o in taken):
            yield event
            now = event.end
        now += generator.uniform(0.5, 1.6)


def _event(generator: Generator, name: str, start: float) -> Event:
    motion = MOTIONS[name]
    period = generator.uniform(*motion.period)
    length = float(np.exp(generator.uniform(*np.log(motion.duration))))
    if motion.whole:
        length = period * max(round(length / period), 1)
    side, strength = int(generator.integers(2)), generator.uniform(0.85, 1.15)
    return Event(name, start, round(start + length, 3), period, side, strength)


def _performer(generator: Generator, index: int, performers: int) -> Performer:
    """A performer who keeps to its own part of the stage."""
    edge = 0.42
    width = 2 * edge / performers
    low = -edge + index * width
    reach = (low + 0.08 * (index > 0), low + width - 0.08 * (index < performers - 1))
    return Performer(
        body=random_body(generator, *((0.7, 0.79) if performers == 1 else (0.6, 0.7))),
        home=generator.uniform(*reach),
        reach=reach,
        facing=generator.uniform(-0.45, 0.45),
        phases=generator.uniform(0, 2 * np.pi, size=5),
    )
