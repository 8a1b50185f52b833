"""What is odd in feature files; a bad file does not stop the others from being looked at."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from logotal.check.finding import Finding, Place, found
from logotal.data.features import SUFFIX, FeatureFolder, check_finite, read_features
from logotal.data.names import match_names
from logotal.errors import InputError
from logotal.files.remote import address, entries
from logotal.formats.annotations import VideoTruth
from logotal.words import amount


@dataclass(frozen=True)
class Files:
    """The steps (T) of every usable feature file, by video, and what is odd about the files."""

    lengths: dict[str, int]
    findings: tuple[Finding, ...]


def read_files(
    folder: FeatureFolder, videos: Sequence[VideoTruth], channels: int | None, advance: Callable[[int], object]
) -> Files:
    """What the files of some videos hold; every value is read.

    Args:
        folder: where the files lie.
        videos: whose files to read.
        channels: what the recipe expects; the most common number if None.
        advance: is told after each video how many more are done.
    """
    shapes: dict[str, tuple[int, int]] = {}
    absent: list[Place] = []
    broken: list[str] = []
    for video in videos:
        try:
            if video.id in folder:
                features = read_features(folder.path(video.id))
                check_finite(features, folder.path(video.id))
                shapes[video.id] = (features.shape[0], features.shape[1])
            else:
                absent.append((video, f"no file {folder.path(video.id).name}"))
        except InputError as error:
            broken.append(_without_folder(error, folder))
        advance(1)
    turned = _turned(shapes, channels)
    findings = [
        *_missing(absent, videos, folder),
        *_turned_findings(folder, {video: shapes.pop(video) for video in turned}),
    ]
    wrong, mismatch = _channel_findings(folder, shapes, channels)
    broken += wrong
    findings += mismatch
    if broken:
        sentence = f"{amount(len(broken), 'feature file')} that cannot be used"
        findings.insert(0, Finding("error", sentence, tuple(broken)))
    unusable = {line.split(":")[0] for line in wrong}
    lengths = {video: T for video, (T, _) in shapes.items() if folder.path(video).name not in unusable}
    return Files(lengths, tuple(findings))


def unannotated_findings(folder: FeatureFolder, annotated: Collection[str]) -> list[Finding]:
    """The feature files of videos that the annotation file does not have."""
    extra = [folder.path(video).name for video in folder.videos() if video not in annotated]
    if not extra:
        return []
    sentence = f"{amount(len(extra), 'feature file')} of videos that are not annotated; not used"
    return [Finding("note", sentence, tuple(extra))]


def _turned(shapes: dict[str, tuple[int, int]], expected: int | None) -> list[str]:
    """The videos whose files lie as (C, T), where most do: one by one they are named with the unusable files.

    The axis of channels is the one that is the same in all files, while their lengths differ.
    """
    if expected is not None:
        turned = [video for video, (T, C) in shapes.items() if expected == T != C]
        return turned if 2 * len(turned) > len(shapes) else []
    first, second = ({shape[axis] for shape in shapes.values()} for axis in (0, 1))
    return list(shapes) if len(first) == 1 and len(second) > 1 else []


def _turned_findings(folder: FeatureFolder, turned: dict[str, tuple[int, int]]) -> list[Finding]:
    if not turned:
        return []
    sentence = (
        f"{amount(len(turned), 'feature file')} that lie as (C, T), expected (T, C); turn them: "
        f"`logotal import {folder.folder} --layout CT --out NEW`, with --fps and --stride, or --annotations"
    )
    return [Finding("error", sentence, tuple(f"{folder.path(v).name}: {shape}" for v, shape in turned.items()))]


def _cure(absent: Sequence[Place], videos: Sequence[VideoTruth], folder: FeatureFolder) -> str | None:
    """What makes files fit that are called otherwise than their videos: a prefix, or another name for each."""
    stems = {path.stem for path in entries(folder.folder) if path.suffix == SUFFIX}
    ids = {video.id for video in videos}
    present = len(ids) - len({video.id for video, _ in absent})
    names = match_names(stems, ids).videos
    prefixes = Counter(name.removesuffix(video) for name, video in names.items() if name.endswith(video))
    prefix = max(prefixes, key=prefixes.__getitem__, default="")
    found, matched = sum(f"{prefix}{video}" in stems for video in ids), len(set(names.values()))
    if matched <= present:
        return None
    if found == matched and prefix != folder.prefix:
        setting = f"--data.file_prefix {prefix}" if prefix else "data.file_prefix left empty"
        return f"{setting} finds those of {found:,} of {amount(len(ids), 'video')}"
    return (
        f"`logotal import {folder.folder} --annotations FILE --out NEW` finds those of {matched:,} of "
        f"{amount(len(ids), 'video')} and calls them like these"
    )


def _missing(absent: Sequence[Place], videos: Sequence[VideoTruth], folder: FeatureFolder) -> Iterable[Finding]:
    """Splits in which no video has a feature file, and single videos in the others."""
    if not absent:
        return
    cure = _cure(absent, videos, folder)
    size = Counter(video.split for video in videos)
    gone = Counter(video.split for video, _ in absent)
    empty = {split for split in size if gone[split] == size[split]}
    for split in sorted(empty):
        first = next(text for video, text in absent if video.split == split)
        sentence = f"none of the {amount(size[split], 'video')} of split {split!r} has a feature file: {first}, ..."
        yield Finding("error", f"{sentence}; {cure or 'check --data.features and --data.file_prefix'}")
    some = [(video, text) for video, text in absent if video.split not in empty]
    rest = "without a feature file; not trained on, and all actions missed in evaluation"
    rest = f"{rest}; {cure}" if cure else rest
    yield from found("warning", "video", rest, some, of=len(videos))


def _channel_findings(
    folder: FeatureFolder, shapes: dict[str, tuple[int, int]], expected: int | None
) -> tuple[list[str], list[Finding]]:
    """What is wrong with each file of other channels than most, or one finding if none has those of the recipe."""
    if not shapes:
        return [], []
    channels = Counter(C for _, C in shapes.values())
    if expected is not None and expected not in channels:
        counted = ", ".join(f"{C:,} in {amount(count, 'file')}" for C, count in channels.most_common())
        sentence = f"no feature file has the {expected:,} channels that the recipe expects, found {counted}"
        cure = f"are these its features? then --model.input_channels {channels.most_common(1)[0][0]}"
        return [], [Finding("error", f"{sentence}; {cure}")]
    usual = expected if expected is not None else channels.most_common(1)[0][0]
    wrong = []
    for video in shapes:
        try:
            read_features(folder.path(video), usual)
        except InputError as error:
            wrong.append(_without_folder(error, folder))
    return wrong, []


def _without_folder(error: InputError, folder: FeatureFolder) -> str:
    return str(error).replace(f"{address(folder.folder)}/", "")
