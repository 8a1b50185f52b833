"""Label files of any tool, known by what is in them: names as project-1-at-2026.json say nothing.

`FORMS` are all forms; what logotal writes is among them (`timelines.FORMATS`). Everything that can be wrong with a file
that the user named is an error; a file that merely lies in the folder and holds no labels (`NotLabelsError`) is passed
over, by name.
"""

from dataclasses import replace
from pathlib import Path

from logotal.errors import InputError
from logotal.formats.activitynet import ACTIVITYNET_RESULTS
from logotal.formats.anvil import ANVIL
from logotal.formats.audacity import AUDACITY
from logotal.formats.bento import BENTO
from logotal.formats.boris import BORIS
from logotal.formats.boris_project import BORIS_PROJECT
from logotal.formats.chapters import CHAPTERS
from logotal.formats.charades import CHARADES
from logotal.formats.cvat import CVAT
from logotal.formats.database_labels import DATABASE
from logotal.formats.datavyu import DATAVYU
from logotal.formats.edited import EDITED
from logotal.formats.ego4d import EGO4D
from logotal.formats.elan import ELAN
from logotal.formats.elan_table import ELAN_TABLE
from logotal.formats.epic import EPIC
from logotal.formats.event_table import EVENT_TABLE, SUFFIXES, read_event_table
from logotal.formats.fiftyone import FIFTYONE
from logotal.formats.form import Form, Source
from logotal.formats.frame_lines import FRAME_LINES
from logotal.formats.frame_table import FRAME_TABLE
from logotal.formats.label_file import LabelFile, NotLabelsError
from logotal.formats.label_names import with_names
from logotal.formats.label_studio_labels import LABEL_STUDIO, LABEL_STUDIO_CSV
from logotal.formats.one_hot import ONE_HOT
from logotal.formats.open_timeline import OTIO
from logotal.formats.options import Options
from logotal.formats.segmentation import SEGMENTATION
from logotal.formats.soccernet import SOCCERNET
from logotal.formats.spotting import SPOTTING
from logotal.formats.subrip import SUBRIP
from logotal.formats.textgrid import TEXTGRID
from logotal.formats.thumos import THUMOS
from logotal.formats.via_labels import VIA, VIA_PICTURES, VIA_PROJECT
from logotal.formats.webvtt import WEBVTT
from logotal.formats.workbook import sheets_of


def _claims_workbook(source: Source) -> bool:
    return source.suffix == ".xlsx"


def _workbook(source: Source) -> LabelFile:
    """The labels of the one sheet that holds any."""
    found: dict[str, LabelFile] = {}
    reasons = []
    for name, sheet in sheets_of(source).items():
        try:
            found[name] = read_source(sheet)
        except NotLabelsError as error:
            reasons.append(f"sheet {name!r}: {str(error).removeprefix(f'{source.path}: ')}")
    if not found:
        raise NotLabelsError(
            f"{source.path}: a workbook without labels; {'; '.join(reasons) or 'all sheets are empty'}"
        )
    if len(found) > 1:
        raise InputError(f"{source.path}: the sheets {' and '.join(found)} hold labels; keep one, or save it as CSV")
    (file,) = found.values()
    source.used |= file.used
    source.offered |= file.offered
    return replace(file, form=f"workbook, {file.form}", notes=(*file.notes, *reasons))


WORKBOOK = Form("Excel .xlsx (extra xlsx)", _claims_workbook, _workbook, (".xlsx",), binary=True)

FORMS: tuple[Form, ...] = (
    ACTIVITYNET_RESULTS,
    EVENT_TABLE,
    WEBVTT,
    SUBRIP,
    AUDACITY,
    ELAN,
    OTIO,
    VIA,
    LABEL_STUDIO,
    FIFTYONE,
    LABEL_STUDIO_CSV,
    VIA_PROJECT,
    VIA_PICTURES,
    BORIS,
    BORIS_PROJECT,
    DATABASE,
    ELAN_TABLE,
    TEXTGRID,
    ANVIL,
    DATAVYU,
    CVAT,
    BENTO,
    ONE_HOT,
    FRAME_TABLE,
    FRAME_LINES,
    SEGMENTATION,
    SOCCERNET,
    SPOTTING,
    EPIC,
    CHARADES,
    EGO4D,
    EDITED,
    THUMOS,
    CHAPTERS,
    WORKBOOK,
)

SHEETS = frozenset({".xls", ".ods", ".numbers"})
KNOWN_SUFFIXES = frozenset(suffix for form in FORMS for suffix in form.suffixes) | SHEETS
"""Ends of names by which label files are looked for in a folder."""

LARGEST = 256 * 2**20
"""Bytes of a label file; a larger one is something else."""


def read_labels(path: Path, options: Options | None = None, *, named: bool = True) -> LabelFile:
    """What a label file says.

    Args:
        path: of the file.
        options: what a person says about it.
        named: whether a person named this file as labels; subtitles and loose text count only then.

    Raises:
        NotLabelsError: it holds no labels in a form that is known.
        AskError: it does, and a person must say which of them count.
        InputError: it does, and they are not as expected.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in SHEETS:
        raise NotLabelsError(f"{path}: a spreadsheet; save it as CSV")
    if suffix not in KNOWN_SUFFIXES:
        raise NotLabelsError(f"{path}: no labels in a form that is known; expected {names_of_forms()}")
    if path.is_file() and path.stat().st_size > LARGEST:
        raise NotLabelsError(f"{path}: too large for labels, {path.stat().st_size / 2**20:,.0f} MB")
    return read_source(Source(path, options, named=named))


def read_source(source: Source) -> LabelFile:
    """What a source of labels says; see `read_labels`."""
    form = form_of(source)
    if form is None:
        if source.suffix in SUFFIXES and not source.is_binary:
            return read_event_table(source)  # which says what a table lacks
        raise NotLabelsError(f"{source.path}: no labels in a form that is known; expected {names_of_forms()}")
    if form.loose and not source.named:
        raise NotLabelsError(
            f"{source.path}: {form.name}, which may hold anything; if they are labels, say so with "
            f"--labels {source.path}"
        )
    file = with_names(form.labels(source), source)
    return replace(file, notes=(*source.notes, *file.notes), used=frozenset(source.used), offered=dict(source.offered))


def form_of(source: Source) -> Form | None:
    """The form that a file has; None if it has none that is known.

    Raises:
        InputError: it is empty, or two forms claim it.
    """
    if not source.is_binary and not source.text.strip():
        raise NotLabelsError(f"{source.path}: the file is empty")
    for general in (False, True):
        asked = [form for form in FORMS if form.general is general and form.binary is source.is_binary]
        found = [form for form in asked if form.claims(source)]
        if len(found) > 1:
            names = " and ".join(form.name for form in found)
            raise InputError(f"{source.path}: could be {names}; this is an error of logotal, please report the file")
        if found:
            return found[0]
    return None


def names_of_forms() -> str:
    """What can be read, in a line."""
    return ", ".join(form.name for form in FORMS if form.holds_labels)
