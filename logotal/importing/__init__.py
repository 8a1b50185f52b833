"""Features that others made, brought into a folder as logotal takes them: `logotal import`.

streams.py   files found and read, matched to videos, joined where several streams belong together
arrays.py, hdf.py, tables.py   the forms; keys.py chooses the arrays of a file that are videos
deeplabcut.py, sleap.py, wide.py, landmarks.py   poses; points.py and pose.py make features of them, bodies.py chooses
layout.py    which axis is time; grids.py the frame rate and the stride, lengths.py how long videos are
plan.py      what is made of the streams
writing.py   the folder, with its sidecars
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from logotal.callbacks import Progress, Say, silent
from logotal.errors import InputError
from logotal.importing.entry import Choices
from logotal.importing.grids import Grid, Told, find_grid
from logotal.importing.landmarks import LAYOUTS as COORDINATES
from logotal.importing.layout import LAYOUTS
from logotal.importing.lengths import known_lengths
from logotal.importing.plan import Plan
from logotal.importing.streams import by_video, find_files, of_all_streams, read_stream
from logotal.importing.writing import check_targets, write_features
from logotal.words import amount, few

MOST = 2**16
"""What no stride, window or frame rate comes near."""


@dataclass(frozen=True)
class Imported:
    """The folder, the steps of each file in it by name, the number of channels, and the grid of all."""

    folder: Path
    steps: Mapping[str, int]
    channels: int
    grid: Grid

    def settings(self) -> str:
        """The settings of a recipe that takes these features.

        >>> Imported(Path("features"), {"a": 90}, 1024, Grid(8, 16, {"a": 30.0}, None, "")).settings()
        'data.clip_stride: 8, data.clip_frames: 16'
        """
        if self.grid.stride is None:
            return "data.clip_stride: null"
        return f"data.clip_stride: {self.grid.stride}, data.clip_frames: {self.grid.window}"


def import_features(
    files: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    key: str | None = None,
    layout: str | None = None,
    join: bool = False,
    fps: float | None = None,
    stride: int | None = None,
    window: int | None = None,
    videos: str | Path | Sequence[str | Path] = (),
    annotations: str | Path | None = None,
    coordinates: str | None = None,
    likelihood: float | None = None,
    individuals: Sequence[str] = (),
    apart: bool = False,
    overwrite: bool = False,
    say: Say = silent,
    progress: Progress = silent,
) -> Imported:
    """Brings features, or poses, of any common form into a folder that training and detection take.

    Args:
        files: files of features, or folders of them.
        out: folder for the features.
        key: which array of a file of several; "*" where each is a video.
        layout: TC or CT, where the files do not show which axis is time.
        join: each of `files` is a stream; the streams of a video are joined along the channels, in this order.
        fps: frame rate that the features count in; that of each video if absent.
        stride: frames between steps; measured by the durations if absent.
        window: frames that a step sees; as many as the stride if absent.
        videos: video files, or folders of them, whose names and durations count.
        annotations: ActivityNet JSON, or a project folder, whose names and durations count.
        coordinates: xy, xyz, xys or xyzs where arrays or tables are points of bodies (s: how sure); none where not.
        likelihood: how sure a point has to be; as its tool has it if absent.
        individuals: the bodies that are taken, in this order; all of them if absent.
        apart: a file for each body, called VIDEO__BODY; otherwise they are joined along the channels.
        overwrite: files in `out` may be written over.
        say: callback(sentence): what was found out, and what is left out.
        progress: callback(files done, files in all).

    Raises:
        InputError: something is not as expected, can be read in two ways, or would be written over.
    """
    told = Told(fps, stride, window)
    _check(told, layout, coordinates)
    lengths, read = known_lengths(_paths(videos), None if annotations is None else Path(annotations), say, silent)
    choices = Choices(key, coordinates, frozenset(lengths), say)
    places = _paths(files)
    if join and len(places) < 2:
        raise InputError(f"--join: expected two streams or more, a folder or file each, found {len(places)}")
    groups = [find_files([place], say) for place in places] if join else [find_files(places, say)]
    streams = of_all_streams([by_video(read_stream(group, choices), lengths, say) for group in groups], say)
    if without := [video for video in lengths if video not in streams[0]]:
        say(f"{amount(len(without), 'video')} without features: {few(without)}")
    plan = Plan(streams, tuple(individuals), apart=apart, likelihood=likelihood)
    names = [name for video in streams[0] for name in plan.names(video)]
    inputs = [*read, *(path for group in groups for path in group)]
    check_targets(Path(out), names, inputs, overwrite=overwrite)
    steps = plan.measure(lengths, told, layout, say)
    grid = find_grid(steps, lengths, plan.told(told))
    say(grid.reason)
    made = plan.features(steps, lengths, grid)
    written, channels = write_features(
        Path(out), made, grid, plan.about, total=len(names), overwrite=overwrite, progress=progress
    )
    return Imported(Path(out), written, channels, grid)


def _check(told: Told, layout: str | None, coordinates: str | None) -> None:
    """Raises:
    InputError: an option is none that there is.
    """  # noqa: D205 - there is nothing else to say
    for name, value, valid in (("layout", layout, LAYOUTS), ("coordinates", coordinates, COORDINATES)):
        if value is not None and value not in valid:
            raise InputError(f"--{name} {value!r}: expected {', '.join(valid)}")
    for name in ("fps", "stride", "window"):
        value = getattr(told, name)
        if value is not None and not 0 < value < MOST:
            raise InputError(f"--{name} {value}: expected a number above 0 and below {MOST:,}")


def _paths(places: str | Path | Sequence[str | Path]) -> list[Path]:
    return [Path(places)] if isinstance(places, str | Path) else [Path(each) for each in places]
