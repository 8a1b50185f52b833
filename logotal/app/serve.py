"""`logotal app` until it is stopped."""

import secrets
import socket
import threading
import webbrowser
from pathlib import Path

import uvicorn

from logotal.app.opening import open_store
from logotal.app.security import TOKEN, Guard
from logotal.app.server import application
from logotal.app.store import LabelStore
from logotal.callbacks import Progress, Say, silent
from logotal.errors import InputError
from logotal.files.lock import alone_in
from logotal.places import APP
from logotal.ranges import check_range

LOOPBACK = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")
"""Hosts that stand for all addresses of a machine."""
QUEUE = 128
"""Connections that wait until they are answered."""
ENDS = 5
"""Seconds that requests have to end when the app is stopped."""
SAVES = 2.0
"""Seconds between two looks whether `edited.json` is behind the journal."""


def serve(
    project: str | Path = ".",
    *,
    host: str = LOOPBACK,
    port: int = 0,
    open_browser: bool = True,
    progress: Progress = silent,
    say: Say = silent,
) -> None:
    """Serves the pages of a project until it is stopped.

    Args:
        project: a project folder, or a folder of videos.
        host: the address that is listened at; other machines reach none but loopback's.
        port: of it; a free one if 0.
        open_browser: whether a browser is opened.
        progress: callback(videos looked at, videos that are new), before it serves.
        say: callback(sentence): the address, and what cannot be read.

    Raises:
        InputError: there is no such folder, or the address cannot be listened at, or another `logotal app` is at work.
    """
    check_range("--port", port, least=0, most=65_535, whole=True)
    folder = Path(project)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; expected a project, or the folder with your videos")
    with alone_in(folder / APP) as alone:
        if not alone:
            raise InputError(f"{folder}: another `logotal app` is open here; use its page, or stop it first")
        store = open_store(folder, progress=progress, say=say)
        bound = _listening(host, port)
        port = bound.getsockname()[1]
        token, everywhere = secrets.token_urlsafe(24), host in EVERYWHERE
        hosts = [f"{_named(name)}:{port}" for name in _names(host)]
        guarded = Guard(application(folder, store), token, hosts, by_number=everywhere)
        address = f"http://{_named('localhost' if everywhere else host)}:{port}/?{TOKEN}={token}"
        say(f"open {address}")
        if everywhere:
            say(f"from other machines http://{socket.gethostname()}:{port}/?{TOKEN}={token}")
        done = threading.Event()
        saver = threading.Thread(target=_save_often, args=(store, done), daemon=True)
        saver.start()
        if open_browser:
            threading.Timer(0.5, webbrowser.open, [address]).start()
        try:
            config = uvicorn.Config(
                guarded,
                log_level="warning",
                lifespan="off",
                server_header=False,
                access_log=False,
                timeout_graceful_shutdown=ENDS,
            )
            uvicorn.Server(config).run(sockets=[bound])
        finally:
            done.set()
            saver.join()
            store.save()


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        InputError: somebody else does, or there is no such address.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(QUEUE)  # from now on a browser waits, and is not refused
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{host}:{port}: cannot be listened at ({reason}); choose another --port") from error
    return bound


def _names(host: str) -> set[str]:
    """The names by which a server is called that listens there."""
    if host in EVERYWHERE:
        return {"localhost", LOOPBACK, socket.gethostname()}
    return {host, "localhost", LOOPBACK} if host in (LOOPBACK, "localhost", "::1") else {host}


def _named(host: str) -> str:
    """A host as addresses have it."""
    return f"[{host}]" if ":" in host else host


def _save_often(store: LabelStore, done: threading.Event) -> None:
    while not done.wait(SAVES):
        store.save()
