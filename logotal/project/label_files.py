"""The label files of a project, found among files and folders.

Everything that can be wrong with a file that the user named is an error; a file that merely lies in the folder and
holds no labels (`NotLabelsError`) is passed over, by name.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.label_file import LabelFile, NotLabelsError
from logotal.formats.labels import SPREADSHEETS, SUFFIXES, read_labels
from logotal.video.files import walk


def find_labels(
    places: Sequence[Path], group_column: str | None = None, *, without: Collection[Path] = ()
) -> tuple[list[LabelFile], list[str]]:
    """The label files among files and folders, and a sentence for each file of a folder that is none.

    Args:
        places: files, which must hold labels, and folders, in which they are looked for.
        group_column: the column of tables that says the group of each video.
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
            found.setdefault(place.resolve(), read_labels(place, group_column))
            continue
        for path in walk(place):
            same = path.resolve()
            if same in known | found.keys() or path.suffix.lower() not in SUFFIXES | SPREADSHEETS:
                continue
            try:
                found[same] = read_labels(path, group_column)
            except NotLabelsError as error:
                passed_over[same] = str(error)
            except InputError as error:
                raise InputError(f"{error}; if these are no labels, say with --labels which files are") from error
    return list(found.values()), list(passed_over.values())
