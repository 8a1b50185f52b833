"""The label files of a project, found among files and folders.

Everything that can be wrong with a file that the user named is an error; a file that merely lies in the folder and
holds no labels (`NotLabelsError`) is passed over, by name.
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.label_file import AskError, LabelFile, NotLabelsError
from logotal.formats.labels import KNOWN_SUFFIXES, read_labels
from logotal.formats.options import Options
from logotal.video.files import SUFFIXES, walk
from logotal.words import few


def find_labels(
    places: Sequence[Path], options: Options | None = None, *, without: Collection[Path] = ()
) -> tuple[list[LabelFile], list[str]]:
    """The label files among files and folders, and a sentence for each file of a folder that is none.

    Args:
        places: files, which must hold labels, and folders, in which they are looked for. Subtitles and loose text
            count where they are named themselves, or lie in a folder without videos.
        options: what a person says about the files.
        without: files of folders that are known to be something else.

    Raises:
        InputError: a place does not exist, a named file holds no labels, or labels are not as expected.
    """
    found: dict[Path, LabelFile] = {}
    passed_over: dict[Path, str] = {}
    known = {path.resolve() for path in without}
    for place in places:
        if not place.exists():
            raise InputError(f"{place}: no such label file or folder")
        if not place.is_dir():
            found.setdefault(place.resolve(), read_labels(place, options))
            continue
        paths = list(walk(place))
        named = not any(path.suffix.lower() in SUFFIXES for path in paths)
        for path in paths:
            same = path.resolve()
            if same in known | found.keys() or path.suffix.lower() not in KNOWN_SUFFIXES:
                continue
            try:
                found[same] = read_labels(path, options, named=named)
            except NotLabelsError as error:
                passed_over[same] = str(error)
            except AskError:
                raise
            except InputError as error:
                raise InputError(f"{error}; if these are no labels, say with --labels which files are") from error
    return list(found.values()), list(passed_over.values())


def check_used(options: Options, sources: Sequence[LabelFile], *, prefixed: bool) -> None:
    """Makes sure that each option that a person gave was of use to a label file.

    Raises:
        InputError: the option, and what the label files have in its place.
    """
    used = {name for source in sources for name in source.used}
    for name, value in _each(options):
        if name in used or (name == "prefix" and prefixed) or name == "group":  # groups are checked where they are made
            continue
        option = name.partition(" ")[0]
        offered = [each for source in sources for each in source.offered.get(option, ())]
        there = f"; there are {few(list(dict.fromkeys(offered)), most=12)}" if offered else ""
        raise InputError(f"--{option.replace('_', '-')} {value}: no label file has a use for it{there}")


def _each(options: Options) -> Iterable[tuple[str, str]]:
    """The options that are given, one value at a time, and what a file that uses it calls it."""
    for role, header in options.columns.items():
        yield f"columns {role}", f"{role}={header}"
    for label in options.background:
        yield f"background {label}", label
    for name in ("unit", "tier", "attribute", "annotator", "prefix", "split_labels"):
        value = getattr(options, name)
        if value:
            yield name, " ".join(value) if isinstance(value, tuple) else "" if value is True else str(value)
