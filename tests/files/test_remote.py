"""Files at addresses: read by parts, written whole, kept once, and refused in one sentence."""

import sys
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest

from logotal.data.features import FeatureFolder, feature_shape, find_features, read_features
from logotal.errors import InputError, with_addresses
from logotal.files import cached, remote
from logotal.files.cached import cache_folder, local
from logotal.files.remote import SCHEMES, address, is_remote, put
from logotal.files.text import read_text
from logotal.files.whole import is_file, is_folder
from logotal.formats.annotations import read_annotations
from logotal.report.save import save_timelines
from logotal.timeline import Action, Timeline
from logotal.video.files import find_videos
from tests.files.servers import Web, memory, own_cache, server

__all__ = ["memory", "own_cache", "server"]  # fixtures
pytestmark = pytest.mark.usefixtures("own_cache")


def array(length: int = 50, channels: int = 8) -> np.ndarray:
    return np.random.default_rng(length).normal(size=(length, channels)).astype(np.float32)


def saved(features: np.ndarray) -> bytes:
    remote_file = fsspec.filesystem("memory")
    with remote_file.open("/scratch.npy", "wb") as file:
        np.save(file, features)
    content: bytes = remote_file.cat("/scratch.npy")
    remote_file.rm("/scratch.npy")
    return content


def test_messages_name_addresses_as_people_write_them() -> None:
    for scheme in SCHEMES:
        path = Path(f"{scheme}://place/a/b.npy")
        assert is_remote(path)
        assert address(path) == f"{scheme}://place/a/b.npy" == with_addresses(str(path))
        assert str(InputError(f"{path}: no")) == f"{scheme}://place/a/b.npy: no"


@pytest.mark.parametrize("name", ["a.mp4", "/s3:/a", "s3:", "s3:a/b", "C:/a", "", "a/s3:/b"])
def test_other_names_are_no_addresses(name: str) -> None:
    assert not is_remote(Path(name))
    assert address(Path(name)) == str(Path(name))


def test_a_folder_here_whose_name_looks_like_an_unknown_scheme_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_remote("notes:/a.txt")
    (tmp_path / "notes:").mkdir()
    (tmp_path / "notes:" / "a.txt").write_text("here")
    assert read_text(Path("notes:/a.txt")) == "here"


def test_videos_are_listed_by_their_endings(memory: Any) -> None:
    memory.pipe({"/films/b.MP4": b"b", "/films/a.mkv": b"a", "/films/a.txt": b"t", "/films/more/c.mp4": b"c"})
    assert find_videos([Path("memory://films")]) == [Path("memory://films/a.mkv"), Path("memory://films/b.MP4")]
    with pytest.raises(InputError, match=r"^memory://none: no such file or folder$"):
        find_videos([Path("memory://none")])


def test_a_page_of_links_is_a_folder(server: Web) -> None:
    server.files = {"/films/a.mp4": b"a", "/films/b.npy": b"b", "/films/deep/c.npy": b"c"}
    folder = Path(server.address) / "films"
    assert is_folder(folder)
    assert not is_file(folder)
    assert is_file(folder / "a.mp4")
    assert find_videos([folder]) == [folder / "a.mp4"]
    assert find_features(folder) == folder
    assert FeatureFolder(folder).videos() == ["b"]
    assert server.bytes_of("/films/a.mp4") == server.bytes_of("/films/b.npy") == 0


def test_the_shape_of_features_costs_their_first_bytes(server: Web) -> None:
    server.files = {"/long.npy": saved(array(20_000, 64))}
    assert feature_shape(Path(server.address) / "long.npy") == (20_000, 64)
    assert 0 < server.bytes_of("/long.npy") <= 4096
    assert len(server.files["/long.npy"]) > 5_000_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing",
        saved(array())[:-1],
        saved(np.zeros((0, 8), np.float32)),
        saved(np.zeros((4, 8), np.int64)),
        saved(np.zeros(4, np.float32)),
        saved(array(8, 5)),
        b"PK" + bytes(100),
    ],
)
def test_the_shape_of_broken_features_is_refused_like_the_features(content: bytes, server: Web, memory: Any) -> None:
    server.files = {"/a.npy": content}
    path = Path(server.address) / "a.npy"
    with pytest.raises(InputError, match=r"^http://127\S+a.npy: ") as of_shape:
        feature_shape(path, 8)
    with pytest.raises(InputError, match=r"^http://127\S+a.npy: ") as of_features:
        read_features(path, 8)
    if content[:2] == b"\x93N":  # of what has no header, numpy says more
        assert str(of_shape.value)[:60] == str(of_features.value)[:60]


def test_each_version_of_a_file_is_fetched_once(server: Web) -> None:
    server.files = {"/a.npy": saved(array(50))}
    path = Path(server.address) / "a.npy"
    for _ in range(2):
        assert np.array_equal(read_features(path), array(50))
    assert feature_shape(path) == (50, 8)
    assert server.bytes_of("/a.npy") == len(server.files["/a.npy"])
    server.files["/a.npy"] = saved(-array(50))  # as long, and other numbers
    assert np.array_equal(read_features(path), -array(50))


def test_a_download_that_breaks_off_leaves_nothing(server: Web) -> None:
    server.files, server.breaks_after = {"/a.npy": saved(array(5000))}, 10_000
    with pytest.raises(InputError, match=r"a\.npy: cannot be read .*check the connection"):
        read_features(Path(server.address) / "a.npy")
    assert not [path for path in cache_folder().rglob("*") if path.is_file()]
    server.breaks_after = None
    assert np.array_equal(read_features(Path(server.address) / "a.npy"), array(5000))


@pytest.mark.parametrize(
    "name", ["b/../../../x.npy", "%2e%2e/%2e%2e/x.npy", "..%2f..%2fx.npy", "a/..\\..\\x.npy", ".npy"]
)
def test_no_name_leads_out_of_the_cache(name: str, memory: Any, tmp_path: Path) -> None:
    memory.store.clear()
    path = Path(f"memory://deep/{name}")
    put(path, saved(array()))
    before = set(tmp_path.rglob("*"))
    assert np.array_equal(read_features(path), array())
    new = set(tmp_path.rglob("*")) - before
    assert [each.parent for each in new if each.is_file()] == [cache_folder() / "remote"]
    assert local(path).name.isalnum()


def test_annotations_are_read_from_an_address(server: Web) -> None:
    server.files = {
        "/truth.json": b'{"database": {"v": {"subset": "t", "annotations": [{"segment": [1, 2], "label": "x"}]}}}'
    }
    found = read_annotations(Path(f"{server.address}/truth.json"))
    assert found.labels == ("x",)
    server.files = {"/truth.json": b'{"database": {'}
    with pytest.raises(InputError, match=r"^http://127\.0\.0\.1:\d+/truth\.json: not valid JSON"):
        read_annotations(Path(f"{server.address}/truth.json"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("foo://place/a.npy", r"^foo://place/a\.npy: expected an address with one of s3://, .*, found foo://"),
        ("file:///etc/passwd", r"^file://etc/passwd: expected an address"),
        ("simplecache::s3://b/a.npy", r"^simplecache::s3://b/a\.npy: no such"),
        ("gs://bucket/a.npy", r'^gs://bucket/a\.npy: .*not installed; pip install "logotal\[gs\]"$'),
        ("{web}/none.npy", r"/none\.npy: no such file$"),
        ("{web}/secret.npy", r"/secret\.npy: may not be read .*credentials"),
        ("http://127.0.0.1:9/a.npy", r"^http://127\.0\.0\.1:9/a\.npy: cannot be read .*connect.*do it again$"),
        ("{web}/a.npy?token=1234", r"a\.npy: expected an address without \?"),
        ("http://me:1234@host/a.npy", r"expected an address without \?"),
        ("memory://none/a.npy", r"^memory://none/a\.npy: no such file$"),
    ],
)
def test_what_is_wrong_with_an_address_is_one_sentence(
    name: str, said: str, server: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    server.forbidden = frozenset({"/secret.npy"})
    with pytest.raises(InputError, match=said) as error:
        read_features(Path(name.format(web=server.address)))
    assert "\n" not in str(error.value)
    if "token" in name:
        assert "1234" not in str(error.value)


def test_nothing_is_written_over_http(server: Web) -> None:
    with pytest.raises(InputError, match=r"^http://\S+a\.json: http:// can only be read"):
        save_timelines([Timeline("v")], Path(f"{server.address}/a.json"))


def test_results_go_to_an_address_and_spare_what_is_there(memory: Any) -> None:
    timeline = Timeline("v", (Action(1.0, 2.0, "x", 0.5),), 3.0)
    place = Path("memory://out/found.csv")
    save_timelines([timeline], place)
    first = memory.cat("/out/found.csv")
    save_timelines([timeline, Timeline("w", (Action(0.0, 1.0, "x", 0.25),))], place)
    assert memory.cat("/out/found.csv.bak") == first  # people edit such files
    assert sorted(memory.store) == ["/out/found.csv", "/out/found.csv.bak"]
    memory.pipe("/out/notes.csv", b"somebody's")
    with pytest.raises(InputError, match=r"^memory://out/notes\.csv: is there already and is not"):
        save_timelines([timeline], Path("memory://out/notes.csv"))
    assert memory.cat("/out/notes.csv") == b"somebody's"


def test_what_a_folder_holds_is_asked_for_anew_after_a_while(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.pipe("/films/a.mp4", b"a")
    folder = Path("memory://films")
    find_videos([folder])
    memory.pipe("/films/b.mp4", b"b")
    assert is_file(folder / "a.mp4")
    monkeypatch.setattr(remote, "FRESH", 0.0)
    assert is_file(folder / "b.mp4")
    assert cached.byte_size(folder / "b.mp4") == 1
