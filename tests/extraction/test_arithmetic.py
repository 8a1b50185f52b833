"""In which arithmetic features are made: chosen once, said by the feature recipe, never mixed within a folder."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from logotal.backbones.load import LoadedBackbone
from logotal.data.feature_recipe import check_feature_recipe, read_feature_recipe, write_feature_recipe
from logotal.errors import InputError
from logotal.extraction.extractor import Extractor, choose_precision, feature_recipe
from logotal.extraction.folder import Settings, extract_folder, matching_extractor, settings_like
from logotal.video.writer import write_video
from tests.extraction.tiny import Means, tiny_backbone, tiny_extractor

BITS = {"fp32": 32.0, "bf16": 16.0}


class Bits(nn.Module):
    """Says in how many bits it was run."""

    channels = 48

    def features(self, clips: Tensor) -> Tensor:
        bits = 16.0 if torch.is_autocast_enabled("cpu") else 32.0
        return torch.full((len(clips), self.channels), bits)


class BitSettings(Settings):
    """Settings of the backbone above, which choose as all settings do."""

    def extractor(self) -> Extractor:
        loaded = LoadedBackbone(tiny_backbone(), Bits(), "hash of bits")
        return Extractor(loaded, precision=choose_precision(self.precision, self.device))


@pytest.fixture
def videos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{name}.mp4" for name in "abc"]
    for path in paths:
        write_video(path, np.zeros((20, 48, 64, 3), np.uint8), fps=25)
    return paths


def with_hardware(monkeypatch: pytest.MonkeyPatch, *, bf16: bool) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": bf16})


def bits(folder: Path) -> dict[str, float]:
    """In how many bits the features of each video were made."""
    return {path.stem: float(np.load(path).mean()) for path in sorted(folder.glob("*.npy"))}


@pytest.mark.parametrize("arithmetic", ["fp32", "bf16"])
def test_the_feature_recipe_says_in_which_arithmetic_features_were_made(arithmetic: str) -> None:
    extractor = replace(tiny_extractor(), precision=choose_precision(arithmetic, "cpu"))
    assert feature_recipe(extractor)["precision"] == arithmetic


@pytest.mark.parametrize("here", [False, True])
def test_processes_compute_in_what_was_chosen_once(
    videos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    with_hardware(monkeypatch, bf16=here)  # in this process alone: each other one finds its own hardware
    extract_folder(videos, tmp_path / "features", BitSettings("bits"), workers=2)
    chosen = "bf16" if here else "fp32"
    assert bits(tmp_path / "features") == dict.fromkeys("abc", BITS[chosen])
    recipe = read_feature_recipe(tmp_path / "features")
    assert recipe is not None
    assert recipe["precision"] == chosen


@pytest.mark.parametrize(("begun", "here"), [("fp32", True), ("fp32", False), ("bf16", True)])
def test_a_folder_goes_on_in_the_arithmetic_in_which_it_was_begun(
    videos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: str, here: bool
) -> None:
    extract_folder(videos[:1], tmp_path / "features", BitSettings("bits", precision=begun))
    with_hardware(monkeypatch, bf16=here)
    extract_folder(videos, tmp_path / "features", BitSettings("bits"))
    assert bits(tmp_path / "features") == dict.fromkeys("abc", BITS[begun])


def test_bf16_that_the_machine_lacks_is_told_and_can_be_asked_for(
    videos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract_folder(videos[:1], tmp_path / "features", BitSettings("bits", precision="bf16"))
    with_hardware(monkeypatch, bf16=False)
    with pytest.raises(
        InputError, match=r"made in bf16, expected hardware .* go on with --precision bf16, which is slow"
    ):
        extract_folder(videos, tmp_path / "features", BitSettings("bits"))
    assert list(bits(tmp_path / "features")) == ["a"]
    extract_folder(videos, tmp_path / "features", BitSettings("bits", precision="bf16"))
    assert bits(tmp_path / "features") == dict.fromkeys("abc", BITS["bf16"])


@pytest.mark.parametrize(("begun", "asked"), [("fp32", "bf16"), ("bf16", "fp32")])
def test_two_arithmetics_in_one_folder_are_refused(videos: list[Path], tmp_path: Path, begun: str, asked: str) -> None:
    extract_folder(videos[:1], tmp_path / "features", BitSettings("bits", precision=begun))
    with pytest.raises(InputError, match=f"holds features made in {begun}, expected {asked}; go on with --precision"):
        extract_folder(videos, tmp_path / "features", BitSettings("bits", precision=asked))
    assert list(bits(tmp_path / "features")) == ["a"]


@pytest.mark.parametrize("asked", ["auto", "fp32", "bf16"])
def test_a_folder_that_does_not_say_its_arithmetic_is_extended_and_stays_silent(
    videos: list[Path], tmp_path: Path, asked: str
) -> None:
    folder = tmp_path / "features"
    extract_folder(videos[:1], folder, BitSettings("bits"))
    older = json.loads((folder / "features.json").read_text())
    del older["precision"]
    (folder / "features.json").write_text(json.dumps(older))
    outcomes = extract_folder(videos, folder, BitSettings("bits", precision=asked))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert read_feature_recipe(folder) == older


def test_an_arithmetic_that_nobody_knows_is_named(tmp_path: Path) -> None:
    (tmp_path / "features.json").write_text('{"precision": "int3"}')
    with pytest.raises(InputError, match="'precision' must be 'fp32' or 'bf16', found 'int3'"):
        read_feature_recipe(tmp_path)


@pytest.mark.parametrize("pair", [("fp32", "bf16"), ("bf16", "fp32"), ("fp32", None), (None, "bf16")])
def test_a_model_takes_features_of_any_arithmetic(tmp_path: Path, pair: tuple[str | None, str | None]) -> None:
    expected, found = ({"backbone": "i3d-rgb"} | ({"precision": each} if each else {}) for each in pair)
    write_feature_recipe(tmp_path, found)
    check_feature_recipe(tmp_path, expected, run="runs/mine")
    with pytest.raises(InputError, match="backbone is 'i3d-rgb', expected 'i3d-flow'") as error:
        check_feature_recipe(tmp_path, expected | {"backbone": "i3d-flow"}, run="runs/mine")
    assert "precision" not in str(error.value)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The recipe of a backbone that every name and place lead to."""
    loaded = LoadedBackbone(tiny_backbone(), Means(), "hash of means")
    monkeypatch.setattr("logotal.extraction.folder.load_backbone", lambda *_, **__: loaded)
    return feature_recipe(Extractor(loaded))


@pytest.mark.parametrize(("made", "here"), [("fp32", True), ("fp32", False), ("bf16", True)])
def test_what_is_to_be_like_other_features_is_made_in_their_arithmetic(
    known: dict[str, object], monkeypatch: pytest.MonkeyPatch, made: str, here: bool
) -> None:
    with_hardware(monkeypatch, bf16=here)
    assert feature_recipe(matching_extractor(known | {"precision": made}))["precision"] == made


def test_a_machine_without_bf16_matches_it_in_fp32_and_says_so(
    known: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_hardware(monkeypatch, bf16=False)
    with pytest.warns(UserWarning, match="were made in bf16; this machine makes them in fp32"):
        extractor = matching_extractor(known | {"precision": "bf16"})
    assert extractor.precision == torch.float32


@pytest.mark.parametrize("here", [False, True])
def test_where_the_arithmetic_is_not_known_the_hardware_decides(
    known: dict[str, object], monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    with_hardware(monkeypatch, bf16=here)
    older = {key: value for key, value in known.items() if key != "precision"}
    assert matching_extractor(older).precision == (torch.bfloat16 if here else torch.float32)


def test_what_is_asked_for_comes_before_what_others_were_made_in(known: dict[str, object]) -> None:
    settings = settings_like(known | {"precision": "bf16"}, precision="fp32")
    assert settings.extractor().precision == torch.float32
