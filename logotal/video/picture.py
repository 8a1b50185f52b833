"""Decoded frames as RGB pictures: upright, and all of one size."""

from dataclasses import dataclass
from math import atan2, degrees
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a stored picture becomes the one that is shown: transposed first, then flipped.

    These three are all that the eight upright positions of a display matrix need, mirrored ones included.
    """

    transposed: bool = False
    top_down: bool = False
    left_right: bool = False
    clockwise: int = 0
    """The turn that they amount to, for people: 0, 90, 180 or 270 degrees."""

    @classmethod
    def of(cls, frame: VideoFrame) -> "Orientation":
        """The orientation in a frame's display matrix; upright where it has none."""
        side_data: Any = frame.side_data  # a mapping, which PyAV's type hints call a dictionary of motion vectors
        try:
            matrix = np.frombuffer(side_data["DISPLAYMATRIX"], dtype=np.int32)
        except KeyError:
            return cls()
        # a stored pixel (x, y) is shown at (a x + c y, b x + d y)
        a, b, _, c, d = (int(number) for number in matrix[:5])
        clockwise = round(degrees(atan2(b, a)) / 90) * 90 % 360
        if abs(b) > abs(a):
            return cls(True, top_down=b < 0, left_right=c < 0, clockwise=clockwise)
        return cls(False, top_down=d < 0, left_right=a < 0, clockwise=clockwise)

    def turned(self, size: tuple[int, int]) -> tuple[int, int]:
        """The (width, height) after, or before, the turn."""
        return size[::-1] if self.transposed else size

    def applied(self, image: Image) -> Image:
        """The picture (H, W, 3) as it is shown."""
        image = image.transpose(1, 0, 2) if self.transposed else image
        return image[:: -1 if self.top_down else 1, :: -1 if self.left_right else 1]


class Painter:
    """Makes RGB arrays of decoded frames, all of the size of the first, whatever happens in the middle.

    One pass of FFmpeg's scaler converts the colors and, after such a change, resizes. Pixels are taken as square.
    """

    def __init__(self) -> None:
        self._size: tuple[int, int] | None = None
        self._reformatter = VideoReformatter()  # keeps its tables from frame to frame

    def see(self, frame: VideoFrame) -> None:
        """Takes the size of the first frame, whether or not anybody looks at its picture."""
        if self._size is None:
            self._size = Orientation.of(frame).turned((frame.width, frame.height))

    def rgb(self, frame: VideoFrame) -> Image:
        """The frame as shown: (H, W, 3) uint8, owned by the caller."""
        self.see(frame)
        assert self._size is not None
        orientation = Orientation.of(frame)
        width, height = orientation.turned(self._size)
        scaled = self._reformatter.reformat(frame, width, height, "rgb24", interpolation="BILINEAR")
        return np.array(orientation.applied(np.asarray(scaled.to_ndarray(), dtype=np.uint8)), order="C")
