"""What is odd in a project that can be made all the same, in sentences."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from logotal.formats.annotations import VideoTruth
from logotal.places import CONFIG, FEATURES, RUN
from logotal.project.changes import Changes
from logotal.project.dividing import Divided
from logotal.project.earlier import Earlier
from logotal.project.matching import Matches
from logotal.project.video_files import VideoFile
from logotal.words import amount, few

SUBTITLES = 20
"""Different labels from which on a file whose labels hardly repeat is taken to be speech."""


def remarks(videos: Sequence[VideoTruth], files: Sequence[VideoFile], matches: Matches, *, cut: int) -> Iterator[str]:
    """Sentences about missing videos, ids, labels, points, actions that were cut, and videos with two label files."""
    missing: dict[str, list[str]] = {}
    for entry in matches.unmatched:
        missing.setdefault(str(entry.source), []).append(entry.names[0])
    for source, names in missing.items():
        yield f"{source}: no video in the folder is called {few(names)}"
    renamed = [file for file in files if file.id != file.relative.stem]
    if renamed:
        yield (
            f"{amount(len(renamed), 'video')} with the name of another, called by folder or suffix: "
            f"{renamed[0].relative} is {renamed[0].id}"
        )
    for name, entries in matches.videos.items():
        sources = sorted({str(entry.source) for entry in entries if entry.actions})
        if len(sources) > 1:
            yield f"{name}: labels come from {' and '.join(sources)}; what both say counts once"
    counts = Counter(action.label for video in videos for action in video.actions)
    yield from _label_remarks(counts)
    empty = sum(not video.actions for video in videos)
    if empty:
        yield f"{amount(empty, 'video')} without any action: trained on as background"
    points = sum(action.start == action.end for video in videos for action in video.actions)
    if points:
        yield f"{points} actions without length are kept; data.widen_points of the recipe makes segments of them"
    if cut:
        yield f"{cut} actions reach out of their video and end where it does"


def _label_remarks(counts: Counter[str]) -> Iterator[str]:
    alike: dict[str, list[str]] = {}
    for label in sorted(counts):
        alike.setdefault("".join(label.casefold().split()), []).append(label)
    for labels in alike.values():
        if len(labels) > 1:
            yield f"labels that differ by case or spaces only are different classes: {', '.join(map(repr, labels))}"
    if len(counts) > SUBTITLES and 2 * len(counts) > sum(counts.values()):
        yield f"{len(counts)} labels for {sum(counts.values())} actions: are these subtitles? Choose with --labels"


def update_notes(
    before: Earlier, divided: Divided, files: Mapping[str, VideoFile], changes: Changes, out: Path
) -> Iterator[str]:
    """Why videos are gone, which are other files than before, and whether the run must be trained again."""
    unlabelled = [name for name in changes.videos_gone if name in files]
    gone = [name for name in changes.videos_gone if name not in files]
    if gone:
        yield f"no longer in the folder, and out of the project: {few(gone)}"
    if unlabelled:
        yield f"without labels now, or not readable, and out of the project: {few(unlabelled)}"
    for video in divided.videos:
        then = before.videos.get(video.id)
        if then is not None and None not in (then.duration, video.duration) and then.duration != video.duration:
            yield (
                f"{video.id}: lasts {video.duration:g} s, {then.duration:g} s before; remove its file in "
                f"{out / FEATURES} and extract it again"
            )
    if changes.sentences() and (out / RUN / CONFIG).is_file():
        learned = (
            "knows no " + few(changes.labels_added) if changes.labels_added else "has learned from what was before"
        )
        yield f"{out / RUN} {learned}: rename that folder and train again to learn from the changes"
