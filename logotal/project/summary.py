"""What `init` has read and used, as tables and sentences."""

from collections import Counter

from logotal.project.create import ProjectSummary
from logotal.tables import Table

LISTED = 20
"""Rows of a table; of labels, twice as many."""


def sources(summary: ProjectSummary) -> Table:
    """The label files, with the videos and the actions that they name; of very many the first."""
    rows = [
        [str(source.path), source.form, f"{len(source.videos):,}", f"{source.actions:,}"] for source in summary.sources
    ]
    more = len(rows) - LISTED
    if more > 0:
        rows = [*rows[:LISTED], [f"and {more:,} more", "", "", ""]]
    return Table([["labels", "form", "videos", "actions"], *rows], words=2)


def labels(summary: ProjectSummary) -> Table:
    """The actions of every label in every split, the most common label first."""
    splits = list(dict.fromkeys([summary.training, summary.evaluation, *(video.split for video in summary.videos)]))
    counts = {split: Counter[str]() for split in splits}
    for video in summary.videos:
        counts[video.split].update(action.label for action in video.actions)
    whole = sum(counts.values(), Counter[str]())
    ordered = sorted(whole, key=lambda label: (-whole[label], label))
    rows = [[label, *(f"{counts[split][label]:,}" for split in splits)] for label in ordered[: 2 * LISTED]]
    if len(ordered) > 2 * LISTED:
        rest = ordered[2 * LISTED :]
        rows.append([f"{len(rest):,} more", *(f"{sum(counts[split][label] for label in rest):,}" for split in splits)])
    videos = Counter(video.split for video in summary.videos)
    groups = {split: len({video.group for video in summary.videos if video.split == split}) for split in splits}
    rows.append(["all actions", *(f"{counts[split].total():,}" for split in splits)])
    rows.append(["videos", *(f"{videos[split]:,}" for split in splits)])
    rows.append(["groups", *(f"{groups[split]:,}" for split in splits)])
    return Table([["actions of", *splits], *rows])


def reasons(summary: ProjectSummary) -> list[str]:
    """What was left out, one sentence a place; where a reason is common, only its first places."""
    counts = Counter(each.reason.partition(" (")[0] for each in summary.left_out)
    shown = Counter[str]()
    sentences = []
    for each in summary.left_out:
        kind = each.reason.partition(" (")[0]
        shown[kind] += 1
        if shown[kind] <= 3:
            sentences.append(f"{each.where}: {each.reason}")
        elif shown[kind] == counts[kind]:
            sentences.append(f"{counts[kind] - 3} more of which the same is true: {kind}")
    return sentences
