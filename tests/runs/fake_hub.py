"""A hub on loopback: as much of the Hugging Face hub's interface as pushing and loading models asks for."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

TOKENS = {"writes": "ann", "reads": None}
"""For which owner a token may write."""

LICENSES = ("unknown", "mit", "cc-by-4.0")
"""Some of those that the hub knows."""

Files = dict[str, bytes]


@dataclass
class Repository:
    """A repository: the files of each commit, the last one being `main`; `tags` name others."""

    private: bool
    commits: dict[str, Files]
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def head(self) -> str:
        return list(self.commits)[-1]

    @property
    def files(self) -> Files:
        return self.commits[self.head]

    def resolve(self, revision: str) -> str | None:
        commit = self.head if revision == "main" else self.tags.get(revision, revision)
        return commit if commit in self.commits else None

    def add(self, files: Files) -> str:
        commit = hashlib.sha1(repr((list(self.commits), sorted(files.items()))).encode()).hexdigest()
        self.commits[commit] = files
        return commit


@dataclass
class FakeHub:
    """What the hub holds, and what it was asked and sent."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    stored: Files = field(default_factory=dict)
    """Large files by sha256."""
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    address: str = ""

    def make(self, name: str, *, private: bool = True, files: Files | None = None) -> Repository:
        self.repositories[name] = Repository(private, {})
        self.repositories[name].add({".gitattributes": b"", **(files or {})})
        return self.repositories[name]

    @property
    def sent(self) -> bytes:
        """All that arrived, and what of it was in base64."""
        packed = re.findall(rb'"content": ?"([A-Za-z0-9+/=]{8,})"', b"\n".join(self.bodies))
        return b"\n".join([*self.bodies, *map(base64.b64decode, packed), *(each.encode() for each in self.asked)])


@contextmanager
def serve(hub: FakeHub) -> Iterator[FakeHub]:
    """Answers for a hub at `hub.address`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Answer(Exception):  # noqa: N818 - it is no error
    def __init__(self, status: int, content: Any = None, **headers: str) -> None:
        super().__init__(status)
        self.status, self.headers = status, {name.replace("_", "-"): value for name, value in headers.items()}
        self.content = content if isinstance(content, bytes) else json.dumps(content or {}).encode()


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        self.path_only = unquote(urlsplit(self.path).path)
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.hub.asked.append(f"{self.command} {self.path}")
        self.hub.bodies.append(self.body)
        try:
            self._answer()
            answer = _Answer(404, X_Error_Message=f"the fake hub has no {self.command} {self.path}")
        except _Answer as found:
            answer = found
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815

    def _answer(self) -> None:
        """Raises what is answered."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in TOKENS:
            raise _Answer(401, X_Error_Message="Invalid credentials in Authorization header")
        self.owner = TOKENS.get(token)
        self.logged_in = bool(token)
        routes = {
            r"PUT /stored/(\w+)": self._store,
            r"POST /api/validate-yaml": self._validate,
            r"POST /api/repos/create": self._create,
            r"POST /api/models/([^/]+/[^/]+)/preupload/(.+)": self._preupload,
            r"POST /api/models/([^/]+/[^/]+)/commit/(.+)": self._commit,
            r"POST /([^/]+/[^/]+)\.git/info/lfs/objects/batch": self._batch,
            r"GET /api/models/([^/]+/[^/]+)/tree/(.+)": self._tree,
            r"GET /api/models/([^/]+/[^/]+)(?:/revision/(.+))?": self._info,
            r"(?:GET|HEAD) /([^/]+/[^/]+)/resolve/([^/]+)/(.+)": self._file,
        }
        for pattern, route in routes.items():
            if found := re.fullmatch(pattern, f"{self.command} {self.path_only}"):
                route(*found.groups())

    def _repository(self, name: str, *, write: bool = False) -> Repository:
        found = self.hub.repositories.get(name)
        if found is None or (found.private and not self.logged_in):
            raise _Answer(404 if self.logged_in else 401, X_Error_Code="RepoNotFound")
        if write and name.split("/", maxsplit=1)[0] != self.owner:
            raise _Answer(403, X_Error_Message="you may not write here")
        return found

    def _at(self, name: str, revision: str) -> tuple[str, Files]:
        found = self._repository(name)
        commit = found.resolve(revision)
        if commit is None:
            raise _Answer(404, X_Error_Code="RevisionNotFound")
        return commit, found.commits[commit]

    def _validate(self) -> None:
        front = yaml.safe_load(json.loads(self.body)["content"].split("---\n")[1])
        known = front["license"] in LICENSES
        errors = [] if known else [{"message": f'"license" must be one of {", ".join(LICENSES)}'}]
        raise _Answer(200 if known else 400, {"errors": errors, "warnings": []})

    def _create(self) -> None:
        asked = json.loads(self.body)
        if asked["organization"] != self.owner:
            raise _Answer(403, X_Error_Message="no rights in this namespace")
        name = f"{asked['organization']}/{asked['name']}"
        # Two spellings: newer releases of huggingface_hub send the first.
        self.hub.make(name, private=asked.get("visibility") == "private" or asked.get("private") is True)
        raise _Answer(200, {"url": f"{self.hub.address}/{name}", "name": name, "id": name})

    def _info(self, name: str, revision: str | None) -> None:
        commit, files = self._at(name, revision or "main")
        card = files.get("README.md", b"").decode().split("---\n")
        raise _Answer(
            200,
            {
                "id": name,
                "sha": commit,
                "private": self.hub.repositories[name].private,
                "siblings": [{"rfilename": each} for each in files],
                "cardData": yaml.safe_load(card[1]) if len(card) > 2 else None,
            },
        )

    def _tree(self, name: str, revision: str) -> None:
        _, files = self._at(name, revision)
        entries = [
            {"type": "file", "path": path, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
            for path, content in files.items()
        ]
        raise _Answer(200, json.dumps(entries).encode())

    def _file(self, name: str, revision: str, path: str) -> None:
        commit, files = self._at(name, revision)
        if path not in files:
            raise _Answer(404, X_Error_Code="EntryNotFound", X_Repo_Commit=commit)
        raise _Answer(200, files[path], ETag=f'"{hashlib.sha1(files[path]).hexdigest()}"', X_Repo_Commit=commit)

    def _preupload(self, name: str, _: str) -> None:
        self._repository(name, write=True)
        asked = json.loads(self.body)["files"]
        modes = {each["path"]: "lfs" if each["path"].endswith(".safetensors") else "regular" for each in asked}
        answers = [{"path": path, "uploadMode": mode, "shouldIgnore": False} for path, mode in modes.items()]
        raise _Answer(200, {"files": answers})

    def _batch(self, name: str) -> None:
        self._repository(name, write=True)
        objects = [
            each | {"actions": {"upload": {"href": f"{self.hub.address}/stored/{each['oid']}"}}}
            for each in json.loads(self.body)["objects"]
        ]
        raise _Answer(200, {"transfer": "basic", "objects": objects})

    def _store(self, digest: str) -> None:
        assert hashlib.sha256(self.body).hexdigest() == digest
        self.hub.stored[digest] = self.body
        raise _Answer(200)

    def _commit(self, name: str, _: str) -> None:
        found = self._repository(name, write=True)
        files = dict(found.files)
        for line in map(json.loads, self.body.splitlines()):
            value = line["value"]
            if line["key"] == "header" and value.get("parentCommit", found.head) != found.head:
                raise _Answer(412, X_Error_Message="the parent has changed")
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            if line["key"] == "lfsFile":
                files[value["path"]] = self.hub.stored[value["oid"]]
            if line["key"] == "deletedFile":
                del files[value["path"]]
        commit = found.add(files)
        raise _Answer(200, {"commitUrl": f"{self.hub.address}/{name}/commit/{commit}", "commitOid": commit})
