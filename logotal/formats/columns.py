"""What columns of tables are called, in any tool: the names by which their parts are known."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

ANNOTATORS = ("annotator", "annotatorid", "coder", "coderid", "rater", "raterid", "worker", "workerid")
"""What a column is called that says who annotated."""

LABELS = frozenset(
    {
        *("label", "labels", "labelname", "class", "classname", "action", "actionlabel", "actionclass", "activity"),
        *("behavior", "behaviour", "category"),
    }
)
"""Names of columns that are labels and hardly anything else."""

ROLES: dict[str, tuple[str, ...]] = {
    "video": (
        *("video", "videofile", "videofilename", "videoname", "videoid", "videopath"),
        *("mediafilename", "mediafilepath", "mediafile", "medianame", "media", "filename", "file", "filepath", "path"),
        *("clip", "clipname", "recording", "source", "youtubeid"),
    ),
    "start": (
        *("start", "starttime", "tstart", "startt", "begin", "begintime", "onset", "onsettime", "from", "tmin"),
        *("starttimestamp", "timestart", "segmentstart", "timein", "in", "inpoint", "time", "timestamp", "t"),
    ),
    "end": (
        *("end", "endtime", "tend", "endt", "stop", "stoptime", "tstop", "offset", "offsettime", "to", "until", "tmax"),
        *("finish", "endtimestamp", "stoptimestamp", "timeend", "segmentend", "timeout", "out", "outpoint"),
    ),
    "duration": ("duration", "length", "dur"),
    "label": (
        *("label", "labels", "labelname", "labelid", "class", "classname", "action", "actionlabel", "actionclass"),
        *("activity", "behavior", "behaviour", "category", "annotation", "event", "eventname", "eventtype", "tag"),
        *("markername", "name"),
    ),
    "split": ("split", "subset"),
    "group": ("group",),
    "fps": ("fps", "framerate", "framespersecond"),
    "subject": ("subject", "subjectid", "subjectname", "individual", "animal", "animalid", "actor", "participant"),
    "score": ("score", "confidence", "conf", "probability", "prob"),
}
"""The names of a part as `key` gives them; where a table has several of them, the first counts."""

TIMES = frozenset({"start", "end", "duration"})

UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("frame", "frames", "frm", "framenumber"), "frames"),
    "timecode": "timecode",
}
FACTORS = {"s": 1.0, "ms": 0.001}
"""Seconds of the units that have them."""

WRITTEN = re.compile(
    r"(?<![\s(\[-])[\s(\[-]*(?:(?:hh?:)?mm?:ss?(?:[.:,](?:ms|msec|f+|s+|m+))?|ss\.(?:msec|ms|s+))[\s)\]]*$"
)
"""How a header says what its times look like: `hh:mm:ss.ms`, `ss.msec`; looked for where a run of marks begins."""


def subject_name(names: Iterable[str]) -> str | None:
    """The first of some names of attributes that says who acts.

    >>> subject_name(["behaviour", "Subject"]), subject_name(["behaviour"])
    ('Subject', None)
    """
    return next((name for name in names if key(name).name in ROLES["subject"]), None)


class Key(NamedTuple):
    """A header as `ROLES` has it, and the unit that it says, one of `options.UNITS`."""

    name: str
    unit: str | None


@lru_cache(maxsize=1024)  # asked for every cell
def key(header: str) -> Key:
    """A header as `ROLES` has it, and the unit that it says.

    >>> key("Start (s)"), key("end_ms"), key("Video-Name"), key("start_frame")
    (Key(name='start', unit='s'), Key(name='end', unit='ms'), Key(name='videoname', unit=None), \
Key(name='start', unit='frames'))
    """
    text = header.strip().lower()
    if (written := WRITTEN.search(text)) and written.start() > 0:
        return Key("".join(_words(text[: written.start()])), "s")
    words = _words(text)
    for place in (-1, 0):
        rest = words[:-1] if place else words[1:]
        unit = UNITS.get(words[place]) if len(words) > 1 else None
        if unit and (place or (unit == "frames" and _is_time("".join(rest)))):
            return Key("".join(rest), unit)
    joined = "".join(words)
    for word, unit in UNITS.items():  # startframe, endMs
        rest_of = joined.removesuffix(word)
        if len(word) > 1 and rest_of != joined and _is_time(rest_of):
            return Key(rest_of, unit)
    return Key(joined, None)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def _is_time(name: str) -> bool:
    return any(name in ROLES[role] for role in TIMES)
