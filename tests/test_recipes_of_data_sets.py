"""Recipes of published data sets take what is published: label files and features, made up and tiny."""

import json
from pathlib import Path

import pytest

from logotal.check import check
from logotal.errors import InputError
from logotal.evaluation.protocols import find_protocol
from logotal.formats.annotations import read_annotations
from logotal.formats.gathered import gather_annotations
from logotal.formats.options import Options
from logotal.importing import import_features
from logotal.recipes import read_recipe, recipe_names, recipe_text
from logotal.runs.evaluate import evaluate
from logotal.runs.train import train
from logotal.timeline import Action
from tests.recipes import PUBLISHED, SECONDS, write_features

OURS = {"thumos14", "activitynet13", "sbhar", "synthetic", "rendered"}
ACTIONS = ((1.0, 4.0, "a"), (5.0, 9.0, "b"), (10.0, 15.0, "a"))
TINY = {
    "model": {"width": 16, "mlp_factor": 1, "head_width": 16, "groups": 4, "bins": 8},
    "training": {"epochs": 1, "warmup_epochs": 0, "batch_size": 2, "ema_decay": 0.5, "workers": 0},
}


def test_every_recipe_of_a_data_set_is_tried_here() -> None:
    assert set(PUBLISHED) == set(recipe_names()) - OURS


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_recipe_takes_what_is_published_from_check_to_evaluation(name: str, tmp_path: Path) -> None:
    published, recipe = PUBLISHED[name], read_recipe(name)
    for folder in ("labels", "given"):
        (tmp_path / folder).mkdir()
    actions = dict.fromkeys(published.names, ACTIONS)
    published.labels(tmp_path / "labels", actions, published.names[:2])
    annotations = tmp_path / "annotations.json"
    gather_annotations(
        sorted((tmp_path / "labels").iterdir()),
        annotations,
        split=published.split,
        options=published.options,
        fps=published.fps,
    )
    truth = read_annotations(annotations)
    assert [len(truth.split(each)) for each in (recipe.data.training_split, recipe.data.evaluation_split)] == [2, 1]
    spans = [(action.start, action.end) for action in truth.videos[published.names[0]].actions if action.label != "SIL"]
    assert sorted(spans) == [(start, end) for start, end, _ in ACTIONS]

    data, channels = recipe.data, recipe.model.input_channels
    assert channels is not None
    stride, rate = data.clip_stride or 16, data.fps or 30
    steps = int((SECONDS * rate - data.clip_frames) / stride) + 1
    write_features(published, tmp_path / "given", steps, channels)
    features = tmp_path / "given"
    if published.key is not None or published.channels_first:
        features = tmp_path / "features"
        layout = "CT" if published.channels_first else "TC"
        import_features(
            tmp_path / "given",
            features,
            key=published.key,
            layout=layout,
            fps=rate,
            stride=int(stride),
            window=int(data.clip_frames),
        )
    config = read_recipe(name, {**TINY, "data": {"features": features, "annotations": annotations}})
    assert not check(config).count("error")
    run = train(config, tmp_path / "run")
    assert run.labels() == truth.labels
    assert not (run.folder / "left_out.txt").read_text()
    evaluation = evaluate(run.folder)
    assert evaluation.result.protocol is find_protocol(recipe.data.protocol)
    assert evaluation.result.coverage.videos == 1


def test_the_grids_are_those_that_were_published() -> None:
    """(channels, stride, frames, frames a second, window, levels) by the sources that the recipes name."""
    found = {}
    for name in PUBLISHED:
        model, data = read_recipe(name).model, read_recipe(name).data
        found[name] = (model.input_channels, data.clip_stride, data.clip_frames, data.fps, data.window, model.levels)
    assert found == {
        "multithumos": (2048, 4, 16, 30, 2304, 6),
        "epic-kitchens100-verb": (2304, 16, 32, 30, 2304, 6),
        "epic-kitchens100-noun": (2304, 16, 32, 30, 2304, 6),
        "hacs": (2304, 8, 32, 15, 960, 6),
        "fineaction": (1280, None, 16, None, 192, 6),
        "ego4d-mq": (2304, 16, 32, 30, 1024, 7),
        "charades": (1024, 8, 1, 24, 768, 6),
        "50salads": (2048, 1, 1, 30, 2304, 8),
        "breakfast": (2048, 1, 1, 15, 2304, 8),
    }


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_recipe_of_a_data_set_says_that_it_is_unmeasured_and_how_it_is_scored(name: str) -> None:
    assert "# Ours: not measured, the features are not part of this project" in recipe_text(name)
    find_protocol(read_recipe(name).data.protocol)


def test_what_several_files_say_of_a_video_is_joined(tmp_path: Path) -> None:
    for label in ("Run", "Jump"):
        (tmp_path / f"{label}.txt").write_text("video_test_1 1.0 2.0\nvideo_test_2 3.0 4.0\n")
    out = tmp_path / "a.json"
    gather_annotations([tmp_path / "Run.txt", tmp_path / "Jump.txt"], out, split=lambda name, _: name[-1])
    found = read_annotations(out)
    assert found.videos["video_test_1"].actions == (Action(1, 2, "Run"), Action(1, 2, "Jump"))
    assert found.splits() == ("1", "2")


def test_what_is_no_action_and_no_background_is_ignored(tmp_path: Path) -> None:
    PUBLISHED["ego4d-mq"].labels(tmp_path, {"clip": ACTIONS}, ("clip",))
    gather_annotations([tmp_path / "moments_train.json"], tmp_path / "a.json", split=lambda *_: "unused")
    video = read_annotations(tmp_path / "a.json").videos["clip"]
    assert (video.split, video.ignored) == ("train", ((18.0, 19.0),))


def test_frames_without_a_rate_and_files_without_videos_are_refused(tmp_path: Path) -> None:
    PUBLISHED["breakfast"].labels(tmp_path, {"P03": ACTIONS}, ())
    with pytest.raises(InputError, match=r"P03\.txt, line 1: expected seconds, found frames; say .* with fps"):
        gather_annotations([tmp_path / "P03.txt"], tmp_path / "a.json", split=lambda *_: "training")
    with pytest.raises(InputError, match="expected label files, found none"):
        gather_annotations([], tmp_path / "a.json", split=lambda *_: "training")
    (tmp_path / "a.json").write_text("mine")
    with pytest.raises(InputError, match="overwrite"):
        gather_annotations([tmp_path / "P03.txt"], tmp_path / "a.json", split=lambda *_: "training", fps=15)
    options = Options(background=("SIL",))
    gather_annotations(
        [tmp_path / "P03.txt"], tmp_path / "b.json", split=lambda *_: "training", fps=15, options=options
    )
    video = json.loads((tmp_path / "b.json").read_text())["database"]["P03"]
    assert (video["duration"], video["fps"], len(video["annotations"])) == (SECONDS, 15, 3)
