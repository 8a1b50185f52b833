"""What is made of the streams of features: arrays turned, poses computed, both cut to one length and joined."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np

from logotal.callbacks import Say
from logotal.errors import InputError
from logotal.importing.bodies import JOIN, check_alike, chosen_bodies, read_pose
from logotal.importing.entry import Array, Entry
from logotal.importing.grids import Grid, Length, Told
from logotal.importing.layout import find_layout, oriented, two_axes
from logotal.importing.pose import Pose, pose_features
from logotal.importing.streams import common_steps
from logotal.importing.writing import Made
from logotal.words import amount, few

Stream = Mapping[str, Entry]


class Plan:
    """The streams of all videos, and what is found out about them: poses, or how arrays lie."""

    def __init__(
        self, streams: Sequence[Stream], individuals: tuple[str, ...], *, apart: bool, likelihood: float | None
    ) -> None:
        self.streams = streams
        self.individuals = individuals
        self.apart = apart
        self.poses = [_pose_of_all(stream, individuals, apart=apart) for stream in streams]
        if not any(self.poses) and (individuals or apart or likelihood is not None):
            raise InputError("--individuals, --apart and --likelihood are about poses, and these files hold none")
        if apart and len(streams) > 1:
            raise InputError("--apart: expected one stream, for those that are joined have one file a video")
        self.thresholds = [
            None if pose is None else pose.threshold if likelihood is None else likelihood for pose in self.poses
        ]
        self._layouts: list[str] = []

    def names(self, video: str) -> list[str]:
        """What the files of a video are to be called."""
        if not self.apart:
            return [video]
        entry = self.streams[0][video]
        bodies = chosen_bodies(read_pose(entry), self.individuals, entry.where)
        return [f"{video}{JOIN}{body.name}" if body.name else video for body in bodies]

    def told(self, told: Told) -> Told:
        """What is told of the grid: a pose has a step for each frame that its table has, unless somebody says more."""
        strides = {pose.stride for pose in self.poses if pose is not None}
        if len(strides) != 1 or told.stride is not None:
            return told
        (stride,) = strides
        return replace(told, stride=stride, window=told.window or stride)

    def measure(self, lengths: Mapping[str, Length], told: Told, layout: str | None, say: Say) -> dict[str, int]:
        """The steps of each video that all streams have; finds out how arrays lie."""
        every = []
        for stream, pose in zip(self.streams, self.poses, strict=True):
            if pose is not None:
                self._layouts.append("TC")
                every.append(_steps_of_poses(stream, lengths, self.told(told), say))
            else:
                found = find_layout(stream, lengths, told, layout)
                self._layouts.append(found.layout)
                say(f"read as {'(T, C)' if found.layout == 'TC' else '(C, T)'}: {found.reason}")
                every.append({video: two_axes(entry)[found.layout.index("T")] for video, entry in stream.items()})
        return common_steps(every, say)

    def features(self, steps: Mapping[str, int], lengths: Mapping[str, Length], grid: Grid) -> Iterator[Made]:
        """The features of each file that is to be written."""
        for video, count in steps.items():
            parts = [self._read(number, video, count, grid) for number in range(len(self.streams))]
            where = " and ".join(stream[video].where for stream in self.streams)
            source = self.streams[0][video].path
            seconds = lengths[video].duration if video in lengths else None
            arrays = parts[0] if self.apart else [np.concatenate([part for each in parts for part in each], axis=1)]
            for name, array in zip(self.names(video), arrays, strict=True):
                yield Made(name, video, where, source, array, seconds)

    def _read(self, number: int, video: str, count: int, grid: Grid) -> list[Array]:
        """The arrays (T, C) of a video in one stream: one, or that of each body."""
        entry, threshold = self.streams[number][video], self.thresholds[number]
        if threshold is None:
            return [oriented(entry, self._layouts[number])[:count]]
        bodies = chosen_bodies(read_pose(entry), self.individuals, entry.where)
        rate = grid.rates[video] / (grid.stride or 1)
        groups = [[body] for body in bodies] if self.apart else [bodies]
        return [pose_features(some, threshold=threshold, rate=rate, steps=count) for some in groups]

    @property
    def about(self) -> dict[str, Any]:
        """What the feature recipe says beside the grid: the points of bodies, and how sure they have to be."""
        poses = []
        for pose, threshold in zip(self.poses, self.thresholds, strict=True):
            if pose is not None:
                bodies = chosen_bodies(pose, self.individuals, "")
                names = ["each for itself"] if self.apart else [body.name for body in bodies]
                poses.append({"bodies": names, "points": list(bodies[0].points), "likelihood": threshold})
        return {"poses": poses} if poses else {}


def _pose_of_all(stream: Stream, individuals: tuple[str, ...], *, apart: bool) -> Pose | None:
    if next(iter(stream.values())).pose is None:
        return None
    return check_alike(stream, individuals, apart=apart)


def _steps_of_poses(stream: Stream, lengths: Mapping[str, Length], told: Told, say: Say) -> dict[str, int]:
    """The steps of poses; tables that end with the last frame in which something was seen go on to the video's end."""
    steps, longer = {}, []
    for video, entry in stream.items():
        pose, length = read_pose(entry), lengths.get(video)
        steps[video] = pose.steps
        rate = told.fps or (length.fps if length else None)
        if pose.open_end and length and length.duration and rate:
            whole = ceil(length.duration * rate / (told.stride or 1) - 0.5)
            if whole > pose.steps:
                steps[video] = whole
                longer.append(f"{video} (from step {pose.steps:,} to {whole:,})")
    if longer:
        say(f"nothing was seen at the end of {amount(len(longer), 'video')}, missing there: {few(longer, 3)}")
    return steps
