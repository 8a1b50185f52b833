"""From a folder of videos and labels to a project that can be trained."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from logotal.backbones.backbone import find_backbone
from logotal.callbacks import Progress, silent
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.formats.label_file import LabelFile, LeftOut, VideoLabels
from logotal.formats.labels import names_of_forms
from logotal.formats.options import Options
from logotal.places import ANNOTATIONS
from logotal.project.changes import NONE, Changes, changes_between
from logotal.project.checking import check_actions, check_sources
from logotal.project.dividing import LookedAt, divide
from logotal.project.earlier import Earlier, read_earlier
from logotal.project.grouping import choose_groups, read_groups
from logotal.project.kept_recipe import USUAL, Wanted, kept_recipe_notes
from logotal.project.label_files import check_used, find_labels
from logotal.project.matching import Matches, match
from logotal.project.remarks import remarks, update_notes
from logotal.project.subjects import LANES, subject_notes, subjects_of
from logotal.project.units import check_units, placed, with_ignored
from logotal.project.updating import further_keys, keep_and_divide, remembered, said_of
from logotal.project.versions import check_versions
from logotal.project.video_files import VideoFile, find_video_files
from logotal.project.writing import annotations_text, refuse_foreign, write_project
from logotal.ranges import check_range
from logotal.timeline import Action
from logotal.video.probe import probe

HELD_BACK = 0.2
"""The part to hold back where nothing is said."""


@dataclass(frozen=True)
class ProjectSummary:
    """What a project was made of: actions read are those of `videos` and those that are `left_out`, and no others.

    `training` and `evaluation` are the names of the splits; `unlabelled` are videos that nothing is said about;
    `passed_over` says in a sentence for each other file of the folder why it holds no labels; `written` is false where
    the same project lay there already; `changes` are those of a project that lay there.
    """

    folder: Path
    videos: tuple[VideoTruth, ...]
    sources: tuple[LabelFile, ...]
    left_out: tuple[LeftOut, ...]
    unlabelled: tuple[Path, ...]
    passed_over: tuple[str, ...]
    notes: tuple[str, ...]
    training: str
    evaluation: str
    written: bool
    changes: Changes = NONE
    updated: bool = False

    @property
    def read(self) -> int:
        """The actions in all label files."""
        return sum(source.actions for source in self.sources)


def create(
    folder: Path,
    *,
    labels: Sequence[Path] = (),
    out: Path | None = None,
    options: Options | None = None,
    group: str | None = None,
    groups: Path | None = None,
    held_back: float | None = None,
    seed: int = 0,
    backbone: str | None = None,
    fast: bool = False,
    accurate: bool = False,
    unlabelled_are_empty: bool = False,
    subjects: str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> ProjectSummary:
    """Makes a project of the videos in a folder and of their labels, or updates the one that is there.

    An update keeps the recipe, and the splits, groups and ignored spans of the videos that the project has.

    Args:
        folder: the videos, and the labels unless `labels` says where they are.
        labels: label files, or folders of them.
        out: the folder of the project; that of the videos if absent.
        options: what a person says about the label files; what they do not say is taken from the project in `out`.
        group: the column of tables that says which videos belong together.
        groups: a table with the columns video and group.
        held_back: the part of the videos to evaluate on; what was said for the project in `out`, or 0.2, if absent.
        seed: gives another split.
        backbone: the network that is to make the features; that of the recipe, or the most accurate of ours that
            this machine runs in bearable time, if absent.
        fast: features are to be made in the fastest way there is.
        accurate: they are to be made in the most accurate way, however long it takes.
        unlabelled_are_empty: take videos that no label file names for background.
        subjects: `together`, labels are the classes, or `lanes`, each label of each subject is one; what the recipe
            says, or together, if absent.
        overwrite: start over; a copy of the project in `out` stays beside it.
        progress: callback(videos looked at, videos in all).

    Raises:
        InputError: something is not as expected; the message says which file and line, and what to do.
    """
    check_range("--held-back", held_back, least=0, most=1)
    check_range("--seed", seed, least=0, whole=True)
    out = folder if out is None else out
    refuse_foreign(out)
    before = _readable_earlier(out) if overwrite else read_earlier(out)
    earlier = None if overwrite else before
    wanted = Wanted(backbone, fast=fast, accurate=accurate)
    wanted.check(earlier, out)
    find_backbone(backbone or USUAL)  # refused now, not after all videos
    acting = subjects_of(subjects, earlier, out)
    files = find_video_files(folder, earlier.ids if earlier else None)
    without = [out / ANNOTATIONS, *([groups] if groups else [])]
    given = replace(options or Options(), group=group or (options.group if options else None))
    told = given.over(earlier.options) if earlier else given
    wanted_part = held_back if held_back is not None or earlier is None else earlier.held_back
    part = HELD_BACK if wanted_part is None else wanted_part
    sources, passed_over = find_labels(labels or [folder], told, without=without)
    matches = _match(sources, passed_over, files, folder, told.prefix)
    check_used(given, sources, prefixed=matches.prefixed)
    # A person has said of the project's background that nothing happens there.
    empty = {name for name, video in earlier.videos.items() if not video.actions} if earlier else set()
    unlabelled = [file for file in files if file.id not in matches.videos and file.id not in empty]
    used = files if unlabelled_are_empty else [file for file in files if file not in unlabelled]
    looked, broken, notes = _look(used, matches, progress)
    check_units([(entry, one.info) for one in looked for entry in one.entries])
    for one in looked:
        check_versions(one.file.id, _by_source(one))
    left_out = [
        *(each for source in sources for each in source.left_out),
        *_all_of(matches.unmatched, "names a video that is not in the folder"),
        *broken,
        *(each for one in looked for each in one.checked.left_out),
    ]
    check_sources([entry for one in looked for entry in one.entries], left_out)
    if not any(one.checked.actions for one in looked):
        first = f"; the first: {left_out[0].where} {left_out[0].reason}" if left_out else ""
        raise InputError(f"{folder}: no action that could be trained on, of {len(left_out)} in the label files{first}")
    chosen = choose_groups({one.file.id: one.entries for one in looked}, told.group, read_groups(groups, files, folder))
    said = {one.file.id: said_of(one, chosen.of_video[one.file.id]) for one in looked}
    if earlier is None:
        divided = divide(looked, chosen.of_video, held_back=part, seed=seed, lanes=acting == LANES)
    else:
        divided = keep_and_divide(looked, said, earlier, held_back=part, seed=seed)
    changes = changes_between(before.videos, divided.videos) if before else NONE
    notes = [
        *(note for source in sources for note in source.notes),
        *matches.notes,
        *notes,
        *chosen.notes,
        *divided.notes,
        *subject_notes(divided.videos, acting),
        *remarks(divided.videos, files, matches, cut=sum(one.checked.cut for one in looked)),
    ]
    if earlier is None or earlier.data is None:
        from logotal.project.recipe import new_recipe  # noqa: PLC0415 - needs the assigner, and so torch

        recipe, more = new_recipe(divided, {file.id: file.path for file in files}, wanted, acting)
    else:
        recipe, more = None, tuple(kept_recipe_notes(divided.videos, earlier.data, out))
    if before is not None:
        more = (*more, *update_notes(before, divided, {file.id: file for file in files}, changes, out))
        if earlier is not None and (seed or held_back is not None):
            more = (*more, "--held-back and --seed count for new videos only; --overwrite deals all videos out anew")
    text = annotations_text(
        divided.videos,
        {file.id: file.path for file in files},
        out=out,
        options=told,
        held_back=wanted_part,
        more=further_keys(remembered(said, earlier), earlier),
    )
    written = write_project(out, text, recipe, overwrite=overwrite)
    return ProjectSummary(
        folder=out,
        videos=divided.videos,
        sources=tuple(sources),
        left_out=tuple(left_out),
        unlabelled=() if unlabelled_are_empty else tuple(file.path for file in unlabelled),
        passed_over=tuple(passed_over),
        notes=(*notes, *more),
        training=divided.training,
        evaluation=divided.evaluation,
        written=written,
        changes=changes,
        updated=earlier is not None,
    )


def _readable_earlier(out: Path) -> Earlier | None:
    """The project that is started over, to say what changes; None if it cannot be read."""
    try:
        return read_earlier(out)
    except InputError:
        return None


def _match(
    sources: Sequence[LabelFile],
    passed_over: Sequence[str],
    files: Sequence[VideoFile],
    folder: Path,
    prefix: str | None,
) -> Matches:
    """The labels of each video, if there are any."""
    if not sources:
        beside = f"; passed over: {'; '.join(passed_over[:5])}" if passed_over else ""
        raise InputError(f"{folder}: no labels here, expected {names_of_forms()}{beside}; or say where with --labels")
    entries = [entry for source in sources for entry in source.videos]
    matches = match(entries, files, folder, prefix)
    if not matches.videos:
        named = ", ".join(repr(entry.names[0]) for entry in entries[:3]) or "no video"
        there = ", ".join(str(file.relative) for file in files[:3])
        raise InputError(f"{sources[0].path}: the labels name {named}, but the videos are {there}; names must agree")
    return matches


def _look(
    files: Sequence[VideoFile], matches: Matches, progress: Progress
) -> tuple[list[LookedAt], list[LeftOut], list[str]]:
    """What the video files themselves say; those that cannot be read lose their actions, by name."""
    looked: list[LookedAt] = []
    broken: list[LeftOut] = []
    notes = []
    for done, file in enumerate(files, start=1):
        entries = matches.videos.get(file.id, ())
        try:
            info = probe(file.path)
        except InputError as error:
            notes.append(f"left out: {error}")
            broken += _all_of(entries, f"belongs to a video that cannot be read, {file.relative}")
        else:
            found = [action for entry in entries for action in placed(entry, info)]
            said = tuple(with_ignored(entry, info) for entry in entries)
            looked.append(LookedAt(file, said, info, check_actions(found, round(info.duration, 6))))
            notes += _duration_notes(entries, info.duration)
        progress(done, len(files))
    return looked, broken, notes


def _by_source(one: LookedAt) -> dict[Path, list[Action]]:
    """The actions that each label file says of a video."""
    found: dict[Path, list[Action]] = {}
    for entry in one.entries:
        found.setdefault(entry.source, []).extend(action.action for action in placed(entry, one.info))
    return found


def _all_of(entries: Iterable[VideoLabels], reason: str) -> list[LeftOut]:
    return [LeftOut(each.where, reason) for entry in entries for each in entry.actions]


def _duration_notes(entries: Iterable[VideoLabels], duration: float) -> list[str]:
    return [
        f"{entry.source}: {entry.names[0]!r} lasts {entry.duration:g} s by the labels, the file {duration:g} s; "
        "is it the same video?"
        for entry in entries
        if entry.duration is not None and abs(entry.duration - duration) > max(1.0, 0.02 * duration)
    ]
