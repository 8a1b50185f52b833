"""The videos of a project as pages show them: played, as pictures, as sound."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from logotal.app import pictures
from logotal.app.answering import parsed
from logotal.app.opening import file_of
from logotal.app.playing import copy_of, is_playable
from logotal.app.store import LabelStore
from logotal.files.model import EXACT


class _Video(BaseModel):
    model_config = EXACT
    video: str


class Films:
    """The answers about the files of videos; `work` is the folder for what is made of them."""

    def __init__(self, project: Path, store: LabelStore, work: Path) -> None:
        self.project, self.store, self.work = project, store, work
        self.reads: dict[str, Callable[[Request], object]] = {
            "/wave/{id}": partial(self.picture, "sound", pictures.sound, "application/json"),
            "/strip/{id}": partial(self.picture, "strip", pictures.strip, "image/jpeg"),
            "/thumb/{id}": partial(self.picture, "thumbnail", pictures.thumbnail, "image/jpeg"),
            "/media/{id}": self.media,
        }

    def path(self, name: str) -> Path:
        """Where a video lies.

        Raises:
            InputError: there is none of that name, or it does not lie there any more.
        """
        return file_of(self.project, self.store.video(name))

    def is_playable(self, name: str) -> bool:
        """Whether a browser plays the video, or its copy."""
        path = self.path(name)
        return is_playable(path) or copy_of(self.work, name, path).is_file()

    def picture(self, kind: str, make: Callable[[Path], bytes], media: str, request: Request) -> Response:
        """Something that is drawn of a video."""
        name = request.path_params["id"]
        path = self.path(name)
        content = pictures.kept(self.work / "pictures", f"{name}-{kind}", path, make)
        return Response(content, media_type=media, headers={"Cache-Control": "private, max-age=3600"})

    def media(self, request: Request) -> Response:
        """The video itself, in ranges, or its copy where browsers do not play it."""
        name = request.path_params["id"]
        path = self.path(name)
        copy = copy_of(self.work, name, path)
        return FileResponse(copy if copy.is_file() else path)

    def copy(self, request: Request, body: bytes) -> object:
        """A copy that browsers play."""
        name = parsed(body, _Video).video
        path = self.path(name)
        copy_of(self.work, name, path, make=True)
        return {"copied": name}
