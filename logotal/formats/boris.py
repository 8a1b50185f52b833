"""Exports of BORIS: tabular events (START, STOP and POINT rows) and aggregated events (a row an action)."""

from collections.abc import Sequence

from logotal.errors import InputError
from logotal.formats.boris_events import NO_FILE, Event, Queue, States, file_name, offset_notes
from logotal.formats.columns import key
from logotal.formats.event_table import SUFFIXES, table_of
from logotal.formats.form import Form, Source
from logotal.formats.label_file import Collected, LabelFile
from logotal.formats.tables import Table, parse_table

NO_MEDIA = ("", "na", "not found")


def is_boris(table: Table) -> bool:
    """Whether a table is an export of events, tabular or aggregated."""
    kind, time = table.column("behaviortype", "status"), table.column("time", "start")
    return table.column("behavior") is not None and kind is not None and time is not None


def read_boris(table: Table, group_column: str | None = None) -> LabelFile:
    """The labels in an export of events; `group_column` names an independent variable.

    Raises:
        InputError: a time cannot be read, or the files of an observation cannot be told apart.
    """
    found = Collected(table.path)
    rows = [_Row(table, line, cells) for line, cells in table.rows]
    queues = _queues(rows)
    states = {row.observation: States(found, queues.get(row.observation)) for row in rows}
    grouping = table.group_column(group_column)
    for row in rows:
        if row.media.lower() in NO_MEDIA:
            found.leave_out(row.where, NO_FILE)
            continue
        found.see(row.media)
        if grouping is not None and (group := row.cells[grouping].strip()):
            found.say(row.media, "group", group, row.where)
        if table.column("start") is None:
            states[row.observation].event(row.event("time"))
        else:
            states[row.observation].add(row.event("start"), row.time("stop"))
    for each in states.values():
        each.close()
    return found.file(
        "BORIS events", offset_notes(table.path, {row.observation: row.get("timeoffset") for row in rows})
    )


class _Row:
    """A row of an export."""

    def __init__(self, table: Table, line: int, cells: Sequence[str]) -> None:
        self.table, self.cells = table, cells
        self.where = f"{table.path}, line {line}"
        # The older export says the observation above the header.
        above = (row[1].strip() for row in table.before if len(row) > 1 and key(row[0]).name == "observationid")
        self.observation = self.get("observationid") or next(above, "")
        self.media = self.get("mediafilename", "mediafilepath", "mediafile")

    def get(self, *names: str) -> str:
        """The cell of the first column that has one of the names, empty if there is none."""
        column = self.table.column(*names)
        return "" if column is None else self.cells[column].strip()

    def time(self, name: str) -> float:
        """The seconds in a column."""
        column = self.table.column(name)
        if column is None:
            raise InputError(f"{self.table.path}: expected the column {name.title()!r}; export the events again")
        return self.table.seconds(self.cells, column, self.where)

    def event(self, name: str) -> Event:
        """What happens at the time in a column."""
        pairs = zip(self.table.keys, self.cells, strict=True)
        modifiers = (cell.strip() for name, cell in pairs if name.startswith("modifier"))
        who = (self.get("subject"), self.get("behavior"), *modifiers)
        return Event(self.get("behaviortype", "status").upper(), self.time(name), self.media, who, self.where)


def _queues(rows: Sequence[_Row]) -> dict[str, Queue]:
    """The queues of the observations that have several files; the newer exports say how long each file is."""
    files: dict[str, dict[str, _Row]] = {}
    queues: dict[str, Queue] = {}
    for row in rows:
        if row.media.lower() in NO_MEDIA:
            continue
        files.setdefault(row.observation, {})[file_name(row.media)] = row
        if row.observation not in queues and (queue := _queue(row)) is not None:
            queues[row.observation] = queue
    for observation, named in files.items():
        if len(named) > 1 and observation not in queues:
            row = list(named.values())[1]
            raise InputError(
                f"{row.where}: observation {observation!r} has several video files, and {row.table.path.name} "
                "does not say how long they are; give the BORIS project (.boris) in its place"
            )
    return queues


def _queue(row: _Row) -> Queue | None:
    """The files of the first player: `player #1:a.mp4;b.mp4|player #2:c.mp4`, and `12.5;30.2|40.0`."""
    source, _, _ = row.get("source").partition("|")
    lengths, _, _ = row.get("mediaduration").partition("|")
    files = [file.strip() for file in source.removeprefix("player #1:").split(";")]
    try:
        seconds = [float(length) for length in lengths.split(";")]
    except ValueError:
        return None
    return Queue.of(files, seconds) if 1 < len(files) == len(seconds) else None


def _claims(source: Source) -> bool:
    if source.suffix not in SUFFIXES or "behavior" not in source.text[:100_000].lower():
        return False
    table = table_of(source, "label", "start")
    return table is not None and is_boris(table)


def _labels(source: Source) -> LabelFile:
    return read_boris(parse_table(source.text, source.path), source.options.group)


BORIS = Form("BORIS events as a table", _claims, _labels, SUFFIXES)
