"""Servers on this machine: of files by HTTP, with all that a real one may do, and of buckets."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pytest

from logotal.files import remote


@dataclass
class Web:
    """A server of files; `sent` has method, path and bytes of each answer.

    `ranges`: whether it gives parts of files. `breaks_after`: bytes of an answer after which it hangs up; of parts, of
    those from `breaks_from` on.
    """

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    breaks_after: int | None = None
    breaks_from: int = 0
    forbidden: frozenset[str] = frozenset()
    sent: list[tuple[str, str, int]] = field(default_factory=list)

    def bytes_of(self, path: str) -> int:
        return sum(count for _, each, count in self.sent if each == path)


@contextmanager
def web() -> Iterator[Web]:
    served = Web("")

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            held = served.files.get(self.path)
            links = "".join(f'<a href="{name}">{name}</a>' for name in listed(self.path))
            if self.path in served.forbidden or (held is None and not links):
                self.answer(403 if self.path in served.forbidden else 404, b"", {})
            elif held is None:
                self.answer(200, links.encode(), {"Content-Type": "text/html; charset=utf-8"})
            elif served.ranges and (asked := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))):
                first, last = int(asked[1]), min(int(asked[2]), len(held) - 1)
                told = {"Content-Range": f"bytes {first}-{last}/{len(held)}"}
                self.answer(206, held[first : last + 1], told, breaks=first >= served.breaks_from)
            else:
                self.answer(200, held, {"Accept-Ranges": "bytes" if served.ranges else "none"})

        def answer(self, status: int, body: bytes, headers: dict[str, str], *, breaks: bool = True) -> None:
            self.send_response(status)
            if self.path in served.files:
                headers = {"Last-Modified": f"version {hash(served.files[self.path])}", **headers}
            for name, value in ({"Content-Type": "application/octet-stream"} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            body = b"" if self.command == "HEAD" else body[: served.breaks_after if breaks else None]
            served.sent.append((self.command, self.path, len(body)))
            self.wfile.write(body)
            self.close_connection = served.breaks_after is not None

        def log_message(self, *_: object) -> None:
            pass

    def listed(path: str) -> list[str]:
        return sorted({name.removeprefix(path).partition("/")[0] for name in served.files if name.startswith(path)})

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        served.address = f"http://127.0.0.1:{server.server_port}"
        yield served
        server.shutdown()
        thread.join()


@dataclass
class Bucket:
    """A bucket; `asked` has each request to it with its key."""

    files: Any
    asked: list[tuple[str, str]] = field(default_factory=list)

    def count(self, request: str) -> int:
        return sum(each == request for each, _ in self.asked)


@contextmanager
def bucket() -> Iterator[Bucket]:
    """An empty bucket `s3://bucket`, for this process and those that it starts."""
    s3fs = pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.get_host_and_port()[1]}"),
        ):
            patch.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()
        files = s3fs.S3FileSystem(use_listings_cache=False)
        files.mkdir("bucket")
        made, call = Bucket(files), s3fs.S3FileSystem._call_s3

        async def noted(self: Any, method: str, *given: Any, **options: Any) -> Any:
            made.asked.append((method, options.get("Key", "")))
            return await call(self, method, *given, **options)

        patch.setattr(s3fs.S3FileSystem, "_call_s3", noted)
        yield made
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of the test's own, and nothing known of any folder yet."""
    monkeypatch.setenv("LOGOTAL_CACHE", str(tmp_path / "cache"))
    remote._listed.clear()


@pytest.fixture
def memory() -> Iterator[Any]:
    """The file system at memory://, empty."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pseudo_dirs[:] = [""]
    yield files
    files.store.clear()


@pytest.fixture
def server() -> Iterator[Web]:
    """A web server."""
    with web() as served:
        yield served
