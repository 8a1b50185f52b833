"""Files of features found, matched to videos, and joined where several streams belong together."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from logotal.callbacks import Say
from logotal.data.names import ending, match_names
from logotal.errors import InputError
from logotal.files.text import check_plain
from logotal.importing.arrays import read_npy, read_npz, read_torch
from logotal.importing.entry import Choices, Entry
from logotal.importing.hdf import read_hdf
from logotal.importing.tables import read_table
from logotal.places import SIDECAR
from logotal.video.files import is_hidden
from logotal.words import amount, few

READERS = {
    ".npy": read_npy,
    ".npz": read_npz,
    ".pt": read_torch,
    ".pth": read_torch,
    ".h5": read_hdf,
    ".hdf5": read_hdf,
    ".csv": read_table,
    ".tsv": read_table,
    ".txt": read_table,
}
TOLERATED = 2
"""Steps by which streams of a video may differ: flow has one frame less, clips another length."""


def find_files(places: Sequence[Path], say: Say) -> list[Path]:
    """The files of features among files and folders, in order.

    Raises:
        InputError: one is not there, or ends in nothing that is read.
    """
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            listed = sorted(path for path in place.iterdir() if path.is_file() and not is_hidden(path))
            files = [path for path in listed if path.suffix.lower() in READERS]
            beside = [
                p.name for p in listed if p not in files and p.name != SIDECAR and p.with_suffix(".npy") not in files
            ]
            if beside:
                say(f"{place}: left out {few(beside)}: no form of features")
            if not files:
                raise InputError(f"{place}: no features in this folder; expected files ending in {', '.join(READERS)}")
            found += files
        elif not place.exists():
            raise InputError(f"{place}: no such file or folder")
        elif place.suffix.lower() not in READERS:
            raise InputError(f"{place}: expected a file ending in {', '.join(READERS)}")
        else:
            found.append(place)
    return list(dict.fromkeys(found))


def read_stream(files: Sequence[Path], choices: Choices) -> list[Entry]:
    """What the files of one stream hold.

    Raises:
        InputError: a file is not plain or not as expected, or some are poses and others are not.
    """
    for file in files:
        check_plain(file)
    entries = [entry for file in files for entry in READERS[file.suffix.lower()](file, choices)]
    poses = [entry for entry in entries if entry.pose is not None]
    if poses and len(poses) < len(entries):
        other = next(entry for entry in entries if entry.pose is None)
        raise InputError(f"{poses[0].where} holds poses and {other.where} does not; import each kind for itself")
    return entries


def by_video(entries: Sequence[Entry], ids: Collection[str], say: Say) -> dict[str, Entry]:
    """The entries by the video that they are of; those of no known video are named and left out.

    Raises:
        InputError: no name fits a video, or two entries are of one.
    """
    if not ids:
        return _unique([(entry.names[0], entry) for entry in entries])
    match = match_names(dict.fromkeys(name for entry in entries for name in entry.names), ids)
    found = [(next((match.videos[n] for n in entry.names if n in match.videos), None), entry) for entry in entries]
    placed = [(video, entry) for video, entry in found if video is not None]
    lost = [entry.where for video, entry in found if video is None]
    if not placed:
        raise InputError(
            f"none of {amount(len(entries), 'name')} fits a video: found {few([e.names[0] for e in entries], 2)}; "
            f"the videos are {few(sorted(ids), 3)}; rename the files like the videos"
        )
    used = {entry.names[0] for _, entry in placed}
    additions = {key: [n for n in names if n in used] for key, names in match.additions.items()}
    additions = {key: names for key, names in additions.items() if names}
    if len(additions) > 1:
        shown = "; ".join(f"{begin}VIDEO{end} ({names[0]})" for (begin, end), names in additions.items())
        raise InputError(
            f"names have more than one form: {shown}; import each kind of file for itself, streams with --join"
        )
    for (begin, end), names in additions.items():
        say(f"{amount(len(names), 'name')} of the form {begin}VIDEO{end} matched to videos, as {names[0]}")
    if lost:
        say(f"left out {amount(len(lost), 'file')} of no known video: {few(lost)}")
    return _unique(placed)


def _unique(pairs: Sequence[tuple[str, Entry]]) -> dict[str, Entry]:
    videos: dict[str, Entry] = {}
    for video, entry in pairs:
        if (other := videos.setdefault(video, entry)) is not entry:
            raise InputError(
                f"{other.where} and {entry.where} are both of {video!r}; name one of them, or join with --join"
            )
    return videos


def of_all_streams(streams: Sequence[Mapping[str, Entry]], say: Say) -> list[dict[str, Entry]]:
    """The streams with the videos that all have; what one lacks is named.

    Raises:
        InputError: no video is in all of them.
    """
    named = [_without_ending(stream) for stream in streams]
    if len(streams) > 1 and not set.intersection(*map(set, streams)) and set.intersection(*map(set, named)):
        say("names matched without what all of a stream end in: " + ", ".join(few([*s], 1) for s in streams))
        streams = named
    common = [video for video in streams[0] if all(video in stream for stream in streams)]
    if not common:
        raise InputError(f"no video is in all streams: found {'; '.join(few(sorted(stream), 2) for stream in streams)}")
    lost: dict[str, list[int]] = defaultdict(list)
    for number, stream in enumerate(streams, start=1):
        for video in {video for other in streams for video in other} - set(stream):
            lost[video].append(number)
    if lost:
        shown = [f"{video} (not in stream {', '.join(map(str, numbers))})" for video, numbers in sorted(lost.items())]
        say(f"left out {amount(len(lost), 'video')} that not all streams have: {few(shown)}")
    return [{video: stream[video] for video in common} for stream in streams]


def _without_ending(stream: Mapping[str, Entry]) -> dict[str, Entry]:
    """The videos of a stream without the word that all their names end in."""
    ends = {ending(name) for name in stream}
    (last,) = ends if len(ends) == 1 else ("",)
    return {name.removesuffix(last): entry for name, entry in stream.items()}


def common_steps(steps: Sequence[Mapping[str, int]], say: Say) -> dict[str, int]:
    """The steps of each video that all streams have.

    Raises:
        InputError: the streams of a video differ by more than a few.
    """
    counts = {video: [stream[video] for stream in steps] for video in steps[0]}
    far = {video: each for video, each in counts.items() if max(each) - min(each) > TOLERATED}
    if far:
        shown = "; ".join(f"{video}: {', '.join(map(str, each))}" for video, each in list(far.items())[:3])
        raise InputError(
            f"streams of {amount(len(far), 'video')} differ by more than {TOLERATED} steps ({shown}); extract with "
            "one stride"
        )
    cut = {video: each for video, each in counts.items() if len(set(each)) > 1}
    if cut:
        shown = few([f"{video} ({', '.join(map(str, each))})" for video, each in cut.items()], 3)
        say(f"streams of {amount(len(cut), 'video')} differ in length and are cut to the shortest: {shown}")
    return {video: min(each) for video, each in counts.items()}
