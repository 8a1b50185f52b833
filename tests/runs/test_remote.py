"""The whole path at addresses: the same features, the same model, nothing twice, and nothing half."""

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logotal.check import check
from logotal.cli import main
from logotal.errors import InputError
from logotal.extraction import log
from logotal.extraction.folder import extract_folder
from logotal.files import remote, whole
from logotal.runs.evaluate import evaluate
from logotal.runs.extract import extract
from logotal.runs.load import load
from logotal.runs.train import train
from logotal.video import stream
from logotal.video.files import find_videos
from logotal.video.probe import probe
from logotal.video.reader import read_frames
from reliability import samples
from tests.extraction.test_folder import SETTINGS
from tests.files.servers import Bucket, Web, bucket, memory, own_cache, server
from tests.training.small import small_config, small_data
from tests.video.cases import encode

BUCKET = Path("s3://bucket")

__all__ = ["memory", "own_cache", "server"]  # fixtures
pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module")
def store() -> Iterator[Bucket]:
    with bucket() as made:
        yield made


@pytest.fixture
def s3(store: Bucket) -> Bucket:
    if store.files.find("bucket"):
        store.files.rm("bucket/*", recursive=True)
    store.asked.clear()
    return store


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return samples.videos(tmp_path_factory.mktemp("videos"), 3, frames=20)


@pytest.fixture
def puts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is put and removed, in order."""
    made: list[str] = []
    put, remove = whole.put, whole.remove
    monkeypatch.setattr(whole, "put", lambda path, content: (made.append(path.name), put(path, content)))
    monkeypatch.setattr(whole, "remove", lambda path: (made.append(f"no {path.name}"), remove(path)))
    return made


def command(*words: str | Path) -> None:
    """Runs the command line in this process, which has the bucket's keys."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(sys, "argv", ["logotal", *map(str, words)])
        warnings.simplefilter("ignore")  # of cyclopts, which knows a test from a command line
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0


def upload(files: Any, paths: list[Path], folder: str) -> list[Path]:
    for path in paths:
        files.pipe_file(f"{folder}/{path.name}", path.read_bytes())
    return find_videos([Path(folder)])


def test_features_are_those_of_local_files_and_made_once(
    videos: list[Path], memory: Any, puts: list[str], tmp_path: Path
) -> None:
    elsewhere = upload(memory, videos, "memory://films")
    folder = Path("memory://made/features")
    extract_folder(videos, tmp_path / "local", SETTINGS)
    assert [o.error for o in extract_folder(elsewhere, folder, SETTINGS)] == [None] * 3
    for path in sorted((tmp_path / "local").iterdir()):
        assert memory.cat(f"/made/features/{path.name}") == path.read_bytes()
    assert len(memory.ls("/made/features")) == len(list((tmp_path / "local").iterdir()))
    # The sidecar last: who sees it sees whole features.
    assert puts == ["features.json", *(f"video_{n}.{end}" for n in range(3) for end in ("npy", "json"))]
    puts.clear()
    assert all(o.skipped for o in extract_folder(elsewhere, folder, SETTINGS))
    assert puts == []
    memory.pipe_file("memory://films/video_0.mp4", videos[1].read_bytes())  # another video of the same name
    remote._listed.clear()
    assert [o.skipped for o in extract_folder(elsewhere, folder, SETTINGS)] == [False, True, True]
    assert puts == ["no video_0.json", "video_0.npy", "video_0.json"]


def test_an_extraction_that_was_killed_between_two_files_goes_on(
    videos: list[Path], memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, put = Path("memory://made"), whole.put

    def dies(path: Path, content: bytes) -> None:
        if path.name == "video_1.json":
            raise KeyboardInterrupt
        put(path, content)

    monkeypatch.setattr(whole, "put", dies)
    with pytest.raises(KeyboardInterrupt):
        extract_folder(videos, folder, SETTINGS)
    assert memory.exists("/made/video_1.npy")
    monkeypatch.setattr(whole, "put", put)
    assert [o.skipped for o in extract_folder(videos, folder, SETTINGS)] == [True, False, False]


def test_features_of_somebody_else_are_left_alone(videos: list[Path], memory: Any) -> None:
    memory.pipe_file("/made/video_2.npy", b"theirs")
    with pytest.raises(InputError, match=r"^memory://made/video_2\.npy: is there already, and .* did not write it"):
        extract_folder(videos, Path("memory://made"), SETTINGS)
    assert memory.store.keys() == {"/made/video_2.npy"}


def test_processes_do_not_share_memory(videos: list[Path], memory: Any) -> None:
    with pytest.raises(InputError, match=r"^memory://made: is in the memory of this process alone"):
        extract_folder(videos, Path("memory://made"), SETTINGS, workers=2)


def test_several_processes_extract_from_a_bucket_to_a_bucket(videos: list[Path], s3: Bucket, tmp_path: Path) -> None:
    elsewhere = upload(s3.files, videos, "s3://bucket/films")
    outcomes = extract_folder(elsewhere, BUCKET / "features", SETTINGS, workers=2)
    assert [o.error for o in outcomes] == [None] * 3
    extract_folder(videos, tmp_path / "local", SETTINGS)
    for path in (tmp_path / "local").iterdir():
        assert s3.files.cat(f"bucket/features/{path.name}") == path.read_bytes()


def test_the_log_of_an_extraction_goes_there_too(
    videos: list[Path], memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = samples.backbone_weights(tmp_path)
    memory.pipe_file("/films/broken.mp4", b"no video")
    memory.pipe_file("/films/video_0.mp4", videos[0].read_bytes())
    done = extract("memory://films", "memory://made", backbone="i3d-rgb", weights=weights, **samples.EXTRACTION)
    assert (done.made, len(done.failed)) == (1, 1)
    assert str(done.failed[0].error).startswith("memory://films/broken.mp4: expected a video")
    lines = [json.loads(line) for line in memory.cat("/made/extract.jsonl").splitlines()]
    assert [(line["video"], line["outcome"]) for line in lines] == [
        ("memory://films/broken.mp4", "failed"),
        ("memory://films/video_0.mp4", "made"),
    ]
    monkeypatch.setattr(log, "EVERY", 0.0)
    with log.appending(Path("memory://made/extract.jsonl")) as append:
        append("one\n")  # at once, for a kill may come
        assert memory.cat("/made/extract.jsonl").endswith(b"}\none\n")
        append("two\n")
    assert memory.cat("/made/extract.jsonl").endswith(b"}\none\ntwo\n")


def test_frames_are_the_same_from_a_server_that_gives_no_parts(videos: list[Path], server: Web) -> None:
    server.files, server.ranges = {"/a.mp4": videos[0].read_bytes()}, False
    path = Path(server.address) / "a.mp4"
    with pytest.warns(UserWarning, match=r"a\.mp4: its server gives no parts of files; a whole copy is taken first"):
        frames = [frame.image for frame in read_frames(path)]
    assert np.array_equal(frames, [frame.image for frame in read_frames(videos[0])])


def test_a_long_video_is_not_fetched_to_be_looked_at(
    videos: list[Path], server: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BLOCK", 2**16)
    content = videos[0].read_bytes()
    server.files = {"/a.mp4": content + (2**23).to_bytes(4, "big") + b"free" + bytes(2**23 - 8)}
    assert probe(Path(server.address) / "a.mp4") == probe(videos[0])
    assert 0 < server.bytes_of("/a.mp4") < 2**20
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("breaks_from", [0, 12_000])
def test_a_connection_that_breaks_is_no_end_of_the_video(
    breaks_from: int, videos: list[Path], server: Web, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BLOCK", 4096)
    server.files = {"/a.mp4": videos[0].read_bytes()}
    (outcome,) = extract_folder([Path(server.address) / "a.mp4"], Path("memory://whole"), SETTINGS)
    assert outcome.error is None
    server.breaks_after, server.breaks_from = 100, breaks_from
    (outcome,) = extract_folder([Path(server.address) / "a.mp4"], Path("memory://made"), SETTINGS)
    assert outcome.error is not None
    assert outcome.error.startswith(f"{server.address}/a.mp4: cannot be read")


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.txt"])
@pytest.mark.parametrize("form", ["hls", "concat"])
def test_a_list_of_other_files_is_refused(name: str, form: str, memory: Any, server: Web, tmp_path: Path) -> None:
    encode(tmp_path / "other.ts", 30)
    for other in ("other.ts", f"file:{tmp_path}/other.ts", str(tmp_path / "other.ts"), f"{server.address}/other.ts"):
        hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.2,\n{other}\n#EXT-X-ENDLIST\n"
        memory.pipe_file(f"/films/{name}", (hls if form == "hls" else f"ffconcat version 1.0\nfile {other}\n").encode())
        with pytest.raises(InputError, match=rf"^memory://films/{name}: expected a video"):
            probe(Path("memory://films") / name)
    assert server.sent == []


def test_training_from_a_bucket_is_training_from_a_folder(s3: Bucket, server: Web, tmp_path: Path) -> None:
    data = small_data(tmp_path / "data")
    for path in (data / "features").iterdir():
        s3.files.pipe_file(f"bucket/features/{path.name}", path.read_bytes())
    server.files = {"/truth.json": (data / "annotations.json").read_bytes()}
    places = {"features": BUCKET / "features", "annotations": Path(f"{server.address}/truth.json")}
    local = train(small_config(data), tmp_path / "local")
    s3.asked.clear()
    said: list[str] = []
    first = train(small_config(data, data=places), tmp_path / "first", warn=said.append)
    fetched = s3.count("get_object")
    s3.asked.clear()
    second = train(small_config(data, data=places), tmp_path / "second")
    assert s3.count("get_object") == 0
    assert fetched <= 2 * 6 + 2  # the beginning of each training video, and then all of it; nothing of the others
    assert s3.count("head_object") == 1  # of the folder, whose listing says the rest
    weights = [(each.folder / "model.safetensors").read_bytes() for each in (local, first, second)]
    assert weights[0] == weights[1] == weights[2]
    assert any(sentence.startswith("s3:/bucket/features: what is not in") for sentence in said)
    text = (first.folder / "config.yaml").read_text()
    assert "features: s3://bucket/features\n" in text
    assert f"annotations: {server.address}/truth.json\n" in text
    assert first.config().data.features == BUCKET / "features"
    numbers = [evaluate(each.folder, save=tmp_path / "numbers.json").result for each in (local, first)]
    assert numbers[0].lines() == numbers[1].lines()
    report = check(small_config(data, data=places))
    assert report.to_json() == check(small_config(data)).to_json()


def test_the_commands_read_and_write_a_bucket(
    videos: list[Path], s3: Bucket, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, data = samples.backbone_weights(tmp_path), samples.synthetic(tmp_path / "data", training=2, validation=1)
    run = samples.run(tmp_path / "run", channels=1024, data=data, made=samples.recipe_of(weights))
    upload(s3.files, videos[:1], "s3://bucket/films")
    found = []
    for video, place in ((videos[0], tmp_path / "found.json"), ("s3://bucket/films", "s3://bucket/out/found.json")):
        s3.asked.clear()
        command("detect", video, "--model", run, "--weights", weights, "--everything", "--save", place)
        found.append(place)
    assert s3.files.cat("bucket/out/found.json") == (tmp_path / "found.json").read_bytes()
    assert [key for asked, key in s3.asked if asked == "put_object"].count("out/found.json") == 1
    assert s3.files.find("bucket/out") == ["bucket/out/found.json"]
    assert "actions in 1 videos: s3://bucket/out/found.json" in capsys.readouterr().err
    s3.files.pipe_file("bucket/truth.json", (data / "annotations.json").read_bytes())
    command(
        "evaluate", "s3://bucket/out/found.json", "--annotations", "s3://bucket/truth.json", "--split", "validation"
    )
    command(
        "detect", "s3://bucket/films/video_0.mp4", "--model", run, "--weights", weights, "--save", tmp_path / "a.html"
    )
    assert "1 video cannot be played from the page" in capsys.readouterr().err


@pytest.mark.parametrize("command", [train, load, evaluate])
def test_runs_stay_on_this_machine(command: Any, memory: Any, tmp_path: Path) -> None:
    memory.pipe_file("/run/config.yaml", b"")
    given = [small_config(small_data(tmp_path / "data"))] if command is train else []
    with pytest.raises(InputError, match=r"^memory://run: expected .* on this machine, found an address"):
        command(*given, Path("memory://run"))
    assert memory.store.keys() == {"/run/config.yaml"}
