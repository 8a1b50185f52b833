"""Which axis of an array is time: by what all files have in common, and by how long their videos are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from logotal.data.measure import fitting_rates, fitting_strides
from logotal.errors import InputError
from logotal.importing.entry import Array, Entry
from logotal.importing.grids import Length, Told

LAYOUTS = ("TC", "CT")


@dataclass(frozen=True)
class Turned:
    """How arrays lie, and why that is believed."""

    layout: str
    reason: str


def two_axes(entry: Entry) -> tuple[int, int]:
    """The two axes of an array, without those of one step that networks leave: (1, T, C, 1, 1), (1, C, T).

    Raises:
        InputError: more than two are left.
    """
    shape = list(entry.shape)
    while len(shape) > 2 and shape[-1] == 1:
        shape.pop()
    while len(shape) > 2 and 1 in shape:
        shape.remove(1)
    if len(shape) != 2 or 0 in shape:
        raise InputError(
            f"{entry.where}: expected an array (T, C) or (C, T), found {entry.shape}; average over the other axes, or "
            "keep one of each, or say --coordinates (xy, xyz, xys or xyzs) where they are points of a body"
        )
    return shape[0], shape[1]


def oriented(entry: Entry, layout: str) -> Array:
    """The array as (T, C)."""
    assert entry.read is not None
    array = np.asarray(entry.read()).reshape(two_axes(entry))
    return array.T if layout == "CT" else array


def find_layout(
    entries: Mapping[str, Entry], lengths: Mapping[str, Length], told: Told, layout: str | None = None
) -> Turned:
    """How the arrays of all videos lie, by video.

    Raises:
        InputError: they have no number of channels in common, or both readings are possible.
    """
    shapes = {video: two_axes(entry) for video, entry in entries.items()}
    first = next(iter(entries.values()))
    channels = {place: {shape[place] for shape in shapes.values()} for place in (0, 1)}
    if layout is not None:
        if len(channels["TC".index("C") if layout == "TC" else 0]) > 1:
            raise _no_channels(entries, shapes, f"as --layout {layout} says")
        return Turned(layout, f"--layout {layout}")
    if all(len(sizes) > 1 for sizes in channels.values()):
        raise _no_channels(entries, shapes, "in one of the two axes")
    if len(channels[0]) > 1:
        return Turned("TC", f"all files have {channels[1].pop():,} in the second axis")
    if all(entry.rows for entry in entries.values()):
        return Turned("TC", "the tables name their columns")
    if len(channels[1]) > 1:
        return Turned("CT", f"all files have {channels[0].pop():,} in the first axis")
    found = [each for each in LAYOUTS if _fits(shapes, lengths, told, each)]
    if len(found) == 1:
        return Turned(found[0], "the other reading does not fit the durations")
    T, C = shapes[next(iter(shapes))]
    why = (
        "both fit the durations"
        if found
        else "nothing tells them apart"
        if not lengths
        else "neither fits the durations"
    )
    raise InputError(
        f"{first.where}: {first.shape} may be {T:,} steps of {C:,} channels (--layout TC) or {C:,} steps of {T:,} "
        f"channels (--layout CT), and {why}; say which"
    )


def _no_channels(entries: Mapping[str, Entry], shapes: Mapping[str, tuple[int, int]], where: str) -> InputError:
    unlike: dict[tuple[int, int], str] = {shape: entries[video].where for video, shape in shapes.items()}
    (a, b), *_ = zip(unlike.items(), list(unlike.items())[1:], strict=False)
    return InputError(
        f"expected the same number of channels in all files {where}, found {a[0]} in {a[1]} and {b[0]} in {b[1]}; "
        "import each kind of file for itself"
    )


def _fits(shapes: Mapping[str, tuple[int, int]], lengths: Mapping[str, Length], told: Told, layout: str) -> bool:
    """Whether the durations allow a layout."""
    known = {video: length for video, length in lengths.items() if video in shapes and length.duration}
    if not known:
        return False
    steps = [shapes[video][layout.index("T")] for video in known]
    rates = [told.fps or length.fps for length in known.values()]
    durations: Sequence[float] = [length.duration or 0.0 for length in known.values()]
    if not all(rates):
        return bool(fitting_rates(durations, steps))
    frames = [duration * (rate or 0.0) for duration, rate in zip(durations, rates, strict=True)]
    strides = fitting_strides(frames, steps, told.window)
    return told.stride in strides if told.stride else bool(strides)
