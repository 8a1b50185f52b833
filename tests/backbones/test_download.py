"""Weights named by a URL: nothing is used whose hash was not checked."""

import hashlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from logotal.backbones.download import downloaded, is_address, weights_by_stream
from logotal.backbones.load import load_backbone
from logotal.backbones.weights import UnreachableError
from logotal.errors import InputError

CONTENT = b"weights, in a manner of speaking"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server of two files; one says its hash in its name."""
    monkeypatch.setenv("LOGOTAL_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "flow.pt").write_bytes(CONTENT)
    (folder / f"tsp-{SHA256[:8]}.pth").write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_file_is_fetched_once_and_its_hash_checked(site: str, tmp_path: Path) -> None:
    path = downloaded(f"{site}/flow.pt#sha256={SHA256}")
    assert path.read_bytes() == CONTENT
    assert path.is_relative_to(tmp_path / "cache")
    (tmp_path / "site" / "flow.pt").unlink()
    assert downloaded(f"{site}/flow.pt#sha256={SHA256.upper()}") == path


def test_the_hash_may_stand_in_the_name(site: str) -> None:
    assert downloaded(f"{site}/tsp-{SHA256[:8]}.pth").read_bytes() == CONTENT


def test_another_hash_is_refused_and_nothing_stays(site: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="another SHA-256 than 0000000000"):
        downloaded(f"{site}/flow.pt#sha256={'0' * 64}")
    assert not list((tmp_path / "cache" / "weights").iterdir())


@pytest.mark.parametrize("fragment", ["", "#", "#sha256=", "#sha256=12", "#md5=0123456789"])
def test_without_a_hash_nothing_is_fetched(site: str, fragment: str) -> None:
    with pytest.raises(InputError, match=r"add #sha256= and the file's SHA-256"):
        downloaded(f"{site}/flow.pt{fragment}")


def test_a_name_with_a_path_in_it_is_refused(site: str) -> None:
    with pytest.raises(InputError, match="add #sha256="):
        downloaded(f"{site}/..%2F..%2Fflow.pt#sha256={SHA256}")


def test_what_is_not_there_is_named(site: str) -> None:
    with pytest.raises(UnreachableError, match=r"none\.pt: cannot be fetched \(File not found\)|Not Found"):
        downloaded(f"{site}/none.pt#sha256={SHA256}")


def test_a_backbone_takes_an_address(site: str) -> None:
    with pytest.raises(InputError, match="cannot be read as weights alone"):  # it was fetched and opened
        load_backbone("r2plus1d-tsp", f"{site}/flow.pt#sha256={SHA256}")


def test_addresses_are_told_from_files_and_streams() -> None:
    address = f"https://example.org/flow.pt#sha256={SHA256}"
    assert is_address(address)
    assert not is_address(Path("flow.pt"))
    assert weights_by_stream([address]) == address
    assert weights_by_stream(["rgb=i3d.pt", f"flow={address}"]) == {"rgb": "i3d.pt", "flow": address}
    with pytest.raises(InputError, match="expected one FILE, or STREAM=FILE"):
        weights_by_stream([address, "rgb=i3d.pt"])
