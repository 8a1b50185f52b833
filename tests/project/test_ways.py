"""Features are made as accurately as a machine can in bearable time: which way that is, and what is said of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import logotal
from logotal.backbones.backbone import BACKBONES, Backbone, find_backbone
from logotal.data.feature_recipe import read_feature_recipe
from logotal.errors import InputError
from logotal.formats.annotations import VideoTruth
from logotal.project import ways as all_ways
from logotal.project.create import create
from logotal.project.dividing import Divided
from logotal.project.kept_recipe import Wanted
from logotal.project.recipe import new_recipe
from logotal.recipes import parse_config
from logotal.suggest.amounts import LARGE_ACTIONS
from logotal.suggest.grid_choices import MOST_STEPS, choose_stride
from logotal.suggest.measured import measure
from logotal.timeline import Action
from tests.project.films import films

HOUR = 3600.0
FULL = 224 * 224


def divided(*, hours: float = 0.4, fps: float = 25.0, action: float = 1.0) -> Divided:
    """Two videos of so many hours together, with an action a minute."""
    length = hours * HOUR / 2
    actions = tuple(Action(t, t + action, "serve") for t in range(10, int(length) - 10, 60)) or (Action(1, 2, "serve"),)
    videos = tuple(
        VideoTruth(name, split, actions, duration=length, fps=fps)
        for name, split in (("a", "training"), ("b", "validation"))
    )
    return Divided(videos, "training", "validation", ())


def machine(factor: float) -> Callable[[Backbone, Path], float]:
    """One whose real-time factor of dense I3D at 224 pixels is that; the others are as they cost beside it."""

    def speed(network: Backbone, video: Path) -> float:
        if network.name == "mobilenetv2":
            return 16 * factor
        clips = 1.0 if network.clips == "dense" else network.clip_stride / network.clip_frames
        return factor * clips * FULL / network.crop_size**2

    return speed


FILES = {"a": Path("a.mp4"), "b": Path("b.mp4")}


def nobody(files: Sequence[Path]) -> tuple[bool, str]:
    return False, ""


def somebody(files: Sequence[Path]) -> tuple[bool, str]:
    return True, "a person"


def planned(factor: float, wanted: Wanted | None = None, **data: float) -> tuple[dict[str, object], tuple[str, ...]]:
    text, notes = new_recipe(divided(**data), FILES, wanted or Wanted(), speed=machine(factor), people=nobody)
    return parse_config(text, "recipe.yaml").data.model_dump(), notes


def test_where_a_person_is_seen_the_pose_is_joined_and_projected_by_itself() -> None:
    text, notes = new_recipe(divided(), FILES, Wanted(), speed=machine(50.0), people=somebody)
    config = parse_config(text, "recipe.yaml")
    assert config.data.pose
    assert config.model.streams == (4672, 424)
    assert "a person" in notes
    assert any("several depths, pose; extraction" in note for note in notes)
    assert not parse_config(new_recipe(divided(), FILES, Wanted(), people=nobody)[0], "recipe.yaml").model.streams


@pytest.mark.parametrize("wanted", [Wanted("mobilenetv2"), Wanted(fast=True)])
def test_networks_of_single_frames_have_no_pose(wanted: Wanted) -> None:
    config = parse_config(new_recipe(divided(), FILES, wanted, speed=machine(1.0), people=somebody)[0], "recipe.yaml")
    assert not config.data.pose
    assert not config.model.streams


def many_videos() -> Divided:
    one = divided(hours=0.1).videos[0]
    more = tuple(replace(one, id=str(index)) for index in range(LARGE_ACTIONS))
    return replace(divided(), videos=(*more, *divided().videos))


def test_nobody_is_looked_for_where_actions_are_many() -> None:
    def looked(files: Sequence[Path]) -> tuple[bool, str]:
        raise AssertionError(files)

    text, _ = new_recipe(many_videos(), FILES, Wanted(), speed=machine(1.0), people=looked)
    assert not parse_config(text, "recipe.yaml").data.pose


@pytest.mark.parametrize(
    ("factor", "way"),
    [
        (50.0, ("i3d-rgb", "dense", "several", None)),
        (4.0, ("i3d-rgb", "dense", "several", None)),  # four times, with three views
        (1.0, ("i3d-rgb", "dense", "several", 112)),
        (0.3, ("i3d-rgb", "dense", "several", 112)),  # once
        (0.1, ("mobilenetv2", "overlapping", "last", None)),
        (0.001, ("mobilenetv2", "overlapping", "last", None)),
    ],
)
def test_a_slower_machine_gets_a_lighter_way(factor: float, way: tuple[str, str, str, int | None]) -> None:
    data, _ = planned(factor)
    assert (data["backbone"], data["clips"], data["depths"], data["pixels"]) == way
    assert data["crops"] == ("whole" if data["backbone"] == "i3d-rgb" else "center")
    assert data["clip_frames"] == (8 if data["backbone"] == "i3d-rgb" else 1)


@pytest.mark.parametrize(("factor", "views"), [(50.0, 3), (1.0, 3), (0.5, 1), (0.3, 0), (0.1, 0)])
def test_few_actions_have_views_before_they_have_resolution(factor: float, views: int) -> None:
    data, notes = planned(factor)
    assert data["views"] == views
    assert any("further view" in note for note in notes)
    assert planned(factor, Wanted(fast=True))[0]["views"] == 0


@pytest.mark.parametrize(("hours", "depths"), [(6.0, "several"), (12.0, "last")])
def test_features_of_several_depths_do_not_fill_the_disk(hours: float, depths: str) -> None:
    first, *_, light = all_ways.ways(None)
    assert all_ways.bearable(first, hours * HOUR, fps=30.0) == replace(first, depths=depths)
    assert all_ways.bearable(light, hours * HOUR, fps=30.0) == light


def test_what_is_done_in_ten_minutes_is_done_in_the_most_accurate_way() -> None:
    data, notes = planned(2.0, hours=0.07)
    assert (data["backbone"], data["clips"], data["pixels"]) == ("i3d-rgb", "dense", None)
    assert any("extraction takes about" in note for note in notes)


def test_so_few_clips_that_no_machine_takes_long_are_not_measured() -> None:
    def unmeasured(network: Backbone, video: Path) -> float:
        raise AssertionError(network)

    text, notes = new_recipe(divided(hours=0.005), FILES, Wanted(), speed=unmeasured, people=nobody)
    assert parse_config(text, "recipe.yaml").data.depths == "several"
    assert any("extraction takes less than 10 min" in note for note in notes)


def test_a_person_may_want_the_ends_of_the_list() -> None:
    accurate, notes = planned(0.01, Wanted(accurate=True))
    assert (accurate["backbone"], accurate["clips"], accurate["pixels"]) == ("i3d-rgb", "dense", None)
    assert any("0.01 x real time" in note for note in notes)
    assert planned(50.0, Wanted(fast=True))[0]["backbone"] == "mobilenetv2"
    with pytest.raises(InputError, match="--fast and --accurate: expected one of the two"):
        Wanted(fast=True, accurate=True).check(None, Path())


@pytest.mark.parametrize("backbone", [name for name in BACKBONES if "flow" not in BACKBONES[name].streams])
def test_a_network_that_a_person_names_is_the_one_whichever_way(backbone: str) -> None:
    for factor in (50.0, 1.0, 0.01):
        for wanted in (Wanted(backbone), Wanted(backbone, fast=True), Wanted(backbone, accurate=True)):
            assert planned(factor, wanted)[0]["backbone"] == backbone


def test_what_a_slower_way_would_take_is_said() -> None:
    _, notes = planned(0.5)
    said = next(note for note in notes if note.startswith("features: "))
    clips, whole = "i3d-rgb, dense clips of 8 frames every 4", "whole frames, several depths"
    assert f"{clips}, 112 pixels, {whole}; extraction takes about 24 min here, 2 x real time, 2 times" in said
    assert f"(--accurate: {clips}, 224 pixels, {whole}, extraction takes about 96 min" in said


def test_actions_too_short_for_the_steps_of_a_network_along_the_video_have_clips() -> None:
    data, _ = planned(20.0, action=0.3)
    assert (data["clips"], data["clip_frames"]) == ("overlapping", 16)
    assert data["clip_stride"] in (1, 2, 3)


def test_steps_twice_as_long_as_short_actions_ask_for_are_borne_for_features_along_the_video() -> None:
    data, _ = planned(20.0, action=0.45)
    assert (data["clips"], data["depths"], data["clip_stride"]) == ("dense", "several", 4)


@pytest.mark.parametrize(("fps", "action", "kept"), [(50, 3.0, 25.0), (120, 3.0, 30.0), (50, 0.5, None), (30, 3, None)])
def test_frames_that_say_no_more_about_long_actions_are_left_out(fps: float, action: float, kept: float | None) -> None:
    data, notes = planned(1.0, fps=fps, action=action)
    assert data["fps"] == kept
    assert any("all features are made at" in note for note in notes) == (kept is not None)
    assert planned(1.0, Wanted(accurate=True), fps=fps, action=action)[0]["fps"] is None


def test_a_network_that_cannot_be_measured_is_taken_as_it_is() -> None:
    def broken(network: Backbone, video: Path) -> float:
        raise InputError("its files do not say how frames are normalized")

    text, _ = new_recipe(divided(), FILES, Wanted(), speed=broken, people=nobody)
    assert parse_config(text, "recipe.yaml").data.backbone == "i3d-rgb"


@pytest.mark.parametrize("name", [*BACKBONES])
def test_another_resolution_keeps_the_proportions(name: str) -> None:
    network = find_backbone(name)
    half = network.seeing(network.crop_size // 2)
    sides = [value if isinstance(value, tuple) else (value,) for value in (network.resize, half.resize)]
    assert half.crop_size == network.crop_size // 2
    assert [round(full / 2) for full in sides[0]] == pytest.approx(list(sides[1]), abs=1)
    assert network.seeing(network.crop_size) == network


def test_a_project_is_extracted_as_its_recipe_says_at_its_resolution(tmp_path: Path, tiny_mobilenet: Path) -> None:
    films(tmp_path / "films", "a.mp4", "b.mp4")
    (tmp_path / "films" / "labels.csv").write_text("video,start,end,label\na.mp4,1,2,x\nb.mp4,2,3,x\n")
    create(tmp_path / "films", fast=True)
    recipe = tmp_path / "films" / "recipe.yaml"
    text = recipe.read_text()
    assert "  backbone: mobilenetv2\n" in text
    assert "  differences: both\n" in text
    recipe.write_text(text.replace("mobilenetv2\n", "mobilenetv2\n  pixels: 64\n").replace("both", "after"))
    made = logotal.extract(tmp_path / "films", weights=tiny_mobilenet)
    assert not made.failed
    found = read_feature_recipe(made.folder)
    assert found is not None
    assert (found["crop"], found["resize"], found["channels"]) == ("center 64", [64, 64], 2 * 1280)
    with pytest.raises(InputError, match=r"--fast: an update leaves .*recipe.yaml.* start over with --overwrite"):
        create(tmp_path / "films", fast=True)


@pytest.fixture(scope="module")
def tiny_mobilenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of MobileNetV2 in a file."""
    import torch  # noqa: PLC0415 - an extra of some environments

    from logotal.backbones.mobilenet import MobileNetV2  # noqa: PLC0415

    path = tmp_path_factory.mktemp("weights") / "mobilenet.pt"
    state = {f"features.{key}": value for key, value in MobileNetV2().state_dict().items()}
    torch.save(state, path)
    return path


def test_the_ways_go_from_the_most_accurate_to_the_fastest() -> None:
    network, *_, last = all_ways.ways(None)
    assert (network.name, network.clips, network.depths, network.crop_size) == ("i3d-rgb", "dense", "several", 224)
    assert [way.clips for way in all_ways.ways("r2plus1d-tsp")] == ["overlapping", "dense"]
    assert last.name == all_ways.LIGHT


@pytest.mark.parametrize("hours", [20.0, 25.0, 60.0])
def test_a_stride_that_is_to_be_a_multiple_keeps_clips_bearable_too(hours: float) -> None:
    video = VideoTruth("a", "training", (Action(1.0, 1.3, "serve"),), duration=hours * HOUR, fps=25.0)
    stride = choose_stride(measure([video]), clip_frames=16, fps=25.0, fixed=None, multiple=16).value
    assert stride % 16 == 0
    assert hours * HOUR * 25 / stride <= MOST_STEPS
