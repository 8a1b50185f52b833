"""Which video a label file means: names of other machines and tools, compared with the files that are there."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from logotal.data.names import composed
from logotal.errors import InputError
from logotal.formats.label_file import VideoLabels
from logotal.project.video_files import VideoFile
from logotal.video.files import SUFFIXES

OWN_PREFIXES = ("v_",)
"""What ActivityNet and FineAction put before the names of videos."""


@dataclass(frozen=True)
class Matches:
    """Which labels belong to which video, by id; `unmatched` are labels without a video, `notes` sentences."""

    videos: Mapping[str, tuple[VideoLabels, ...]]
    unmatched: tuple[VideoLabels, ...]
    notes: tuple[str, ...] = ()
    prefixed: bool = False
    """Whether names agree only with the prefix that a person named."""


@dataclass(frozen=True, slots=True)
class _Match:
    """A video that a name may mean, how many folders agree with those of the name, and those of the name."""

    video: VideoFile
    agreeing: int
    parents: tuple[str, ...]


def match(
    entries: Sequence[VideoLabels], videos: Sequence[VideoFile], folder: Path, prefix: str | None = None
) -> Matches:
    """Which labels belong to which video: by path, file name or stem, and if nothing else fits in any case.

    A name may also lack or have `prefix`, or ActivityNet's `v_`. A file that names no video is about the video of its
    own name, or of the beginning of its name (`match_final.csv`), or about the only video that there is.

    Raises:
        InputError: a name fits several videos, or two names of one file fit the same; the message lists them.
    """
    index = VideoIndex(videos, prefix)
    notes = []
    found: dict[str, dict[Path, list[tuple[VideoLabels, _Match]]]] = defaultdict(lambda: defaultdict(list))
    unmatched = []
    homes = {source: _home(source, folder) for source in {entry.source for entry in entries}}
    for listed in entries:
        entry: VideoLabels | None = listed
        matched = None
        while entry is not None and (matched := index.find(entry.names, entry.source, homes[entry.source])) is None:
            entry = entry.otherwise
        if matched is None and not listed.named and (matched := index.by_beginning(listed)) is not None:
            entry = listed
            notes.append(f"{listed.source}: names no video and is taken to be about {matched.video.relative}")
        if matched is None or entry is None:
            unmatched.append(listed)
        else:
            found[matched.video.id][entry.source].append((entry, matched))
    if len(videos) == 1 and not found and len(unmatched) == 1 and not unmatched[0].named:
        (entry,), unmatched = unmatched, []
        found[videos[0].id][entry.source].append((entry, _Match(videos[0], 0, ())))
        notes.append(f"{entry.source}: names no video and is taken to be about the only one, {videos[0].relative}")
    kept: dict[str, tuple[VideoLabels, ...]] = {}
    for video in videos:
        near_ones: list[VideoLabels] = []
        for source, pairs in found.get(video.id, {}).items():
            near, far = _nearest(pairs, source, video)
            near_ones += near
            unmatched += far
        if near_ones:
            kept[video.id] = tuple(near_ones)
    return Matches(kept, tuple(unmatched), tuple(notes), index.prefixed)


class VideoIndex:
    """Finds videos by what label files call them."""

    def __init__(self, videos: Sequence[VideoFile], prefix: str | None = None) -> None:
        self._prefixes = tuple(filter(None, (prefix, *OWN_PREFIXES)))
        self._prefix, self.prefixed = prefix, False
        self._videos = videos
        self._exact: dict[str, list[VideoFile]] = defaultdict(list)
        self._folded: dict[str, list[VideoFile]] = defaultdict(list)
        self._in_folder: dict[tuple[str, str], set[str]] = defaultdict(set)
        for video in videos:
            words = {composed(word) for word in (video.id, video.relative.name, video.relative.stem)}
            for word in words:
                self._exact[word].append(video)
            for word in {word.casefold() for word in words}:
                self._folded[word].append(video)
                self._in_folder[word, video.relative.parent.name.casefold()].add(video.id)

    def find(self, names: Iterable[str], source: Path, home: PurePosixPath | None = None) -> _Match | None:
        """The video that the first fitting name means; `home` is the folder of the label file, which settles a tie.

        Raises:
            InputError: a name fits several videos equally well.
        """
        for name in names:
            for parents, words in _spellings(name):
                for word, fold in words:
                    if candidates := self._candidates(word, parents, fold=fold):
                        return _best(candidates, parents, name, source, home)
        for name in names:
            for prefix in self._prefixes:
                for parents, words in _spellings(name):
                    if candidates := self._with_prefix(prefix, parents, [word for word, fold in words if not fold]):
                        self.prefixed = self.prefixed or prefix == self._prefix
                        return _best(candidates, parents, name, source, home)
        return None

    def by_beginning(self, entry: VideoLabels) -> "_Match | None":
        """The video whose name is the beginning of that of a label file (`match_final`, not `match_2`), the longest."""
        stem = composed(entry.source.stem).casefold()
        fitting = []
        for video in self._videos:
            name = composed(video.relative.stem).casefold()
            if stem.startswith(name) and re.match(r"[\W_]+[^\W\d_]", stem[len(name) :]):
                fitting.append(video)
        longest = max((len(video.relative.stem) for video in fitting), default=0)
        best = [video for video in fitting if len(video.relative.stem) == longest]
        return _Match(best[0], 0, ()) if len(best) == 1 else None

    def _with_prefix(self, prefix: str, parents: tuple[str, ...], words: Sequence[str]) -> list[VideoFile]:
        """The videos that the words mean with the prefix, or without it."""
        for word in words:
            other = word.removeprefix(prefix) if word.startswith(prefix) else prefix + word
            if candidates := self._candidates(other, parents, fold=False):
                return candidates
        return []

    def _candidates(self, word: str, parents: tuple[str, ...], *, fold: bool) -> list[VideoFile]:
        """The videos that a word means, only those in the right folder if there are any."""
        found = self._folded.get(word.casefold(), []) if fold else self._exact.get(word, [])
        if len(found) < 2 or not parents:
            return found
        near = self._in_folder.get((word.casefold(), parents[-1].casefold()), set())
        return [video for video in found if video.id in near] or found


def _home(source: Path, folder: Path) -> PurePosixPath:
    """The folder of a label file below that of the videos."""
    try:
        return PurePosixPath(source.resolve().parent.relative_to(folder.resolve()).as_posix())
    except ValueError:
        return PurePosixPath()


def _spellings(name: str) -> Iterator[tuple[tuple[str, ...], tuple[tuple[str, bool], ...]]]:
    """The folders and the last words of a name, in the ways that tools write paths and addresses.

    The words come with whether upper and lower case count as one.
    """
    name = composed(name)
    texts = [name.strip()]
    if "://" in name or name.startswith("/data/"):  # an address; Label Studio's local files are /data/...?d=PATH
        path, _, query = name.partition("?")
        asked = re.search(r"(?:^|&)d=([^&#]*)", query)
        texts += [unquote(asked[1]) if asked else unquote(path.partition("#")[0])]
    for text in dict.fromkeys(texts):
        parts = tuple(part for part in text.replace("\\", "/").split("/") if part not in ("", ".", ".."))
        if not parts:
            continue
        last = parts[-1]
        words = [last]
        if re.match(r"[0-9a-f]{8}-.", last):  # Label Studio puts a random word before the names of uploads
            words.append(last[9:])
        stems = [word.rpartition(".")[0] for word in words if f".{word.rpartition('.')[2].lower()}" in SUFFIXES]
        exact = [(word, False) for word in (*words, *stems)]
        yield parts[:-1], (*exact, *((word, True) for word, _ in exact))


def _best(
    candidates: Sequence[VideoFile], parents: tuple[str, ...], name: str, source: Path, home: PurePosixPath | None
) -> _Match:
    """Of the videos of one name, the one whose folders agree with the most folders of the name."""
    found = [_Match(video, _agreeing(video, parents), parents) for video in candidates]
    most = max(each.agreeing for each in found)
    best = [each for each in found if each.agreeing == most]
    if len(best) > 1:
        best = [each for each in best if each.video.relative.parent == home] or best
    if len(best) > 1:
        paths = ", ".join(str(each.video.relative) for each in best[:5])
        cure = "correct its folder, or remove it" if parents else "write the folder before the name, or rename a video"
        raise InputError(
            f"{source}: {name!r} fits {len(best)} videos ({paths}{', ...' if len(best) > 5 else ''}); {cure}"
        )
    return best[0]


def _agreeing(video: VideoFile, parents: tuple[str, ...]) -> int:
    """The number of folders, from the file upwards, that are the same in both paths."""
    own = [part.casefold() for part in reversed(video.relative.parts[:-1])]
    count = 0
    for mine, given in zip(own, reversed(parents), strict=False):
        if mine != given.casefold():
            break
        count += 1
    return count


def _nearest(
    pairs: Sequence[tuple[VideoLabels, _Match]], source: Path, video: VideoFile
) -> tuple[list[VideoLabels], list[VideoLabels]]:
    """Of the names in one label file that would mean the same video, those that do, and those of other folders.

    Raises:
        InputError: two names lie in different folders, and neither fits better.
    """
    most = max(matched.agreeing for _, matched in pairs)
    near = [(entry, matched) for entry, matched in pairs if matched.agreeing == most or not matched.parents]
    far = [entry for entry, matched in pairs if not (matched.agreeing == most or not matched.parents)]
    folders = {matched.parents for _, matched in near if matched.parents}
    if len(folders) > 1:
        names = ", ".join(repr(entry.names[0]) for entry, _ in near[:5])
        raise InputError(
            f"{source}: {names} would all be {video.relative}; rename the videos so that each has a name of its own"
        )
    return [entry for entry, _ in near], far
