"""Datavyu exports: `trial.ordinal,trial.onset,trial.offset,trial.code` of each spreadsheet column, in milliseconds.

Layout: https://datavyu.org/user-guide/ and its csv export scripts. The cells of several columns lie side by side in a
row and have nothing to do with each other. Where several columns or codes hold something, it is asked which counts. A
code that is called subject, or the like, says who acts.
"""

from collections.abc import Sequence

from logotal.formats.columns import subject_name
from logotal.formats.comma_separated import number
from logotal.formats.event_table import SUFFIXES
from logotal.formats.form import Form, Source
from logotal.formats.label_file import Collected, LabelFile, NotLabelsError
from logotal.formats.tables import Table, first_rows, parse_table
from logotal.formats.tiers import chosen_tiers, unread
from logotal.timeline import Action

TIMES = ("ordinal", "onset", "offset")


def _parts(header: Sequence[str]) -> dict[str, dict[str, int]]:
    """The columns of the export by the column of the spreadsheet and what they hold."""
    found: dict[str, dict[str, int]] = {}
    for i, cell in enumerate(header):
        name, _, part = cell.strip().rpartition(".")
        found.setdefault(name, {})[part] = i
    return {name: parts for name, parts in found.items() if {"onset", "offset", "ordinal"} <= set(parts)}


def _claims(source: Source) -> bool:
    if source.suffix not in SUFFIXES or "ordinal" not in source.text[:4000]:
        return False
    _, rows = first_rows(source.text, source.path, 2)
    return bool(rows) and bool(_parts(rows[0]))


def _labels(source: Source) -> LabelFile:
    table = parse_table(source.text, source.path, needed=())
    groups = _parts(table.header)
    counts = {
        name: count
        for name, parts in groups.items()
        if (count := sum(bool(cells[parts["onset"]].strip()) for _, cells in table.rows))
    }
    if not counts:
        raise NotLabelsError(f"{source.path}: a Datavyu export without cells; nobody annotated it yet")
    named = {name or source.path.stem: name for name in counts}
    chosen = chosen_tiers(source, {shown: counts[name] for shown, name in named.items()}, "column")
    codes = {name: [part for part in groups[named[name]] if part not in TIMES] for name in chosen}
    offered = list(dict.fromkeys(code for listed in codes.values() for code in listed))
    label = source.choose("attribute", offered, "codes, and any may be the label") if offered else ""
    found = Collected(source.path)
    found.see(source.path.stem)
    for name in chosen:
        _add(found, table, groups[named[name]], label, source)
    found.notes += unread(source, {shown: counts[name] for shown, name in named.items()}, chosen, "column")
    return found.file("Datavyu", named=False)


def _add(found: Collected, table: Table, parts: dict[str, int], label: str, source: Source) -> None:
    """The cells of a column of the spreadsheet."""
    for line, cells in table.rows:
        where = f"{source.path}, line {line}"
        if not cells[parts["onset"]].strip():
            continue  # the columns beside it go on
        onset, offset = (number(cells[parts[each]], f"{where}: {each}") / 1000 for each in ("onset", "offset"))
        said = cells[parts[label]].strip() if label in parts else ""
        who = subject_name(part for part in parts if part != label)
        subject = cells[parts[who]].strip() if who is not None else ""
        action = Action(round(onset, 6), round(offset, 6), said, subject=subject or None)
        if said:
            found.add(source.path.stem, action, where)
        else:
            found.leave_unlabelled(source.path.stem, action, where)


DATAVYU = Form("Datavyu CSV", _claims, _labels, SUFFIXES)
