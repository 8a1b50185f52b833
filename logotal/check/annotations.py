"""What is odd in annotations alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from logotal.check.finding import Finding, Place, found, named
from logotal.data.selection import NO_LENGTH_CURE
from logotal.evaluation.truth import ROUNDING, SiftedActions, ends_after, sift
from logotal.formats.annotations import VideoTruth
from logotal.timeline import SAME, Action
from logotal.words import amount

FEW = 10
"""Actions of a label in training below which little can be learned."""


def cleaned(video: VideoTruth) -> SiftedActions:
    """The actions of a video as training takes them: without duplicates and what has no length."""
    return sift(video.actions, duplicate_tolerance=SAME, minimum_duration=0.0)


def action_findings(videos: Sequence[VideoTruth]) -> list[Finding]:
    """What is odd about the actions of some videos, each video for itself."""
    outside: list[Place] = []
    pointlike: list[Place] = []
    twice: list[Place] = []
    overlapping: list[Place] = []
    twins: list[Place] = []
    for video in videos:
        sifted = cleaned(video)
        outside += [(video, sentence) for action in video.actions if (sentence := _outside(video, action))]
        pointlike += [(video, named(action)) for action in sifted.degenerate]
        twice += [(video, named(action)) for action in sifted.duplicates]
        for a, b in _overlapping(sifted.kept):
            if a.subject != b.subject:  # others may do the same at once
                continue
            if a.label == b.label:
                overlapping.append((video, f"{named(a)} and {b.start:g}-{b.end:g} s"))
            elif a.coincides(b):
                twins.append((video, f"{named(a)} and {b.label!r}"))
    return [
        *found("warning", "action", "outside the video; mend the segment, or 'duration' if that is wrong", outside),
        *found("warning", "action", f"without length, left out; remove or mend; {NO_LENGTH_CURE}", pointlike),
        *found("warning", "action", "annotated twice, the second is ignored; remove it", twice),
        *found("warning", "pair", "of overlapping actions of one label; join them if they are one", overlapping),
        *found("note", "pair", "of one segment with two labels; fine, both count", twins),
    ]


def video_findings(videos: Sequence[VideoTruth]) -> list[Finding]:
    """What is odd about the videos as such."""
    idle: list[Place] = [(video, "no action") for video in videos if not video.actions]
    endless: list[Place] = [(video, "no duration") for video in videos if video.duration is None]
    return [
        *found("note", "video", "without any action; fine, they show what no action looks like", idle),
        *found("note", "video", "without 'duration'; actions beyond its end go unnoticed", endless),
    ]


def ignored_findings(videos: Sequence[VideoTruth]) -> list[Finding]:
    """What is neither action nor background in some videos, and where that makes no sense."""
    spans: list[Place] = []
    outside: list[Place] = []
    for video in videos:
        for start, end in video.ignored:
            over = video.duration is not None and start >= video.duration
            (outside if over or end <= 0 else spans).append((video, f"{start:g}-{end:g} s"))
    return [
        *found("warning", "ignored span", "outside the video, without effect; mend or remove", outside),
        *found("note", "ignored span", "counted neither as action nor as background", spans),
    ]


def group_findings(splits: Mapping[str, Sequence[VideoTruth]]) -> list[Finding]:
    """The groups of videos that splits tear apart."""
    where: dict[str, dict[str, None]] = {}
    for split, videos in splits.items():
        for video in videos:
            if video.group is not None:
                where.setdefault(video.group, {})[split] = None
    torn = tuple(f"{group!r}: {', '.join(names)}" for group, names in where.items() if len(names) > 1)
    if not torn:
        return []
    sentence = f"{amount(len(torn), 'group')} of videos in several splits; numbers will be better than on unseen groups"
    return [Finding("warning", sentence, torn)]


def label_findings(
    training: Sequence[VideoTruth], evaluation: Sequence[VideoTruth], *, class_agnostic: bool
) -> list[Finding]:
    """What is odd about the labels of the two splits."""
    learned, scored = count_labels(training), count_labels(evaluation)
    if not learned:
        return [Finding("error", "no action to train on; is data.training_split the right one?")]
    if class_agnostic:
        return []
    unseen = [f"{label!r}: {amount(count, 'action')}" for label, count in scored.items() if label not in learned]
    unscored = [f"{label!r}: {amount(count, 'action')}" for label, count in learned.items() if label not in scored]
    few = [f"{label!r}: {amount(count, 'action')}" for label, count in learned.items() if count < FEW]
    findings = []
    if unseen:
        sentence = f"{amount(len(unseen), 'label')} only in the evaluation split; nothing can learn them"
        findings.append(Finding("warning", sentence, tuple(unseen)))
    if few:
        sentence = f"{amount(len(few), 'label')} with fewer than {FEW} actions to train on; expect little of them"
        findings.append(Finding("warning", sentence, tuple(few)))
    if unscored and scored:
        sentence = f"{amount(len(unscored), 'label')} only in the training split; learned, but never scored"
        findings.append(Finding("note", sentence, tuple(unscored)))
    return findings


def count_labels(videos: Sequence[VideoTruth]) -> dict[str, int]:
    """The number of actions per label, the most common first."""
    return dict(Counter(action.label for video in videos for action in video.actions).most_common())


def _outside(video: VideoTruth, action: Action) -> str | None:
    if action.start < -ROUNDING:
        return f"{named(action)} begins before 0"
    if ends_after(action, video.duration):
        return f"{named(action)}, the video lasts {video.duration:g} s"
    return None


def _overlapping(actions: Sequence[Action]) -> Iterator[tuple[Action, Action]]:
    """The pairs of actions that share more than a moment, the earlier first."""
    ordered = sorted(actions, key=lambda action: (action.start, action.end))
    for index, action in enumerate(ordered):
        for later in ordered[index + 1 :]:
            if later.start >= action.end - SAME:
                break
            yield action, later
