"""Which video a file of features is about: names that other tools and data sets lengthen, compared with known ids.

A file may be called like its video, have `v_` before the name or lack it, or have an ending or a beginning that a
tool adds: `match_1_i3d`, `rgb-match_1`, `match_1DLC_resnet50_...`.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from unicodedata import normalize

PREFIX = "v_"
"""What ActivityNet and FineAction put before the names of videos."""

ENDS = re.compile(r"[\W_]+[^\W\d_]|DLC_")
"""What may follow a video's name: `_i3d`, not the `_2` of another video; DeepLabCut needs no mark."""


@dataclass(frozen=True)
class NameMatch:
    """The video of each name; `additions` are what the names have beside the ids, with the names that have it."""

    videos: Mapping[str, str]
    unmatched: tuple[str, ...]
    additions: Mapping[tuple[str, str], tuple[str, ...]]


def match_names(names: Iterable[str], ids: Collection[str]) -> NameMatch:
    """The ids that names mean; numbers that a tool adds count as one (`000_a`, `001_b`).

    >>> match_names(["v_a_i3d", "b", "c"], ["a", "v_b"]).videos
    {'v_a_i3d': 'a', 'b': 'v_b'}
    """
    exact = {composed(video): video for video in ids}
    spelled = dict(_bare(exact)) | exact
    videos: dict[str, str] = {}
    additions: dict[tuple[str, str], list[str]] = defaultdict(list)
    unmatched = []
    for name in names:
        text = composed(name)
        if (video := exact.get(text) or exact.get(PREFIX + text) or exact.get(text.removeprefix(PREFIX))) is not None:
            videos[name] = video
        elif (part := _longest(text, spelled)) is not None:
            begin, end = part
            videos[name] = spelled[text[begin:end]]
            additions[_general(text[:begin]), _general(text[end:])].append(name)
        else:
            unmatched.append(name)
    return NameMatch(videos, tuple(unmatched), {key: tuple(some) for key, some in additions.items()})


def ending(name: str) -> str:
    """What a name of several words ends in: its last word with the mark before it, or nothing.

    >>> ending("match_1_rgb"), ending("match_1"), ending("a-flow")
    ('_rgb', '', '-flow')
    """
    found = re.search(r"(?<=[^\W_])[\W_]+[^\W\d_][^\W_]*$", name)
    return found[0] if found else ""


def _bare(exact: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((text.removeprefix(PREFIX), video) for text, video in exact.items() if text.startswith(PREFIX))


def _longest(name: str, ids: Mapping[str, str]) -> tuple[int, int] | None:
    """Where the longest id lies in a name, between marks."""
    begins = [0, *(match.end() for match in re.finditer(r"[\W_]", name))]
    ends = [len(name), *(match.start() for match in ENDS.finditer(name))]
    parts = [(begin, end) for begin in begins for end in ends if begin < end and name[begin:end] in ids]
    return max(parts, key=lambda part: part[1] - part[0], default=None)


def _general(text: str) -> str:
    """The text with a mark for each number that stands alone, as tools count files."""
    return re.sub(r"(?<![^\W_])\d+(?![^\W_])", "#", text)


def composed(text: str) -> str:
    """The text with accents as part of their letters: Macs take names of files apart."""
    return normalize("NFC", text)
