from pathlib import Path

import pytest

from logotal.backbones import weights as store
from logotal.backbones.backbone import BACKBONES
from logotal.commands.weights import weights
from logotal.errors import InputError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOGOTAL_CACHE", str(tmp_path))
    return tmp_path


def rows(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    weights()
    return {line.split()[0]: line.split() for line in capsys.readouterr().out.split("\n\n")[0].splitlines()}


def test_the_list_says_of_each_what_it_is_and_from_where(capsys: pytest.CaptureFixture[str]):
    weights("list")
    printed = capsys.readouterr().out

    for backbone in BACKBONES.values():
        for word in (backbone.name, backbone.description, backbone.source, backbone.license, backbone.size):
            assert word in printed


def test_the_list_says_what_is_here(capsys: pytest.CaptureFixture[str]):
    assert rows(capsys)["i3d-rgb"] == ["i3d-rgb", "1024", "16", "4", "source", "MIT", "47", "MB", "no"]
    path = store.cached_path("i3d-rgb")
    path.parent.mkdir()
    path.touch()
    table = rows(capsys)

    assert table["i3d-rgb"][-1] == "yes"
    assert {line[-1] for name, line in table.items() if name in BACKBONES and name != "i3d-rgb"} == {"no"}


def test_fetching_prints_the_path_alone(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    asked: list[object] = []

    def fetch(name: str, archive: Path | None) -> Path:
        asked.append((name, archive))
        return Path("/cache/[bold]i3d.safetensors")

    monkeypatch.setattr(store, "fetch_weights", fetch)
    weights("i3d-rgb", archive=Path("i3d.tar.gz"))

    assert asked == [("i3d-rgb", Path("i3d.tar.gz"))]
    assert capsys.readouterr().out == "/cache/[bold]i3d.safetensors\n"


@pytest.mark.parametrize("name", ["i3d-flow", "r2plus1d-tsp"])
def test_weights_with_no_source_to_fetch_say_where_they_are(name: str):
    with pytest.raises(InputError) as error:
        weights(name)

    assert BACKBONES[name].source in str(error.value)
    assert "--weights" in str(error.value)


def test_a_mistyped_name_has_a_nearest_one():
    with pytest.raises(
        InputError, match=r"\(networks elsewhere: image:LOCATION or video:LOCATION\); did you mean 'mobilenetv2'"
    ):
        weights("mobilenet2")


@pytest.mark.parametrize("name", ["video:MCG-NJU/videomae-base", "image:net.onnx"])
def test_what_names_its_own_place_is_not_fetched_before(name: str):
    with pytest.raises(InputError, match=f"{name}: is fetched where features are made with it"):
        weights(name)
