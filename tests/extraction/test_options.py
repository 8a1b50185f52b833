"""The options of `logotal extract` that say which weights, and how flow is computed."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import logotal
from logotal.backbones.download import weights_by_stream
from logotal.cli import app
from logotal.commands.extract import extract
from logotal.errors import InputError
from logotal.extraction.folder import Settings
from logotal.runs import extract as extraction
from tests.project.films import film


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that the command arrives at; nothing is extracted."""
    found: list[Settings] = []

    def note(videos: object, out: object, settings: Settings, **options: Any) -> list[object]:
        found.append(settings)
        return []

    monkeypatch.setattr(extraction, "extract_folder", note)
    return found


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, tuple[str, ...]]]:
    """The first device, the number of processes and their devices that the command arrives at; two GPUs are here."""
    found: list[tuple[str, int, tuple[str, ...]]] = []

    def note(videos: object, out: object, settings: Settings, **options: Any) -> list[object]:
        found.append((settings.device, options["workers"], options["devices"]))
        return []

    monkeypatch.setattr(extraction, "extract_folder", note)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    return found


def run(tmp_path: Path, *options: str) -> None:
    (tmp_path / "v.mp4").touch()
    arguments = ["extract", *options, str(tmp_path / "v.mp4"), "--out", str(tmp_path / "out")]
    command, bound, _ = app.parse_args(arguments, exit_on_error=False, print_error=False)
    command(*bound.args, **bound.kwargs)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), None),
        (("i3d.pt",), "i3d.pt"),
        (("MCG-NJU/videomae-base",), "MCG-NJU/videomae-base"),
        (("flow=f.pt",), {"flow": "f.pt"}),
        (("rgb=r.pt", "flow=f.pt"), {"rgb": "r.pt", "flow": "f.pt"}),
        (("flow=runs/lr=0.1.pt",), {"flow": "runs/lr=0.1.pt"}),
    ],
    ids=str,
)
def test_weights_are_one_file_or_one_per_stream(given: tuple[str, ...], expected: object) -> None:
    assert weights_by_stream(given) == expected


def test_a_file_may_have_an_equals_sign_in_its_name(tmp_path: Path) -> None:
    path = tmp_path / "epoch=9.pt"
    path.touch()
    assert weights_by_stream([str(path)]) == str(path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("a.pt", "b.pt"), r"expected one FILE, or STREAM=FILE for each stream, found 'a\.pt'"),
        (("rgb=a.pt", "b.pt"), r"expected one FILE, or STREAM=FILE for each stream, found 'b\.pt'"),
        (("rgb=",), r"expected one FILE, or STREAM=FILE for each stream, found 'rgb='"),
        (("=a.pt",), r"expected one FILE, or STREAM=FILE for each stream, found '=a\.pt'"),
        (("rgb=a.pt", "rgb=b.pt"), r"expected one file for rgb, found a\.pt and b\.pt"),
    ],
    ids=str,
)
def test_weights_that_do_not_go_together_are_named(given: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        weights_by_stream(given)


def test_the_command_line_takes_a_file_per_stream_and_the_flow(settings: list[Settings], tmp_path: Path) -> None:
    files = ["--weights", "rgb=r.pt", "--weights", "flow=f.pt"]
    run(tmp_path, "--backbone", "i3d-two-stream", *files, "--flow", "dis")
    run(tmp_path, "--backbone", "i3d-two-stream", *files)
    run(tmp_path, "--backbone", "i3d-rgb", "--weights", "r.pt")
    run(tmp_path, "--backbone", "i3d-rgb")
    assert [(each.weights, each.flow) for each in settings] == [
        ({"rgb": "r.pt", "flow": "f.pt"}, "dis"),
        ({"rgb": "r.pt", "flow": "f.pt"}, "tvl1"),
        ("r.pt", "tvl1"),
        (None, "tvl1"),
    ]


@pytest.mark.parametrize(
    ("backbone", "weights", "message"),
    [
        ("i3d-two-stream", ["both.pt"], "has 2 streams; name weights as rgb=FILE and flow=FILE"),
        ("i3d-two-stream", ["rbg=r.pt", "flow=f.pt"], "has no stream 'rbg'; did you mean 'rgb'"),
        ("i3d-rgb", ["flow=f.pt"], "i3d-rgb has no stream 'flow'; valid: rgb"),
    ],
)
def test_weights_that_the_network_has_no_place_for_are_named(
    tmp_path: Path, backbone: str, weights: list[str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        run(tmp_path, "--backbone", backbone, *(part for each in weights for part in ("--weights", each)))


def test_the_command_line_takes_differences(settings: list[Settings], tmp_path: Path) -> None:
    run(tmp_path, "--backbone", "mobilenetv2", "--differences", "both")
    run(tmp_path, "--backbone", "mobilenetv2")
    assert [each.changes for each in settings] == [{"differences": "both"}, {}]


def test_whole_frames_have_the_size_of_the_crop_or_one_that_is_given(settings: list[Settings], tmp_path: Path) -> None:
    run(tmp_path, "--backbone", "i3d-rgb", "--crops", "whole")
    run(tmp_path, "--backbone", "i3d-rgb", "--crops", "whole", "--resize", "112")
    sizes = [{"crops": "whole", "resize": size, "crop_size": size} for size in (224, 112)]
    assert [each.changes for each in settings] == sizes


def test_the_command_line_takes_a_network_that_lies_elsewhere(settings: list[Settings], tmp_path: Path) -> None:
    run(tmp_path, "--backbone", "image:net.onnx", "--mean", "0.5", "0.4", "0.3", "--std", "0.25", "--crops", "center")
    assert settings[0].backbone == "image:net.onnx"
    assert settings[0].changes == {"mean": (0.5, 0.4, 0.3), "std": (0.25,), "crops": "center"}
    with pytest.raises(InputError, match=r"image:net\.onnx reads no flow"):
        run(tmp_path, "--backbone", "image:net.onnx", "--flow", "dis")


def test_flow_is_refused_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="i3d-rgb reads no flow; leave out --flow"):
        run(tmp_path, "--backbone", "i3d-rgb", "--flow", "dis")
    with pytest.raises(InputError, match="--like says how features are made"):
        extract(tmp_path, out=tmp_path, like=tmp_path, flow="dis")


def test_videos_are_shared_among_one_process_for_each_device(
    shared: list[tuple[str, int, tuple[str, ...]]], tmp_path: Path
) -> None:
    both = ("--device", "cuda:0", "--device", "cuda:1")
    run(tmp_path, "--backbone", "i3d-rgb")
    run(tmp_path, "--backbone", "i3d-rgb", "--device", "cpu", "--workers", "3")
    run(tmp_path, "--backbone", "i3d-rgb", *both)
    run(tmp_path, "--backbone", "i3d-rgb", *both, "--workers", "4")
    logotal.extract(tmp_path / "v.mp4", tmp_path / "out", backbone="i3d-rgb", device=["cuda:1", "cuda:0"])
    assert shared == [
        ("cuda", 1, ("cuda",)),
        ("cpu", 3, ("cpu",)),
        ("cuda:0", 2, ("cuda:0", "cuda:1")),
        ("cuda:0", 4, ("cuda:0", "cuda:1")),
        ("cuda:1", 2, ("cuda:1", "cuda:0")),
    ]


@pytest.mark.usefixtures("shared")
def test_a_device_that_no_process_would_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--workers: expected at least 2, one for each --device, found 1"):
        run(tmp_path, "--backbone", "i3d-rgb", "--device", "cuda:0", "--device", "cuda:1", "--workers", "1")
    with pytest.raises(InputError, match="found 'cuda:2'; take one of cpu, cuda:0, cuda:1"):
        run(tmp_path, "--backbone", "i3d-rgb", "--device", "cuda:0", "--device", "cuda:2")


def test_the_command_line_takes_a_batch_size(settings: list[Settings], tmp_path: Path) -> None:
    run(tmp_path, "--backbone", "i3d-rgb", "--batch-size", "32")
    run(tmp_path, "--backbone", "i3d-rgb")
    assert [each.batch_size for each in settings] == [32, 8]
    with pytest.raises(InputError, match="--batch-size: dense clips are one pass along the video"):
        run(tmp_path, "--backbone", "i3d-rgb", "--clips", "dense", "--batch-size", "32")


def test_parts_share_the_videos_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found: list[list[str]] = []
    monkeypatch.setattr(
        extraction, "extract_folder", lambda videos, *_, **__: found.append([v.name for v in videos]) or []
    )
    for name in "abcdefgh":
        (tmp_path / f"{name}.mp4").touch()
    for part in ("1/2", "2/2"):
        logotal.extract(tmp_path, tmp_path / "out", backbone="i3d-rgb", shard=part)
    assert all(found)
    assert sorted(found[0] + found[1]) == [f"{name}.mp4" for name in "abcdefgh"]
    with pytest.raises(InputError, match="--shard: expected NUMBER/COUNT"):
        run(tmp_path, "--backbone", "i3d-rgb", "--shard", "3")


def test_each_view_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found: list[tuple[Path, int]] = []
    told: list[tuple[float, float]] = []

    def note(videos: object, out: Path, settings: Settings, **options: Any) -> list[object]:
        found.append((out.relative_to(tmp_path), settings.view))
        options["progress"](1, 1)
        return []

    monkeypatch.setattr(extraction, "extract_folder", note)
    (tmp_path / "v.mp4").touch()
    place = tmp_path / "out"
    logotal.extract(tmp_path / "v.mp4", place, backbone="i3d-rgb", views=2, progress=lambda *done: told.append(done))

    assert found == [(Path("out"), 0), (Path("out/views/1"), 1), (Path("out/views/2"), 2)]
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(InputError, match="--views: expected a whole number of at least 0, found -1"):
        logotal.extract(tmp_path / "v.mp4", place, backbone="i3d-rgb", views=-1)


def test_only_what_is_learned_from_gets_the_views_that_a_project_asks_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found: list[tuple[int, list[str]]] = []

    def note(videos: object, out: Path, settings: Settings, **options: Any) -> list[object]:
        found.append((settings.view, list(options["names"].values())))
        return []

    monkeypatch.setattr(extraction, "extract_folder", note)
    film(tmp_path / "one.mp4")
    entry = {"subset": "training", "annotations": [], "file": "one.mp4"}
    (tmp_path / "annotations.json").write_text(json.dumps({"database": {"one": entry}}))
    (tmp_path / "recipe.yaml").write_text(
        "data: {annotations: annotations.json, features: features, backbone: mobilenetv2, clip_frames: 1, views: 2}"
    )
    logotal.extract(tmp_path, also={tmp_path / "new.mp4": "new"})
    assert found == [(0, ["one", "new"]), (1, ["one"]), (2, ["one"])]
    found.clear()
    logotal.extract(tmp_path, views=0)
    assert found == [(0, ["one"])]
