"""What a person adds in the browser: videos, and label files of other tools."""

import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from starlette.requests import Request

from logotal.app.opening import file_of, new_video, videos_folder
from logotal.app.store import LabelStore
from logotal.errors import InputError
from logotal.files.whole import temporary_folder
from logotal.formats.edited import EditedVideo, Marked, in_order
from logotal.formats.label_file import LabelFile
from logotal.formats.labels import read_labels
from logotal.formats.options import Options, columns_of
from logotal.project.checking import check_actions, check_sources
from logotal.project.matching import match
from logotal.project.summary import LISTED
from logotal.project.units import check_units, placed, with_ignored
from logotal.project.video_files import find_video_files
from logotal.timeline import Action
from logotal.video.files import SUFFIXES
from logotal.video.probe import probe


@dataclass(frozen=True)
class Answers:
    """The name of a label file, and what a person said about it."""

    name: str
    options: Options

    @classmethod
    def of(cls, request: Request) -> "Answers":
        """What a request says.

        Raises:
            InputError: an answer is not possible.
        """
        name = Path(unquote(request.headers.get("x-file-name", "labels.csv")).replace("\\", "/")).name
        said = request.query_params
        unit = said.get("unit")
        if unit == "frames" and "fps" in said:
            unit = f"frames@{said['fps']}"
        options = Options(
            columns=columns_of(said.getlist("columns")),
            unit=unit,
            tier=tuple(said.getlist("tier")),
            attribute=said.get("attribute"),
            annotator=said.get("annotator"),
            background=tuple(said.getlist("background")),
            prefix=said.get("prefix"),
        )
        return cls(name or "labels.csv", options)


async def add_video(project: Path, store: LabelStore, request: Request) -> str:
    """Writes a video that is sent, whole or not at all, and returns its id.

    Raises:
        InputError: its name is no name of a video, is taken, or what came is no video.
    """
    name = request.path_params["name"]
    if name != Path(name).name or name.startswith(".") or not name.isprintable() or "\\" in name:
        raise InputError(f"expected the name of a file, found {name!r:.80}")
    if Path(name).suffix.lower() not in SUFFIXES:
        raise InputError(f"{name}: expected a video that ends in {', '.join(sorted(SUFFIXES))}")
    folder = videos_folder(project, [project / video.file for video in store.videos.values()]) or project
    target, id = folder / name, Path(name).stem
    if target.exists() or id.casefold() in {known.casefold() for known in store.videos}:
        raise InputError(f"{name}: a video of this name is there already; rename the new one")
    with temporary_folder(target) as part:
        with (part / name).open("wb") as file:
            async for content in request.stream():
                file.write(content)
        probe(part / name)
        (part / name).rename(target)
    store.put_videos({id: new_video(target, None, project)})
    return id


def import_labels(project: Path, store: LabelStore, content: bytes, answers: Answers) -> dict[str, object]:
    """Adds what a label file says to the labels; actions that are there already are not added again.

    Raises:
        AskError: it can be read in several ways; the answer comes with the next request.
        InputError: it holds no labels, or none of a video of this project.
    """
    files = {name: file_of(project, video) for name, video in store.videos.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / answers.name
        path.write_bytes(content)
        try:
            return _imported(project, store, files, read_labels(path, answers.options), answers)
        except InputError as error:
            error.args = (str(error).replace(f"{folder}/", ""),)
            raise


def _imported(
    project: Path, store: LabelStore, files: Mapping[str, Path], read: LabelFile, answers: Answers
) -> dict[str, object]:
    folder = videos_folder(project, list(files.values())) or project
    ids = {path.resolve(): name for name, path in files.items()}
    there = [file for file in find_video_files(folder, ids) if file.id in files]
    matches = match(read.videos, there, folder, answers.options.prefix)
    if not matches.videos:
        named = ", ".join(repr(entry.names[0]) for entry in read.videos[:3]) or "no video"
        raise InputError(f"{answers.name}: the labels name {named}, but the videos are {', '.join(list(files)[:3])}")
    infos = {name: probe(files[name]) for name in matches.videos}
    check_units([(entry, infos[name]) for name, entries in matches.videos.items() for entry in entries])
    changed, left_out = {}, list(read.left_out)
    added = 0
    for name, entries in matches.videos.items():
        info = infos[name]
        checked = check_actions(
            [action for entry in entries for action in placed(entry, info)], store.videos[name].duration
        )
        left_out += checked.left_out
        ignored = [list(span) for entry in entries for span in with_ignored(entry, info).ignored]
        changed[name] = _with_actions(store.videos[name], checked.actions, ignored)
        added += len(changed[name].actions) - len(store.videos[name].actions)
    check_sources([entry for entries in matches.videos.values() for entry in entries], left_out)
    store.put_videos(changed)
    notes = [*read.notes, *matches.notes, *(f"{each.where}: {each.reason}" for each in left_out[:LISTED])]
    notes += [f"{len(matches.unmatched)} entries name no video that is here"] if matches.unmatched else []
    return {"actions": added, "videos": len(changed), "notes": notes}


def _with_actions(video: EditedVideo, actions: tuple[Action, ...], ignored: list[list[float]]) -> EditedVideo:
    """The video with more actions, and as one that somebody has looked at."""
    held = [each.action for each in video.actions]
    new = [
        Marked.of_file(uuid.uuid4().hex, action)
        for action in actions
        if not any(action.repeats(other) for other in held)
    ]
    listed = in_order([*video.actions, *new])
    labelled = [[0.0, video.duration]]
    return video.model_copy(update={"actions": listed, "labelled": labelled, "ignored": [*video.ignored, *ignored]})
