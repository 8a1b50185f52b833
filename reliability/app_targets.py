"""The files that `logotal app` keeps: each is broken in a folder that is whole else, and opened as the app does."""

import shutil
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from reliability import bombs
from reliability.material import JSON, Material
from reliability.mutation import Mutation, byte_level, json_level, token_level

_kept: list[TemporaryDirectory[str]] = []


@cache
def whole_project() -> Path:
    """A project with everything that the app keeps; once in a process."""
    from logotal.app.drafts import write_drafts  # noqa: PLC0415
    from logotal.app.edits import Edit  # noqa: PLC0415
    from logotal.app.jobs import Job, Jobs  # noqa: PLC0415
    from logotal.app.results import Fate, Place, Round, write_round  # noqa: PLC0415
    from logotal.app.store import LabelStore  # noqa: PLC0415
    from logotal.formats.edited import EditedVideo, Marked  # noqa: PLC0415
    from logotal.timeline import Action, Timeline  # noqa: PLC0415

    _kept.append(TemporaryDirectory(prefix="logotal-app-"))
    project = Path(_kept[-1].name)
    store = LabelStore(project)
    store.put_videos({"match": EditedVideo(file="match.mp4", duration=10.0, fps=25.0)})
    jump = Marked(id="a", start=1.0, end=2.0, label="jump", by="Ada")
    store.change(Edit(video="match", put=[jump], labelled=[[0.0, 10.0]]), 1)
    store.save()
    write_drafts(project, 1, [Timeline("match", (Action(3.0, 4.0, "jump", 0.5),))])
    fate = Fate(label="jump", actions=1, found=1, missed=0, wrong=2)
    place = Place(video="match", start=3.0, label="jump", sentence="jump, not labelled")
    about = {"number": 1, "time": "2026-01-01T10:00:00", "network": "linear", "actions": 1, "videos": 1, "minutes": 0.2}
    scored = {"drafts": 1, "learned": ["match"], "f1": 0.5, "per_label": [fate], "places": [place]}
    write_round(project, Round.model_validate(about | scored))
    Jobs(project).write(Job(number=1, network="linear", state="done", said=["one sentence"]))
    return project


def _opened(project: Path) -> None:
    """What the app does when it starts, and what each page asks for."""
    from logotal.app.drafts import read_drafts  # noqa: PLC0415
    from logotal.app.jobs import Jobs  # noqa: PLC0415
    from logotal.app.next_places import next_places  # noqa: PLC0415
    from logotal.app.results import rounds  # noqa: PLC0415
    from logotal.app.store import LabelStore  # noqa: PLC0415
    from logotal.formats.labels import read_labels  # noqa: PLC0415

    store, drafts = LabelStore(project), read_drafts(project)
    for name in store.videos:
        store.history(name)
    next_places(store.videos, drafts)
    store.save()
    read_labels(store.path)
    for each in (*rounds(project), *Jobs(project).all()):
        each.model_dump_json()


def in_a_line(random: Random, seeds: Sequence[bytes]) -> bytes:
    """A file of a JSON object a line, one of which is still JSON and something else."""
    lines = random.choice(seeds).splitlines()
    at = random.randrange(len(lines))
    lines[at] = json_level(random, [lines[at]]).replace(b"\n", b" ")
    return b"\n".join(lines) + b"\n"


def _broken(name: str, mutations: Sequence[Mutation] = JSON) -> Callable[[Path], Material]:
    """The target of one file, named as it lies in the folder `app` of a project."""

    def material(folder: Path) -> Material:
        whole, project = whole_project(), folder.parent / "in" / "project"

        def read(path: Path) -> object:
            shutil.rmtree(project, ignore_errors=True)
            shutil.copytree(whole, project)
            shutil.copyfile(path, project / "app" / name)
            _opened(project)
            return None

        return Material(Path(name).suffix, read, [(whole / "app" / name).read_bytes()], mutations, bombs.of_json("%s"))

    return material


TARGETS: dict[str, Callable[[Path], Material]] = {
    "app edited.json": _broken("edited.json"),
    "app edits": _broken(".edits.jsonl", (byte_level, token_level, in_a_line, in_a_line)),
    "app drafts.json": _broken(".work/drafts.json"),
    "app round": _broken(".work/rounds/1.json"),
    "app job": _broken(".work/jobs/1.json"),
}
