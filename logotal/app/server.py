"""What answers the pages in `static/`: labels, pictures, jobs, results. Errors are a sentence in JSON."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from logotal.app.adding import Answers, add_video, import_labels
from logotal.app.answering import change, number, parsed, read, refused
from logotal.app.drafts import read_drafts
from logotal.app.edits import Edit
from logotal.app.films import Films
from logotal.app.jobs import Jobs
from logotal.app.next_places import next_places
from logotal.app.pages import PAGES, STATIC
from logotal.app.results import page_of, pages_of, rounds
from logotal.app.store import ConflictError, LabelStore
from logotal.errors import InputError
from logotal.files.model import EXACT, Count
from logotal.formats.edited import EditedVideo
from logotal.formats.label_file import AskError
from logotal.places import APP, WORK

LISTED = 100
"""States of a video that are listed."""
SHEET = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
"""What a page without scripts, which is one file, may do."""


class _Edits(BaseModel):
    model_config = EXACT
    base: Count
    edit: Edit


class _Restore(BaseModel):
    model_config = EXACT
    video: str
    version: Count


class _Start(BaseModel):
    model_config = EXACT
    kind: str = "round"
    network: str


class Server:
    """The answers, for one project."""

    def __init__(self, project: Path, store: LabelStore) -> None:
        self.project, self.store, self.jobs = project, store, Jobs(project)
        self.films = Films(project, store, project / APP / WORK)

    def routes(self) -> list[BaseRoute]:
        """What is answered where."""
        reads: dict[str, Callable[[Request], object]] = {
            "/api/videos": self.videos,
            "/api/videos/{id}": self.document,
            "/api/changes": self.changes,
            "/api/history/{id}": self.history,
            "/api/jobs": self.job_list,
            "/api/rounds": self.round_list,
            "/rounds/{number:int}/{kind}": self.page,
            "/api/next": self.next,
            **self.films.reads,
        }
        changes: dict[str, Callable[[Request, bytes], object]] = {
            "/api/edits": self.edit,
            "/api/restore": self.restore,
            "/api/copies": self.films.copy,
            "/api/import": self.import_file,
            "/api/jobs": self.start,
            "/api/jobs/cancel": self.cancel,
            "/api/jobs/resume": self.resume,
        }
        return [
            *(Route(path, page.answer) for path, page in PAGES.items()),
            *(Route(path, partial(read, work), methods=["GET"]) for path, work in reads.items()),
            *(Route(path, partial(change, work), methods=["POST"]) for path, work in changes.items()),
            Route("/api/files/{name}", self.upload, methods=["PUT"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    def videos(self, request: Request) -> object:
        """All videos in a few words each."""
        drafts, learned = read_drafts(self.project), self._learned()
        listed = []
        for name, video in self.store.videos.items():
            found = len(drafts.open_in(name, video))
            about = {"id": name, "duration": video.duration, "fps": video.fps, "actions": len(video.actions)}
            there = (self.project / video.file).is_file()
            broken = None if there else f"{video.file}: no such video any more; put it back"
            more = {"drafts": found, "state": state(video, found), "learned": name in learned, "broken": broken}
            listed.append(about | more)
        labels, name = self.store.labels, self.project.resolve().name
        return {"project": name, "videos": listed, "labels": labels, "version": self.store.version}

    def document(self, request: Request) -> object:
        """All that is known of a video."""
        name = request.path_params["id"]
        video, drafts = self.store.video(name), read_drafts(self.project)
        return {
            **video.model_dump(exclude={"file"}),
            **{"id": name, "version": self.store.version, "media": f"/media/{name}"},
            "playable": self.films.is_playable(name),
            "drafts": [draft.model_dump() for draft in drafts.open_in(name, video)],
            "labels": sorted({*self.store.labels, *drafts.labels}),
            "moments": self._moments(),
        }

    def changes(self, request: Request) -> object:
        """The edits after a version; videos that came otherwise are told by their names."""
        entries = self.store.since(number(request, "since"))
        return {
            "version": self.store.version,
            "changes": [{"version": e.version, "edit": e.edit.model_dump()} for e in entries if e.edit is not None],
            "replaced": sorted({name for entry in entries for name in entry.videos or {}}),
            "drafts": read_drafts(self.project).number,
        }

    def history(self, request: Request) -> object:
        """The last states of a video."""
        name = request.path_params["id"]
        self.store.video(name)
        return {
            "states": [
                {
                    "version": entry.version,
                    "time": entry.time,
                    "actions": len(video.actions),
                    "what": entry.edit.said() if entry.edit else "as it came",
                }
                for entry, video in self.store.history(name)[:LISTED]
            ]
        }

    def job_list(self, request: Request) -> object:
        """The jobs."""
        jobs = [job.model_dump() for job in self.jobs.all()]
        running = jobs[0] if jobs and jobs[0]["state"] == "running" else None
        return {"running": running, "last": jobs[0] if jobs else None, "jobs": jobs}

    def round_list(self, request: Request) -> object:
        """The results, and which pages there are about each."""
        found = rounds(self.project)
        return {"rounds": [each.model_dump() | {"pages": pages_of(self.project, each.number)} for each in found]}

    def page(self, request: Request) -> object:
        """A page about a round."""
        number, kind = request.path_params["number"], request.path_params["kind"]
        pages = pages_of(self.project, number)
        if kind not in pages:
            raise InputError(f"round {number}: has no page {kind!r}; it has {pages or 'none'}")
        return FileResponse(page_of(self.project, number, kind), headers=SHEET)

    def next(self, request: Request) -> object:
        """What to label next."""
        return {"next": next_places(self.store.videos, read_drafts(self.project))}

    def edit(self, request: Request, body: bytes) -> object:
        """One gesture of a person."""
        sent = parsed(body, _Edits)
        try:
            return {"version": self.store.change(sent.edit, sent.base)}
        except ConflictError as error:
            current = self.store.videos[sent.edit.video].model_dump(exclude={"file"})
            video = current | {"id": sent.edit.video, "version": self.store.version}
            return refused(error, 409, video=video)

    def restore(self, request: Request, body: bytes) -> object:
        """An earlier state comes back."""
        sent = parsed(body, _Restore)
        self.store.video(sent.video)
        return {"version": self.store.restore(sent.video, sent.version)}

    def import_file(self, request: Request, body: bytes) -> object:
        """The labels of a file; where they can be read in several ways, the question."""
        try:
            return import_labels(self.project, self.store, body, Answers.of(request))
        except AskError as error:
            question = error.option and {"option": error.option, "values": error.values}
            return refused(error, 422, question=question)

    def start(self, request: Request, body: bytes) -> object:
        """A round begins."""
        self.store.save()
        return self.jobs.start(parsed(body, _Start).network).model_dump()

    def resume(self, request: Request, body: bytes) -> object:
        """The last round goes on."""
        self.store.save()
        return self.jobs.resume().model_dump()

    def cancel(self, request: Request, body: bytes) -> object:
        """The running round stops."""
        self.jobs.cancel()
        return {}

    async def upload(self, request: Request) -> Response:
        """A new video."""
        try:
            return JSONResponse({"id": await add_video(self.project, self.store, request)})
        except (InputError, OSError) as error:
            return refused(error)

    def _learned(self) -> set[str]:
        return {name for last in rounds(self.project)[-1:] for name in last.learned}

    def _moments(self) -> bool:
        actions = [marked.action for video in self.store.videos.values() for marked in video.actions]
        return bool(actions) and all(action.is_moment for action in actions)


def state(video: EditedVideo, drafts: int) -> str:
    """How far a video is, in one word."""
    if video.is_labelled:
        return "labelled"
    return "started" if video.is_begun else "draft" if drafts else "unlabelled"


def application(project: Path, store: LabelStore) -> Starlette:
    """What answers; whoever serves it puts a `Guard` before it."""
    return Starlette(routes=Server(project, store).routes())
