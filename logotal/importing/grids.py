"""The grid of imported features: told, or measured from how long the videos are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from logotal.data.measure import all_alike, fitting_rates, fitting_strides, stride_fits
from logotal.errors import InputError
from logotal.words import few


@dataclass(frozen=True)
class Length:
    """How long a video is, in seconds, and its frames a second, as far as that is known."""

    duration: float | None
    fps: float | None


@dataclass(frozen=True)
class Told:
    """What a person says of the grid."""

    fps: float | None = None
    stride: int | None = None
    window: int | None = None


@dataclass(frozen=True)
class Grid:
    """The grid of all files: frames per step and per clip, the frame rate of each video, and how that is known.

    Without a `stride`, each file spans its video evenly. `fps` is the rate that all have by themselves or as told.
    """

    stride: int | None
    window: int | None
    rates: Mapping[str, float]
    fps: float | None
    reason: str

    def seconds(self, video: str, steps: int) -> float:
        """How long steps of a video last, from its first frame on."""
        rate = self.rates[video]
        if self.stride is None or self.window is None:
            return steps / rate
        return ((steps - 1) * self.stride + self.window) / rate


def find_grid(steps: Mapping[str, int], lengths: Mapping[str, Length], told: Told) -> Grid:
    """The grid of features of these lengths, by video.

    Raises:
        InputError: it cannot be known, or what is told contradicts the durations.
    """
    known = {video: lengths[video] for video in steps if video in lengths and lengths[video].duration}
    rates = {video: told.fps or (lengths[video].fps if video in lengths else None) for video in steps}
    measured = [steps[video] for video in known]
    seconds = [length.duration or 0.0 for length in known.values()]
    if told.stride is None and all_alike(measured, seconds) and len(known) == len(steps):
        spread = {video: rates[video] or steps[video] / (known[video].duration or 1.0) for video in steps}
        return Grid(None, None, spread, told.fps, f"all have {measured[0]:,} steps, which span the videos evenly")
    if known and not any(rates.values()) and told.stride is None:
        return _by_rate(steps, measured, seconds, told)
    sure = {video: rate for video, rate in rates.items() if rate}
    if len(sure) < len(rates):
        raise InputError(
            f"the frame rate of {few([video for video in rates if video not in sure])} is not known; say --fps, "
            "or name the videos with --videos"
        )
    frames = [sure[video] * duration for video, duration in zip(known, seconds, strict=True)]
    stride, reason = _stride(list(known), frames, measured, told)
    window = told.window or stride
    return Grid(stride, window, sure, told.fps, f"{reason}{'' if told.window else _window(stride)}")


def _by_rate(steps: Mapping[str, int], measured: Sequence[int], seconds: Sequence[float], told: Told) -> Grid:
    """The grid of features that come at a fixed rate, where nothing says the frame rate of the videos."""
    found = fitting_rates(seconds, measured)
    if len(found) != 1:
        about = sum(measured) / sum(seconds)
        several = f"{few([f'{rate:g}' for rate in found])} fit" if found else "no usual number fits all files"
        raise InputError(f"the files have about {about:.4g} steps a second, and {several}; say --fps and --stride")
    window = told.window or 1
    rates = dict.fromkeys(steps, found[0])
    return Grid(
        1, window, rates, found[0], f"{found[0]:g} steps a second fit all durations: each step counts as a frame"
    )


def _stride(videos: Sequence[str], frames: Sequence[float], steps: Sequence[int], told: Told) -> tuple[int, str]:
    """The stride, and how it is known."""
    if told.stride is not None:
        if videos and not stride_fits(frames, steps, told.stride, told.window):
            raise InputError(_disagreeing(videos, frames, steps, told.stride))
        return told.stride, f"a step {_every(told.stride)}{' fits all durations' if videos else ''}"
    if not videos:
        raise InputError(
            "the stride is not known; say it with --stride, or name the videos (--videos) or --annotations"
        )
    found = fitting_strides(frames, steps, told.window)
    if len(found) == 1:
        return found[0], f"a step {_every(found[0])} fits all durations"
    if found:
        raise InputError(
            f"steps every {', '.join(map(str, found[:-1]))} and {found[-1]} frames fit the durations, which are too "
            "short to tell; say --stride, or how long a clip is with --window"
        )
    typical = sorted(length / count for length, count in zip(frames, steps, strict=True))[len(steps) // 2]
    raise InputError(_disagreeing(videos, frames, steps, max(round(typical), 1)))


def _disagreeing(videos: Sequence[str], frames: Sequence[float], steps: Sequence[int], stride: int) -> str:
    """A sentence about the videos whose lengths a stride does not make."""
    each = list(zip(videos, frames, steps, strict=True))
    off = [one for one in each if not stride_fits([one[1]], [one[2]], stride)] or each
    shown = "; ".join(f"{video}: {count:,} steps in {length:,.0f} frames" for video, length, count in off[:3])
    return (
        f"a step {_every(stride)} does not fit {len(off)} of {len(videos)} files ({shown}); mend the durations, "
        "leave these files out, or say --fps, --stride and --window as the features were made"
    )


def _window(stride: int) -> str:
    return (
        f"; how many frames a clip has is not in the files, and taken to be as many ({stride}): --window says otherwise"
    )


def _every(stride: int) -> str:
    return "each frame" if stride == 1 else f"every {stride} frames"
