"""CSV of VIA, the VGG Image Annotator for video (.via.csv): temporal segments of any number of videos.

    # CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata
    "1_1","[""match.mp4""]",0,"[3.2,5.9]","[]","{""1"":""serve"",""2"":""0.81""}"

Lines that begin with # explain the rest: attribute 1 is the label, attribute 2 the score, and attribute 3, where it is
known, who acts. Times are seconds,
numbers at full precision. A video without actions has no line, and durations are not kept. `file_list` is the name
of the video as the timeline has it. VIA exports this form and does not import it; scripts around it read it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logotal.errors import InputError
from logotal.files.json import as_list, as_number, as_object, dumps, parsed_json
from logotal.formats.columns import subject_name
from logotal.formats.comma_separated import number
from logotal.timeline import Action, Timeline

COLUMNS = ("metadata_id", "file_list", "flags", "temporal_coordinates", "spatial_coordinates", "metadata")
LABEL, SCORE, SUBJECT = "TEMPORAL-SEGMENTS", "score", "subject"
"""The names of our attributes; the first is VIA's own for what lies on its timeline."""

SEGMENT = "FILE1_Z2_XY0"
"""What VIA's attributes of a segment are anchored to: one file, two times, no region."""


@dataclass(frozen=True)
class Segment:
    """A stretch of a video, and what its attributes say of it by name."""

    video: str
    start: float
    end: float
    said: Mapping[str, str]
    where: str


def write_via(timelines: Sequence[Timeline], truths: Mapping[str, Timeline]) -> str:
    """The text of a CSV file as VIA 3 exports it: ten lines of comment, then an action a line."""
    text = io.StringIO(newline="")
    subjects = any(timeline.subjects for timeline in timelines)
    text.writelines(f"# {line}\n" for line in _comments(subjects=subjects))
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    for i, timeline in enumerate(timelines, start=1):
        for k, action in enumerate(timeline, start=1):
            metadata = {"1": action.label, "2": repr(float(action.score))}
            metadata |= {} if action.subject is None else {"3": action.subject}
            times = [float(action.start), float(action.end)]
            table.writerow((f"{i}_{k}", dumps([timeline.video]), 0, dumps(times), "[]", dumps(metadata)))
    return text.getvalue()


def read_via(text: str, path: Path) -> list[Timeline]:
    """The timelines of a CSV that VIA exported: its segments, also those of its "only temporal segments" export.

    The label is what attribute TEMPORAL-SEGMENTS says, or else the first attribute that is not the score. Regions,
    still frames and notes on whole files are no segments and are passed over.

    Raises:
        InputError: the line that is not as expected.
    """
    actions: dict[str, list[Action]] = {}
    for each in segments_of(text, path):
        who = subject_name(each.said)
        keys = sorted((name for name in each.said if name not in (SCORE, who)), key=lambda name: name != LABEL)
        if not keys:
            raise InputError(f"{each.where}: expected a file and a label, found {each.said!r:.60}")
        score = number(each.said[SCORE], f"{each.where}: score") if SCORE in each.said else 1.0
        subject = each.said[who] if who else None
        actions.setdefault(each.video, []).append(Action(each.start, each.end, each.said[keys[0]], score, subject))
    return [Timeline(video, tuple(listed)) for video, listed in actions.items()]


def segments_of(text: str, path: Path) -> Iterator[Segment]:
    """The segments of a CSV that VIA exported, in its order.

    Raises:
        InputError: the line that is not as expected.
    """
    columns: Sequence[str] = COLUMNS
    attributes: dict[str, Any] = {}
    for i, line in enumerate(re.split(r"\r\n?|\n", text), start=1):
        where = f"{path}, line {i}"
        if comment := re.match(r"#\s*(CSV_HEADER|ATTRIBUTES?)\s*=\s*(.*)", line):
            word, value = comment.groups()
            if word == "CSV_HEADER":
                columns = [name.strip() for name in value.split(",") if name.strip()]
            else:
                attributes = as_object(parsed_json(value, where), f"{where}: {word}")
        elif line.strip() and not line.startswith("#"):
            yield from _segment(_row(line, columns, where), attributes, where)


def _comments(*, subjects: bool) -> Iterator[str]:
    named = [("1", LABEL, "what happens"), ("2", SCORE, "how sure the detector is")]
    named += [("3", SUBJECT, "who acts")] if subjects else []
    attributes = {
        number: {"aname": name, "anchor_id": SEGMENT, "type": 1, "desc": says, "options": {}, "default_option_id": ""}
        for number, name, says in named
    }
    shapes = ("POINT", "RECTANGLE", "CIRCLE", "ELLIPSE", "LINE", "POLYLINE", "POLYGON")
    yield "Exported by logotal as VGG Image Annotator (http://www.robots.ox.ac.uk/~vgg/software/via) exports segments"
    yield "Notes:"
    yield "- temporal_coordinates [1.5,2.25]: from 1.5 to 2.25 seconds"
    yield "- spatial_coordinates []: the whole picture"
    yield "- metadata: attribute 1 is the label"
    yield "- metadata: attribute 2 is the score"
    if subjects:
        yield "- metadata: attribute 3 is the subject"
    yield f"SHAPE_ID = {dumps({shape: i for i, shape in enumerate(shapes, start=1)})}"
    yield f"FLAG_ID = {dumps({'RESERVED_FOR_FUTURE': 1})}"
    yield f"ATTRIBUTE = {dumps(attributes)}"
    yield f"CSV_HEADER = {','.join(COLUMNS)}"


def _row(line: str, columns: Sequence[str], where: str) -> dict[str, str]:
    try:
        cells = next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise InputError(f"{where}: not valid CSV: {error}") from error
    row = dict(zip(columns, cells, strict=False))
    if not {"file_list", "metadata"} <= set(row):
        raise InputError(f"{where}: expected {', '.join(columns)}, found {len(cells)} values")
    return row


def _segment(row: Mapping[str, str], attributes: Mapping[str, Any], where: str) -> Iterator[Segment]:
    """The segment of a row, if it says one."""
    if "temporal_segment_start" in row:
        ends = ("temporal_segment_start", "temporal_segment_end")
        times = [number(row.get(column), f"{where}: {column}") for column in ends]
    else:
        listed = _json(row, "temporal_coordinates", where)
        times = [as_number(time, f"{where}: a time") for time in as_list(listed, where, "times")]
        if len(times) != 2 or _json(row, "spatial_coordinates", where):
            return
    files = as_list(_json(row, "file_list", where), f"{where}: file_list", "names")
    metadata = as_object(_json(row, "metadata", where), f"{where}: metadata")
    if not files:
        raise InputError(f"{where}: expected a file and a label, found {files!r:.60} and {metadata!r:.60}")
    said = {attribute_name(key, attributes): attribute_value(metadata[key], attributes.get(key)) for key in metadata}
    yield Segment(str(files[0]), times[0], times[1], said, where)


def _json(row: Mapping[str, str], column: str, where: str) -> Any:
    return parsed_json(row.get(column, "[]"), f"{where}: {column}")


def attribute_name(key: str, attributes: Mapping[str, Any]) -> str:
    """The name of an attribute; its older header says only names, the segments' export only uses them."""
    attribute = attributes.get(key, key)
    return str(attribute.get("aname", key) if isinstance(attribute, dict) else attribute)


def attribute_value(value: object, attribute: object) -> str:
    """What a value says: where the annotator chose from a list, it is the number of the choice."""
    options = attribute.get("options") if isinstance(attribute, dict) else None
    return str(options.get(value, value) if isinstance(options, dict) and isinstance(value, str) else value)
