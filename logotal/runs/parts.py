"""What was found in each video, in a file of its own as soon as it is found: a kill loses nothing, and machines share.

Such a part holds all that a model found, before any threshold, as ActivityNet JSON, and what it follows from: the
model, the arithmetic, the file. One that follows from something else, or is damaged, is made anew. Its name follows
from that of the video alone, so that every process knows where the parts of the others lie.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from logotal import __version__
from logotal.callbacks import Say
from logotal.data.feature_recipe import differences, video_sidecar
from logotal.errors import InputError
from logotal.files.cached import local
from logotal.files.json import read_json
from logotal.files.model import EXACT, parsed_model
from logotal.files.remote import AbsentError, entries, is_remote, look, remove, version
from logotal.files.text import is_there
from logotal.files.whole import LONGEST, check_writable, clear_leftover, is_file, write_whole
from logotal.formats.activitynet import read_activitynet, write_activitynet
from logotal.inference.any_predictor import AnyPredictor
from logotal.places import CLASSIFIER, CONFIG, LABELS, SIDECAR, WEIGHTS, run_folder
from logotal.timeline import Timeline
from logotal.words import amount

SUFFIX = ".parts"
"""The ending of a folder of parts beside the file that they are joined into."""

MODEL = (CONFIG, LABELS, WEIGHTS, CLASSIFIER, SIDECAR)
"""What of a run decides what it finds; which of it is shown is chosen later."""

MadeOf = Mapping[str, str | int | float | None]


@dataclass(frozen=True)
class About:
    """What options and annotations say of a video, before anything is looked for in it."""

    name: str
    fps: float | None = None
    duration: float | None = None


class PartFile(BaseModel):
    """What a part holds."""

    model_config = EXACT

    made_of: dict[str, str | int | float | None]
    sha256: str
    """Of the detections."""
    detections: Annotated[str, Field(description="detections as text")]


@dataclass(frozen=True)
class Part:
    """The part of one video: its file, and what it has to be made of."""

    file: Path
    video: str
    made_of: MadeOf

    def read(self) -> Timeline:
        """What was found in the video.

        Raises:
            InputError: there is no such part, it is made of something else, or it is damaged.
        """
        part = parsed_model(read_json(self.file), self.file, PartFile)
        if differing := differences(self.made_of, part.made_of):
            raise InputError(f"{self.file}: {differing[0]}")
        found = read_activitynet(part.detections, self.file) if _digest(part.detections) == part.sha256 else []
        if [timeline.video for timeline in found] != [self.video]:
            raise InputError(f"{self.file}: is damaged")
        return found[0]

    def write(self, found: Timeline) -> None:
        """Keeps what was found in the video.

        Raises:
            InputError: it cannot be written.
        """
        write_whole(self.file, sealed(self.made_of, write_activitynet([found], {})))


@dataclass
class Parts:
    """The parts in a folder, and the model that they are to be of.

    `taken` counts those that were there already; `refused` says of others that were there why they are not taken.
    """

    folder: Path
    model: MadeOf
    taken: int = 0
    refused: list[str] = field(default_factory=list)

    @contextmanager
    def open(self, videos: Mapping[Path, About]) -> Iterator[None]:
        """In which parts are made; a folder in which there are none goes again where that fails.

        Raises:
            InputError: two videos have one name, a name is not valid text, or the folder cannot be written.
        """
        named: dict[str, Path] = {}
        for path, about in videos.items():
            if (other := named.setdefault(about.name, path)) != path:
                raise InputError(f"{other} and {path} would both be {about.name}; detect in one at a time")
            if any("\ud800" <= letter <= "\udfff" for letter in about.name):
                raise InputError(f"{path}: expected a name that is valid text, found {about.name!r}; rename it")
        try:
            check_writable(self.folder / "part.json")
            yield
        except BaseException:
            remove_parts(self.folder, ())
            raise

    def of(self, path: Path, about: About) -> Part:
        """The part of a video, which may have to be made.

        Raises:
            OSError: there is no such video.
        """
        beside = video_sidecar(path) if path.suffix == ".npy" else None
        sidecar = _state(beside) if beside is not None and is_file(beside) else None
        made_of: MadeOf = {**self.model, **asdict(about), "file": f"{path.name}, {_state(path)}", "sidecar": sidecar}
        return Part(part_file(self.folder, about.name), about.name, made_of)

    def has(self, part: Part) -> bool:
        """Whether a part is there and of this model and video."""
        if not is_there(part.file):
            return False
        try:
            part.read()
        except InputError as error:
            self.refused.append(str(error))
            return False
        self.taken += 1
        return True

    def report(self, say: Say) -> None:
        """Says what was taken over, and what was not."""
        if self.taken:
            say(f"taken over from {self.folder}: what was found in {amount(self.taken, 'video')} before")
        if self.refused:
            say(f"not taken over, and made anew: {amount(len(self.refused), 'part')}, the first: {self.refused[0]}")

    def join(
        self, videos: Mapping[Path, About], mine: Collection[Path], show: Callable[[Timeline], Timeline], say: Say
    ) -> tuple[dict[Path, Timeline], tuple[Path, ...]]:
        """What is shown of all videos, and those of which there is no part, as other processes have yet to make it.

        Where there are such videos, it is what is shown of `mine` alone. A part that was there and is gone has been
        joined by another process: parts are removed after that.
        """
        there = {path.name for path in entries(self.folder)}
        absent = tuple(path for path, about in videos.items() if part_file(self.folder, about.name).name not in there)
        found: dict[Path, Timeline] = {}
        failed: list[str] = []
        for path, about in videos.items():
            if not absent or path in mine:
                try:
                    found[path] = show(self.of(path, about).read())
                except (InputError, OSError) as error:
                    failed.append(str(error))
        if failed and not absent:
            say(f"cannot be joined: {amount(len(failed), 'part')}, the first: {failed[0]}")
        return found, absent or tuple(path for path in videos if path not in found)


def sealed(made_of: MadeOf, detections: str) -> bytes:
    """The content of a part."""
    part = PartFile(made_of=dict(made_of), sha256=_digest(detections), detections=detections)
    return part.model_dump_json().encode()


def parts_folder(target: Path) -> Path:
    """Where the parts lie that are joined into a file: beside it.

    >>> parts_folder(Path("found.json")).name
    '.found.json.parts'
    """
    name = target.name if len(os.fsencode(target.name)) <= LONGEST else _digest(target.name)
    return target.with_name(f".{name}{SUFFIX}")


def part_file(folder: Path, video: str) -> Path:
    """Where the part of a video lies, whatever signs and however many are in its name."""
    return folder / f"{_digest(video)[:32]}.json"


def remove_parts(folder: Path, videos: Iterable[str]) -> None:
    """Removes the parts of some videos, and the folder if nothing else is in it."""
    for part in (part_file(folder, video) for video in videos):
        with suppress(OSError, AbsentError):
            (remove if is_remote(part) else Path.unlink)(part)
        clear_leftover(part)
    with suppress(OSError):
        folder.rmdir()


def model_of(model: str | Path, predictor: AnyPredictor, runtime: str, *, everything: bool) -> MadeOf:
    """What all that a model finds follows from; where it runs is not among it, so that machines can share a folder."""
    exported, pipeline = str(model).endswith(".onnx"), predictor.pipeline
    if exported:
        found = _digest_of(Path(model))
    else:
        run = run_folder(model)
        found = pipeline.on_hub or " ".join(_digest_of(run / name) for name in MODEL if is_there(run / name))
    scores = None if pipeline.video_scores is None else _digest_of(pipeline.video_scores.source)
    return {
        "logotal": __version__,
        "model": found,
        "runtime": runtime if exported else "torch",
        "arithmetic": predictor.precision,
        "video scores": scores,
        "limits": "of the protocol" if everything else "by length",
    }


def _state(path: Path) -> str:
    """What changes when a file does."""
    if is_remote(path):
        info = look(path)
        return "none" if info is None else f"{info.get('size')} bytes, {version(info)}"
    status = path.stat()
    return f"{status.st_size} bytes, changed at {status.st_mtime_ns}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _digest_of(path: Path) -> str:
    with local(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
