"""Moments as label files say them: seconds, frames or timecodes, which become seconds once the video is known."""

import math
import re
from dataclasses import dataclass
from enum import Enum

TIMECODE = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})([:;])(\d{2,3})")


class Clock(Enum):
    """What the number of a moment counts."""

    SECONDS = "seconds"
    FRAMES = "frames"
    TIMECODE = "timecode"
    UNSAID = "a number without a unit"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a video as a label file says it.

    `value` is in seconds, or in frames from 0 on; of a timecode it is the whole seconds, `frame` the frame within the
    second, and `drop` says that numbers are left out to keep pace with a clock (29.97 frames a second). A number
    without a unit is taken for seconds, unless the video shows that it cannot be (see `project.units`).

    >>> Moment(45, Clock.FRAMES).seconds(30), Moment(1, Clock.TIMECODE, frame=15).seconds(30), Moment(2.5).seconds(30)
    (1.5, 1.5, 2.5)
    """

    value: float
    clock: Clock = Clock.SECONDS
    frame: int = 0
    drop: bool = False

    def seconds(self, fps: float) -> float:
        """The seconds from the start of a video of so many frames a second."""
        if self.clock is Clock.FRAMES:
            return round(self.value / fps, 6)
        if self.clock is Clock.TIMECODE:
            return round(self._frames(round(fps)) / fps, 6)
        return self.value

    def _frames(self, nominal: int) -> float:
        """The frames before a timecode, which counts as if a second had a whole number of them."""
        frames = self.value * nominal + self.frame
        if self.drop:  # two numbers of each minute (four at 60) are left out, but not those of every tenth minute
            minutes = int(self.value // 60)
            frames -= round(nominal / 15) * (minutes - minutes // 10)
        return frames


END = Moment(math.inf)
"""The end of the video, whenever that is."""


def timecode(text: str) -> Moment | None:
    """The moment that hh:mm:ss:ff says, or None for another text; a semicolon before the frames means drop-frame.

    >>> timecode("00:00:01:12")
    Moment(value=1, clock=<Clock.TIMECODE: 'timecode'>, frame=12, drop=False)
    """
    if not (found := TIMECODE.fullmatch(text.strip())):
        return None
    hours, minutes, seconds, mark, frame = found.groups()
    if int(minutes) > 59 or int(seconds) > 59:
        return None
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return Moment(whole, Clock.TIMECODE, int(frame), drop=mark == ";")
