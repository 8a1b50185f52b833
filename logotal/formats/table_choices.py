"""What is asked of a table of actions: which of several columns is the label, whose rows count, and of which tier."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from logotal.formats.columns import ANNOTATORS, LABELS
from logotal.formats.form import Source
from logotal.formats.label_file import ask
from logotal.formats.tables import Table
from logotal.formats.tiers import chosen_tiers, unread
from logotal.formats.times import number_of


def label_role(table: Table, source: Source) -> Mapping[str, int]:
    """The column of the label where several are called like one: that of names beside their numbers.

    Raises:
        AskError: they say different things.
    """
    columns = [i for i, name in enumerate(table.keys) if name in LABELS]
    if "label" in table.named or len(columns) < 2:
        return {}
    values = {i: [cells[i].strip() for _, cells in table.rows] for i in columns}
    words = [i for i in columns if any(number_of(value) is None for value in values[i] if value)]
    alike = all(_tell_the_same(values[columns[0]], values[i]) for i in columns[1:])
    if alike and len(words) <= 1:
        return {"label": (words or columns)[0]}
    offered = [f"label={table.header[i].strip()}" for i in columns]
    raise ask(source.path, "several columns that may be the label", "--columns", offered)


def _tell_the_same(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether one column is the numbers of the names in the other."""
    pairs = set(zip(first, second, strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def rows_that_count(table: Table, source: Source) -> Table:
    """The table with the rows of the annotator and of the tiers that a person chose, or all where there is no choice.

    Raises:
        AskError: several people annotated one video, or there are several tiers.
    """
    table = _of_one_annotator(table, source)
    column = table.column("tier")
    if column is None:
        return table
    counts = Counter(cells[column].strip() for _, cells in table.rows)
    chosen = chosen_tiers(source, counts)
    source.notes += unread(source, counts, chosen)
    return replace(table, rows=tuple(row for row in table.rows if row[1][column].strip() in chosen))


def _of_one_annotator(table: Table, source: Source) -> Table:
    column = table.column(*ANNOTATORS)
    if column is None:
        return table
    people: dict[str, set[str]] = {}
    video = table.roles.get("video")
    for _, cells in table.rows:
        people.setdefault("" if video is None else cells[video].strip(), set()).add(cells[column].strip())
    offered = sorted(set().union(*people.values())) if people else []
    if source.options.annotator in offered:
        wanted = source.use("annotator", offered)
        return replace(table, rows=tuple(row for row in table.rows if row[1][column].strip() == wanted))
    if any(len(names) > 1 for names in people.values()):
        raise ask(source.path, "videos that several people annotated", "--annotator", offered)
    return table
