"""Tables of actions, a line each, from any tool or spreadsheet, known by their headers: see `tables`.

Needed are a label and a start. Without an end or a duration every action is a point in time; without a video the
table is about the video of its own name. A line that names a video and nothing else says that somebody looked at the
video and found no action. A table with scores holds detections, and nobody's labels: see `detections`.

Times are in the unit of their header (`Start (s)`, `start_ms`, `start_frame`), as a clock, or as a timecode; a column
`fps` makes frames of whole numbers. Of numbers without a unit `--unit` says it, or the video must agree that they are
seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from logotal.errors import InputError
from logotal.formats.columns import FACTORS
from logotal.formats.comma_separated import read_csv, write_csv
from logotal.formats.detections import refuse_scores
from logotal.formats.form import Form, Saved, Source
from logotal.formats.label_file import Collected, FoundAction, LabelFile, NotLabelsError
from logotal.formats.moments import Clock, Moment
from logotal.formats.table_choices import label_role, rows_that_count
from logotal.formats.tables import Table, parse_table
from logotal.formats.times import number_of

PLACES = frozenset({"x", "y", "w", "h", "x1", "y1", "x2", "y2", "xmin", "ymin", "xmax", "ymax", "bbox", "trackid"})
"""Columns of tables that say where in the picture something is, frame by frame."""

SUFFIXES = (".csv", ".tsv", ".tab", ".txt")


def table_of(source: Source, *needed: str) -> Table | None:
    """The table in a source, if its header has the needed columns.

    Raises:
        InputError: it is a table, and broken behind its header.
    """
    if needed not in source.tables:  # several forms look at the same table
        try:
            source.tables[needed] = parse_table(source.text, source.path, needed=needed, columns=source.options.columns)
        except NotLabelsError:
            source.tables[needed] = None
    return source.tables[needed]


def read_event_table(source: Source) -> LabelFile:
    """The labels in a table.

    Raises:
        NotLabelsError: it holds detections, tracks of objects, or moments of nobody knows which video.
        InputError: a time cannot be read, or a video has two groups or splits; the message says the line.
    """
    table = table_of(source, "label", "start")
    return read_table(table or parse_table(source.text, source.path, columns=source.options.columns), source)


def read_table(table: Table, source: Source | None = None) -> LabelFile:
    """The labels in a table that is parsed; `source` is the file it stands in."""
    source = source or Source(table.path)
    source.offered["columns"] = tuple(cell.strip() for cell in table.header)
    source.used |= {f"columns {role}" for role in table.named}
    roles = {**table.roles, **label_role(table, source)}
    _refuse(table, roles, source)
    table = rows_that_count(table, source)
    reader = _Rows(table, roles, source)
    grouping = table.group_column(source.options.group)
    found = Collected(table.path)
    own = table.path.stem
    if "video" not in roles:
        found.see(own)
    for line, cells in table.rows:
        where = f"{table.path}, line {line}"
        said = {role: cells[column].strip() for role, column in roles.items()}
        told = any(said.get(role) for role in ("start", "end", "duration", "label"))
        video = said.get("video", own)
        if not video:
            if told:
                found.leave_out(where, "names no video")
            continue
        if split := said.get("split"):
            found.say(video, "split", split, where)
        if grouping is not None and (group := cells[grouping].strip()):
            found.say(video, "group", group, where)
        found.see(video)
        if not told:
            continue
        action = reader.action(cells, said, where, video)
        if not isinstance(action, FoundAction):
            found.leave_out(where, action)
        elif action.label:
            found.add(video, action, where)
        else:
            found.leave_unlabelled(video, action, where)
    if not {"end", "duration"} & set(roles):
        found.notes.append(f"{table.path}: no column for the end or duration, so every action is a point in time")
    return _with_lengths(found.file("table", named="video" in roles), reader, source)


def _refuse(table: Table, roles: Mapping[str, int], source: Source) -> None:
    """Makes sure that a table is one of labels."""
    points = not {"end", "duration"} & set(roles)
    if points and (places := PLACES & set(table.keys)) and not source.options.columns:
        raise NotLabelsError(
            f"{table.path}: a table of moments with places in the picture ({', '.join(sorted(places))}): tracks of "
            "objects, not actions; if it holds labels, name the columns: --columns start=HEADER label=HEADER"
        )
    if points and "video" not in roles and not source.named:
        raise NotLabelsError(
            f"{table.path}: moments without an end, of a video that is not named; if they are labels, say so with "
            f"--labels {table.path}"
        )
    if (column := roles.get("score")) is not None:
        refuse_scores(
            table.path, [(f"line {line}", cells[column]) for line, cells in table.rows], "the column of scores"
        )


@dataclass
class _Rows:
    """Actions out of rows; `lengths` are the durations that a column says, by video."""

    table: Table
    roles: Mapping[str, int]
    source: Source

    def __post_init__(self) -> None:
        self.lengths: dict[str, list[float]] = {}
        self.whole = all(self._is_whole(cells) for _, cells in self.table.rows)

    def action(self, cells: Sequence[str], said: Mapping[str, str], where: str, video: str) -> FoundAction | str:
        """The action of a row, or why it says none; `said` are the cells that play a part, by role."""
        if not said["start"]:
            return "has no start"
        rate = self._rate(said, where)
        start = end = self._moment(cells, "start", where, rate)
        if said.get("end"):
            end = self._moment(cells, "end", where, rate)
        elif said.get("duration"):
            length = self._moment(cells, "duration", where, rate)
            self.lengths.setdefault(video, []).append(length.value)
            end = _sum(start, length, where)
        elif {"end", "duration"} & set(self.roles):
            return "has no end"
        return FoundAction(start, end, said["label"], where, said.get("subject") or None)

    def _moment(self, cells: Sequence[str], role: str, where: str, rate: float | None) -> Moment:
        """The moment in the cell of a role; `rate` are the frames a second that the row says."""
        timecodes = self.source.options.unit == "timecode"
        moment = self.table.moment(cells, self.roles[role], where, timecodes=timecodes)
        if moment.clock is Clock.TIMECODE and timecodes:
            self.source.use("unit")
        if moment.clock is Clock.UNSAID and rate is not None and self.whole:
            return Moment(round(moment.value / rate, 6))
        if moment.clock is Clock.FRAMES and rate is not None:
            return Moment(round(moment.value / rate, 6))
        return moment_in_unit(moment, self.source)

    def _rate(self, said: Mapping[str, str], where: str) -> float | None:
        """The frames a second that the row itself says."""
        if not (text := said.get("fps")):
            return None
        rate = number_of(text, decimal_comma=self.table.delimiter != ",")
        if rate is None or rate <= 0:
            raise InputError(f"{where}: expected frames a second above 0, found {text!r:.60}")
        return rate

    def _is_whole(self, cells: Sequence[str]) -> bool:
        """Whether the times of a row may count frames."""
        texts = (cells[self.roles[role]].strip() for role in ("start", "end") if role in self.roles)
        return all(not text or text.isdecimal() for text in texts)


def _sum(start: Moment, length: Moment, where: str) -> Moment:
    """When what lasts so long ends."""
    clocks = {start.clock, length.clock}
    if len(clocks) > 1 and clocks != {Clock.SECONDS, Clock.UNSAID}:
        raise InputError(f"{where}: the start counts {start.clock.value}, the duration {length.clock.value}; use one")
    clock = start.clock if len(clocks) == 1 else Clock.UNSAID
    return Moment(round(start.value + length.value, 9), clock, start.frame + length.frame, start.drop)


def moment_in_unit(moment: Moment, source: Source) -> Moment:
    """A moment with the unit that the person says, where the file says none."""
    if moment.clock is Clock.UNSAID and (unit := source.use("unit")):
        unit = unit.partition("@")[0]
        if unit != "frames":
            return Moment(round(moment.value * FACTORS.get(unit, 1.0), 9))
        moment = Moment(moment.value, Clock.FRAMES)
    if moment.clock is Clock.FRAMES and (rate := source.options.rate):
        source.use("unit")
        return Moment(round(moment.value / rate, 6))
    return moment


def _with_lengths(file: LabelFile, reader: _Rows, source: Source) -> LabelFile:
    """The file with the durations of its videos' actions, unless a person named the column and so knows."""
    if "duration" in source.options.columns:
        return file
    videos = [replace(video, lengths=tuple(reader.lengths.get(video.names[0], ()))) for video in file.videos]
    return replace(file, videos=tuple(videos))


def _claims(source: Source) -> bool:
    return source.suffix in SUFFIXES and table_of(source, "label", "start") is not None


EVENT_TABLE = Form(
    "CSV, TSV or semicolons with a header (video,start,end,label)",
    _claims,
    read_event_table,
    SUFFIXES,
    general=True,
    saved=Saved(".csv", write_csv, read_csv),
)
