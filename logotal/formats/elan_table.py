"""ELAN's tab-delimited export, with its header: a line an annotation, with one column of text or one for each tier.

Layout: File > Export As > Tab-delimited Text, https://www.mpi.nl/corpus/manuals/manual-elan.pdf; the headers of times
say their units (`Begin Time - msec`, `Begin Time - ss.msec`).
"""

from collections import Counter

from logotal.formats.columns import key
from logotal.formats.event_table import table_of
from logotal.formats.form import Form, Source
from logotal.formats.label_file import Collected, FoundAction, LabelFile, NotLabelsError
from logotal.formats.tables import Table, parse_table
from logotal.formats.tiers import chosen_tiers, unread

ABOUT = frozenset({"tier", "participant", "annotator", "begintime", "endtime", "duration", "file", "filepath"})
"""Columns that say something else than the text of annotations."""


def _claims(source: Source) -> bool:
    if source.suffix not in (".txt", ".csv", ".tsv", ".tab") or "begin time - " not in source.text[:4000].lower():
        return False
    return table_of(source, "start", "end") is not None


def _labels(source: Source) -> LabelFile:
    table = parse_table(source.text, source.path, needed=("start", "end"))
    texts = [i for i, cell in enumerate(table.header) if cell.strip() and key(cell).name not in ABOUT]
    rows = list(_rows(table, texts))
    if not texts:
        raise NotLabelsError(f"{source.path}: an export of ELAN without the text of its annotations; export it too")
    counts = Counter(tier for tier, _, _, _ in rows)
    chosen = chosen_tiers(source, counts)
    found = Collected(source.path)
    video = table.column("file", "filepath")
    who = table.column("participant")
    own = source.path.stem
    for tier, text, line, cells in rows:
        if tier not in chosen:
            continue
        where = f"{source.path}, line {line}"
        start, end = (table.moment(cells, table.roles[role], where) for role in ("start", "end"))
        subject = "" if who is None else cells[who].strip()
        action = FoundAction(start, end, text.strip() or tier, where, subject or None)
        found.add(own if video is None else cells[video], action, where)
    found.notes += unread(source, counts, chosen)
    return found.file("ELAN table", named=video is not None)


def _rows(table: Table, texts: list[int]) -> list[tuple[str, str, int, tuple[str, ...]]]:
    """The tier, text, line and cells of each annotation."""
    tier = table.column("tier")
    rows = []
    for line, cells in table.rows:
        if tier is not None:
            own = [i for i in texts if table.header[i].strip() == cells[tier].strip()]
            column = next(iter(own or [i for i in texts if cells[i].strip()] or texts[:1]), None)
            rows.append((cells[tier].strip(), "" if column is None else cells[column], line, cells))
            continue
        named = len(texts) == 1
        rows += [(table.header[i].strip(), cells[i], line, cells) for i in texts if named or cells[i].strip()]
    return rows


ELAN_TABLE = Form("ELAN tab-delimited text", _claims, _labels, (".txt", ".csv", ".tsv"))
