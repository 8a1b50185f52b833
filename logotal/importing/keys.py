"""Files of many arrays (.npz, .h5, .pt): which of their keys are videos, and which are parts of one video."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from logotal.data.names import match_names
from logotal.errors import InputError
from logotal.importing.entry import EACH, Choices, Entry, Key, Stored, described, stem
from logotal.words import amount, few

PARTS = frozenset(
    {"rgb", "flow", "audio", "feat", "feats", "feature", "features", "data", "x", "mask", "fps", "spatial"}
)
"""Names of parts of one video, which no video is called."""


def entries_of(path: Path, arrays: Mapping[Key, Stored], choices: Choices) -> list[Entry]:
    """The videos in a file of arrays.

    Names that all keys share say nothing (`features/match_1`, `v_1/c3d_features`); those in which they differ are
    the videos. Where that can be read in two ways, `--key` says which.

    Raises:
        InputError: there are no features in the file, or several arrays that may be parts of one video.
    """
    usable = {key: array for key, array in arrays.items() if array.usable}
    if not usable:
        raise InputError(f"{path}: expected arrays of numbers with two axes or more, found none in {_all(arrays)}")
    if len(usable) < len(arrays):
        choices.say(f"{path}: left out {few(['/'.join(key) for key in arrays if key not in usable])}: no arrays (T, C)")
    chosen = _chosen(path, usable, choices.key)
    names = _names(chosen)
    if len(chosen) == 1:
        names = {chosen[0]: tuple(part for part in chosen[0] if _is_known((part,), choices))[:1]}
    elif len(set(names.values())) < len(names) or any(len(name) > 1 for name in names.values()):
        raise InputError(f"{path}: expected one array for each video, found {described(list(chosen))}; say --key NAME")
    elif choices.key != EACH and not _are_videos(list(names.values()), usable, chosen, choices):
        raise InputError(
            f"{path}: holds {amount(len(chosen), 'array')} ({described(list(chosen))}), which may be parts of one "
            f"video or a video each; say --key NAME, or --key '{EACH}' where each is a video"
        )
    return [
        Entry(name or (stem(path),), path, usable[key].shape, read=usable[key].read, key=key)
        for key, name in names.items()
    ]


def _chosen(path: Path, usable: Mapping[Key, Stored], key: str | None) -> list[Key]:
    if key is None or key == EACH:
        return list(usable)
    found = [each for each in usable if key in each or "/".join(each) == key]
    if not found:
        raise InputError(f"{path}: --key {key!r} is not in the file, which has {described(list(usable))}")
    return found


def _names(keys: Sequence[Key]) -> dict[Key, tuple[str, ...]]:
    """The parts of each key in which it differs from others."""
    if len({len(key) for key in keys}) > 1:
        return {key: ("/".join(key),) for key in keys}
    differing = [place for place, parts in enumerate(zip(*keys, strict=True)) if len(set(parts)) > 1]
    return {key: tuple(key[place] for place in differing) for key in keys}


def _are_videos(
    names: Sequence[tuple[str, ...]], usable: Mapping[Key, Stored], chosen: Sequence[Key], choices: Choices
) -> bool:
    """Whether the keys are videos: known ones, or their arrays differ in length alone."""
    if choices.ids:
        return any(_is_known(name, choices) for name in names)
    shapes = [usable[key].shape for key in chosen]
    if any(part.lower() in PARTS for name in names for part in name):
        return False
    if len({len(shape) for shape in shapes}) > 1:
        return False
    return sum(len(set(sizes)) > 1 for sizes in zip(*shapes, strict=True)) == 1


def _is_known(name: tuple[str, ...], choices: Choices) -> bool:
    return len(name) == 1 and bool(match_names(name, choices.ids).videos)


def _all(arrays: Mapping[Key, Stored]) -> str:
    return ", ".join(f"{'/'.join(key)!r} {array.shape}" for key, array in list(arrays.items())[:5]) or "an empty file"
