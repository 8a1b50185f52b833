"""What columns of tables are called, in any tool: the names by which their parts are known."""

import re
from functools import lru_cache

ROLES: dict[str, tuple[str, ...]] = {
    "video": (
        *("video", "videofile", "videofilename", "videoname", "videoid", "videopath"),
        *("mediafilename", "mediafilepath", "mediafile", "medianame", "media", "filename", "file", "filepath", "path"),
        *("clip", "clipname", "recording", "source", "youtubeid"),
    ),
    "start": (
        *("start", "starttime", "tstart", "startt", "begin", "begintime", "onset", "onsettime", "from", "tmin"),
        *("starttimestamp", "timestart", "segmentstart", "timein", "time", "timestamp", "t"),
    ),
    "end": (
        *("end", "endtime", "tend", "endt", "stop", "stoptime", "tstop", "offset", "offsettime", "to", "until", "tmax"),
        *("finish", "endtimestamp", "stoptimestamp", "timeend", "segmentend", "timeout"),
    ),
    "duration": ("duration", "length", "dur"),
    "label": (
        *("label", "labels", "labelname", "class", "classname", "action", "actionlabel", "actionclass", "activity"),
        *("behavior", "behaviour", "category", "annotation", "event", "eventname", "eventtype", "tag", "text", "name"),
    ),
    "split": ("split", "subset"),
    "group": ("group",),
}
"""The names of a part as `key` gives them; where a table has several of them, the first counts."""

UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 0.001),
}


@lru_cache(maxsize=1024)  # asked for every cell
def key(header: str) -> tuple[str, float]:
    """A header as `ROLES` has it, and the seconds of its unit.

    >>> key("Start (s)"), key("end_ms"), key("Video-Name")
    (('start', 1.0), ('end', 0.001), ('videoname', 1.0))
    """
    words = re.findall(r"[^\W_]+", header.lower())
    unit = UNITS.get(words[-1]) if len(words) > 1 else None
    return "".join(words[:-1] if unit else words), unit or 1.0
