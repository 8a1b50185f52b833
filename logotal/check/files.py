"""What is odd in feature files; a bad file does not stop the others from being looked at."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from logotal.check.finding import Finding, Place, found
from logotal.data.features import FeatureFolder, check_finite, read_features
from logotal.errors import InputError
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
    wrong, mismatch = _channel_findings(folder, shapes, channels)
    broken += wrong
    findings = [*_missing(absent, videos), *mismatch]
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


def _missing(absent: Sequence[Place], videos: Sequence[VideoTruth]) -> Iterable[Finding]:
    """Splits in which no video has a feature file, and single videos in the others."""
    size = Counter(video.split for video in videos)
    gone = Counter(video.split for video, _ in absent)
    empty = {split for split in size if gone[split] == size[split]}
    for split in sorted(empty):
        first = next(text for video, text in absent if video.split == split)
        sentence = f"none of the {amount(size[split], 'video')} of split {split!r} has a feature file: {first}, ..."
        yield Finding("error", f"{sentence}; check --data.features and --data.file_prefix")
    some = [(video, text) for video, text in absent if video.split not in empty]
    rest = "without a feature file; not trained on, and all actions missed in evaluation"
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
    return str(error).replace(f"{folder.folder}/", "")
