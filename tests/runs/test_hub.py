"""Sharing by the hub: what is sent is a model and nothing local, and what is loaded is that model, at that commit."""

import json
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import constants

import logotal
from logotal.data.feature_recipe import write_feature_recipe
from logotal.errors import InputError
from logotal.evaluation.result import Result
from logotal.inference.operating_point import OperatingPoint, write_operating_point
from logotal.runs.folder import Run
from logotal.runs.load import find_run
from logotal.runs.published import for_others, publish
from logotal.runs.train import train
from tests.runs.fake_hub import FakeHub, serve
from tests.training.small import small_config, small_data

NAME = "ann/moves"

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # huggingface_hub, of httpx


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with all that one can have, on data whose places and videos are told apart from any other text."""
    place = tmp_path_factory.mktemp("ann_at_home")
    data = small_data(place / "data", training=3, validation=2)
    recipe = {"backbone": f"image:{place}/nets/dino.onnx", "clip_stride": 4, "clip_frames": 16, "fps": None}
    write_feature_recipe(data / "features", recipe)
    changes: dict[str, Any] = {
        "model": {"class_agnostic": True},
        "inference": {"nms_per_class": False},
        "data": {"exclude": ("training_002",)},
        "training": {"epochs": 1},
    }
    run = train(small_config(data, **changes), place / "run").folder
    write_operating_point(run / "operating_point.json", OperatingPoint(threshold=0.01))
    logotal.evaluate(run)
    (run / "notes.txt").write_text("mine")
    return run


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained, tmp_path / "run")


def listen(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Makes huggingface_hub ask there."""
    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.partition("/{repo_id}")
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "".join(template[1:]))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """An empty hub, the cache of a machine that never saw it, and the token of ann."""
    with serve(FakeHub()) as hub:
        listen(monkeypatch, hub.address)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", "writes")
        yield hub


@pytest.fixture
def video(trained: Path) -> Path:
    """Features of which nobody says how they were made."""
    found = trained.parent / "video.npy"
    if not found.exists():
        shutil.copy(sorted((trained.parent / "data" / "features").glob("validation_*.npy"))[0], found)
    return found


def test_what_is_loaded_detects_as_what_was_pushed(hub: FakeHub, run: Path, video: Path) -> None:
    name = logotal.push(run, NAME)
    assert name == f"{NAME}@{hub.repositories[NAME].head}"
    expected = logotal.load(run, device="cpu").detect(video, fps=30, everything=True)
    assert len(expected) > 0
    for asked in (NAME, name):
        loaded = logotal.load(asked, device="cpu")
        assert loaded.detect(video, fps=30, everything=True) == expected
        assert loaded.pipeline.on_hub == name
    assert loaded.pipeline.operating_point == OperatingPoint(threshold=0.01)
    assert loaded.pipeline.classifier is not None


def test_only_the_files_of_the_list_are_sent_and_all_in_one_commit(hub: FakeHub, run: Path) -> None:
    logotal.push(run, NAME)
    assert sorted(hub.repositories[NAME].files) == [
        ".gitattributes",
        "README.md",
        "classifier.safetensors",
        "config.yaml",
        "features.json",
        "labels.json",
        "metrics.csv",
        "model.safetensors",
        "operating_point.json",
        "provenance.json",
    ]
    assert len(hub.repositories[NAME].commits) == 2, "the empty one, and ours"


def test_nothing_of_this_machine_and_no_name_of_a_video_is_sent(hub: FakeHub, run: Path, trained: Path) -> None:
    logotal.push(run, NAME)
    sent = hub.sent
    assert b"jump" in sent or b"run" in sent, "what is looked at is what was sent"
    places = (trained.parent, trained.parent.name, run, Path.home(), Path.cwd(), socket.gethostname())
    names = re.findall(r"(?:training|validation)_\d+", (trained.parent / "data" / "annotations.json").read_text())
    assert names
    assert "training_002" in names, "which is named by the configuration too"
    for secret in (*places, *names, "annotations.json", "notes.txt"):
        assert str(secret).encode() not in sent, secret


def test_no_setting_that_is_a_path_is_sent(trained: Path) -> None:
    config = Run(trained).config()
    config = config.model_copy(
        update={"inference": config.inference.model_copy(update={"video_scores": Path("/somewhere/scores.json")})}
    )
    assert "/" not in yaml.safe_dump(for_others(config).model_dump(mode="json"))
    assert for_others(config).model == config.model


def test_a_backbone_that_lies_here_is_said_by_its_last_name(hub: FakeHub, run: Path) -> None:
    logotal.push(run, NAME)
    assert json.loads(hub.repositories[NAME].files["features.json"])["backbone"] == "image:dino.onnx"


def test_a_place_of_this_machine_in_a_recipe_of_unknown_origin_is_refused(hub: FakeHub, run: Path) -> None:
    (run / "features.json").write_text(json.dumps({"clip_stride": 4, "tool": str(Path.home() / "bin" / "tool")}))
    with pytest.raises(InputError, match=r"features\.json: names .*, a place on this machine"):
        logotal.push(run, NAME)
    assert hub.repositories == {}


def test_of_the_provenance_what_says_nothing_of_files_is_sent(hub: FakeHub, run: Path) -> None:
    found = json.loads((run / "provenance.json").read_text())
    (run / "provenance.json").write_text(json.dumps(found | {"note": "mine"}))
    logotal.push(run, NAME)
    sent = json.loads(hub.repositories[NAME].files["provenance.json"])
    assert sent["annotations"] == {"sha256": found["annotations"]["sha256"]}
    assert {"features", "note"}.isdisjoint(sent)
    assert sent["trained_on"] == found["trained_on"]


def test_external_scores_are_named_by_their_file(hub: FakeHub, run: Path) -> None:
    saved = json.loads((run / "evaluation.json").read_text())
    saved["labels_from"] = "labels come from external scores in /elsewhere/of ann/scores.json"
    (run / "evaluation.json").write_text(json.dumps(saved))
    logotal.push(run, NAME)
    assert "In these numbers `labels come from external scores in scores.json`" in readme(hub)


def readme(hub: FakeHub) -> str:
    return hub.repositories[NAME].files["README.md"].decode()


def front(hub: FakeHub) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(readme(hub).split("---\n")[1])
    return found


def test_the_card_has_what_the_hub_reads(hub: FakeHub, run: Path) -> None:
    logotal.push(run, NAME)
    found = front(hub)
    assert found["library_name"] == "logotal"
    assert found["pipeline_tag"] in ("video-classification",)
    assert found["license"] == "unknown"
    (index,) = found["model-index"]
    assert index["name"] == "moves"
    average = json.loads((run / "evaluation.json").read_text())["average_mAP"]
    values = [metric["value"] for result in index["results"] for metric in result["metrics"]]
    assert values == [round(100 * value, 2) for value in average.values()]
    assert f"logotal detect VIDEO --model {NAME} --save" in readme(hub)


def test_a_number_that_is_none_is_not_told_the_hub(hub: FakeHub, run: Path) -> None:
    saved = json.loads((run / "evaluation.json").read_text())
    saved["average_mAP"] = dict.fromkeys(saved["average_mAP"], float("nan"))
    (run / "evaluation.json").write_text(json.dumps(saved))
    logotal.push(run, NAME)
    assert "model-index" not in front(hub)


def test_a_license_stays_until_another_is_said(hub: FakeHub, run: Path) -> None:
    logotal.push(run, NAME, license="cc-by-4.0")
    logotal.push(run, NAME)
    assert front(hub)["license"] == "cc-by-4.0"
    assert "these weights are under `cc-by-4.0`" in readme(hub)
    logotal.push(run, NAME, license="mit")
    assert front(hub)["license"] == "mit"


def test_it_is_private_unless_said_otherwise(hub: FakeHub, run: Path) -> None:
    logotal.push(run, NAME)
    logotal.push(run, "ann/open", public=True)
    assert {name: found.private for name, found in hub.repositories.items()} == {NAME: True, "ann/open": False}


@pytest.mark.parametrize(
    ("private", "cure"), [(False, "is public on the hub; say --public"), (True, "is private on the hub; leave out")]
)
def test_a_repository_that_others_can_read_than_was_said_is_refused(
    hub: FakeHub, run: Path, private: bool, cure: str
) -> None:
    hub.make(NAME, private=private)
    with pytest.raises(InputError, match=cure):
        logotal.push(run, NAME, public=private)
    assert len(hub.repositories[NAME].commits) == 1


def test_a_second_push_replaces_the_first_and_nothing_else(hub: FakeHub, run: Path) -> None:
    first = logotal.push(run, NAME)
    found = hub.repositories[NAME]
    found.add({**found.files, "of_ann.txt": b"hers"})
    (run / "classifier.safetensors").unlink()
    second = logotal.push(run, NAME)
    assert found.files["of_ann.txt"] == b"hers"
    assert "classifier.safetensors" not in found.files, "it would be taken for that of the new weights"
    assert (logotal.load(first).pipeline.classifier is None, logotal.load(second).pipeline.classifier is None) == (
        False,
        True,
    )


@pytest.mark.parametrize("name", ["app.py", "model.safetensors", "config.yaml"])
def test_a_repository_of_something_else_is_left_alone(hub: FakeHub, run: Path, name: str) -> None:
    hub.make(NAME, files={name: b"other"})
    with pytest.raises(InputError, match=f"{NAME}: holds {name} and no model of logotal"):
        logotal.push(run, NAME)
    assert hub.repositories[NAME].files[name] == b"other"


def test_a_repository_that_was_just_made_on_the_page_is_taken(hub: FakeHub, run: Path) -> None:
    hub.make(NAME, files={"README.md": b"---\nlicense: mit\n---\n", "LICENSE": b"MIT"})
    logotal.push(run, NAME)
    assert front(hub)["license"] == "mit"


def test_a_run_that_is_not_finished_is_not_sent(hub: FakeHub, run: Path, tmp_path: Path) -> None:
    (run / "model.safetensors").unlink()
    with pytest.raises(InputError, match=r"training has not finished, model\.safetensors is missing"):
        logotal.push(run, NAME)
    with pytest.raises(InputError, match="no such run folder"):
        logotal.push(tmp_path / "none", NAME)
    assert hub.asked == []


@pytest.mark.parametrize("name", ["moves", "a/b/c", "ann/moves@v1", "https://hub/ann/moves", "", "ann/", "../moves"])
def test_what_is_no_name_of_a_repository_is_said_before_anything_else(hub: FakeHub, run: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"expected OWNER/NAME"):
        logotal.push(run, name)
    assert hub.asked == []


def test_a_name_that_the_hub_does_not_allow_is_a_sentence(hub: FakeHub, run: Path) -> None:
    with pytest.raises(InputError, match="allows no such name"):
        logotal.push(run, "ann/mo--ves")


def test_without_a_token_it_says_how_to_log_in(
    hub: FakeHub, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no_token"))
    with pytest.raises(InputError, match=r"nobody is logged in; run `hf auth login`, or set HF_TOKEN"):
        logotal.push(run, NAME)
    assert hub.asked == []


@pytest.mark.parametrize(
    ("login", "said"),
    [
        (("forged", NAME), r"the token is not valid; .* \(HTTP 401\)"),
        (("reads", NAME), r"the token may not do this; .* \(HTTP 403\)"),
        (("writes", "bob/moves"), r"the token may not do this; .* \(HTTP 403\)"),
    ],
)
def test_what_the_hub_refuses_is_a_sentence(
    hub: FakeHub, run: Path, monkeypatch: pytest.MonkeyPatch, login: tuple[str, str], said: str
) -> None:
    token, name = login
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(InputError, match=said):
        logotal.push(run, name)
    assert hub.repositories == {}


def test_a_license_that_the_hub_does_not_know_is_a_sentence(hub: FakeHub, run: Path) -> None:
    with pytest.raises(
        InputError, match=r"or refuses \(ValueError: Invalid metadata in README\.md\. - \"license\" must"
    ):
        logotal.push(run, NAME, license="mine")
    assert hub.repositories[NAME].files == {".gitattributes": b""}


def test_a_repository_of_others_that_can_be_read_is_not_written(hub: FakeHub, run: Path) -> None:
    hub.make("bob/moves", private=False)
    with pytest.raises(InputError, match=r"bob/moves: the Hugging Face hub did not take it: the token may not"):
        logotal.push(run, "bob/moves", public=True)


def test_what_somebody_sent_meanwhile_is_not_replaced(hub: FakeHub, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logotal.push(run, NAME)
    found = hub.repositories[NAME]

    def later(*given: Any, **named: Any) -> Any:
        found.add({**found.files, "config.yaml": b"newer"})
        return publish(*given, **named)

    monkeypatch.setattr("logotal.runs.push.publish", later)
    with pytest.raises(InputError, match=r"somebody changed it at the same time; try again \(HTTP 412\)"):
        logotal.push(run, NAME)
    assert found.files["config.yaml"] == b"newer"


@pytest.fixture
def nobody() -> str:
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_a_hub_that_cannot_be_reached_is_a_sentence(
    hub: FakeHub, run: Path, monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    listen(monkeypatch, nobody)
    with pytest.raises(InputError, match=r"nothing was sent to the Hugging Face hub: it cannot be reached, .*Connect"):
        logotal.push(run, NAME)
    with pytest.raises(InputError, match=r"does not answer, and no copy is kept here"):
        logotal.load(NAME)


def test_what_was_loaded_once_is_loaded_without_a_network(
    hub: FakeHub, run: Path, monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    name = logotal.push(run, NAME)
    logotal.load(NAME)
    listen(monkeypatch, nobody)
    assert logotal.load(NAME).pipeline.on_hub == name
    assert logotal.load(name).pipeline.on_hub == name
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    listen(monkeypatch, hub.address)
    before = len(hub.asked)
    assert logotal.load(NAME).pipeline.on_hub == name
    assert len(hub.asked) == before
    with pytest.raises(InputError, match="without HF_HUB_OFFLINE"):
        logotal.load("ann/other")
    with pytest.raises(InputError, match="HF_HUB_OFFLINE is set; unset it"):
        logotal.push(run, NAME)


def test_a_revision_is_a_tag_or_a_commit_and_stays_what_it_was(hub: FakeHub, run: Path) -> None:
    first = logotal.push(run, NAME)
    found = hub.repositories[NAME]
    found.tags["v1.0"] = found.head
    (run / "labels.json").write_text(json.dumps(["a", *Run(run).labels()[1:]]))
    (run / "classifier.safetensors").unlink()
    second = logotal.push(run, NAME)
    assert first != second
    assert logotal.load(f"{NAME}@v1.0").pipeline.on_hub == first
    assert logotal.load(first).labels[0] != "a"
    assert logotal.load(NAME).labels[0] == logotal.load(f"{NAME}@main").labels[0] == "a"
    with pytest.raises(InputError, match=rf"{NAME}@v2: .* it has no such revision"):
        logotal.load(f"{NAME}@v2")


def test_what_others_may_not_see_is_not_there_for_them(
    hub: FakeHub, run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    logotal.push(run, NAME)
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no_token"))
    with pytest.raises(InputError, match=r"or shows it to others only; .* log in with `hf auth login`"):
        logotal.load(NAME)


def test_a_repository_of_another_kind_is_no_model_of_ours(hub: FakeHub) -> None:
    hub.make("ann/other", files={"config.json": b"{}", "pytorch_model.bin": b"pickle"})
    with pytest.raises(InputError, match=r"ann/other: .* it is no model of logotal \(config\.yaml is missing\)"):
        logotal.load("ann/other")


def test_only_data_are_fetched(hub: FakeHub, run: Path) -> None:
    logotal.push(run, NAME)
    found = hub.repositories[NAME]
    found.add(
        {**found.files, "checkpoint.ckpt": b"pickle", "evil.py": b"code", "folder/config.yaml": b"", "x.json": b""}
    )
    folder, _ = find_run(NAME)
    assert sorted(path.name for path in folder.iterdir()) == [
        "classifier.safetensors",
        "config.yaml",
        "features.json",
        "labels.json",
        "model.safetensors",
        "operating_point.json",
        "provenance.json",
    ]


def test_a_stranger_s_configuration_names_no_file_that_is_read_here(hub: FakeHub, run: Path, tmp_path: Path) -> None:
    logotal.push(run, NAME)
    found = hub.repositories[NAME]
    config = yaml.safe_load(found.files["config.yaml"])
    config["inference"]["video_scores"] = str(tmp_path / "of_the_user.json")  # would be an error if it were read
    found.add({**found.files, "config.yaml": yaml.safe_dump(config).encode()})
    assert logotal.load(NAME).pipeline.video_scores is None


def test_detections_say_which_commit_made_them(
    hub: FakeHub, run: Path, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from logotal.commands.detect import detect  # noqa: PLC0415 - the command, not the function

    name = logotal.push(run, NAME)
    said: list[str] = []
    assert logotal.detect(video, NAME, fps=30, say=said.append).model == name
    assert f"model: {name}" in said
    detect(video, model=NAME, fps=30, save=tmp_path / "found.json", json=True)
    assert json.loads((tmp_path / "found.json").read_text())["model"] == name
    assert json.loads(capsys.readouterr().out)[0]["model"] == name
    assert logotal.read_timelines(tmp_path / "found.json")[0].video == "video"
    assert logotal.detect(video, run, fps=30).model is None


def test_a_model_on_the_hub_is_scored_on_other_data_and_its_cache_stays_as_it_is(
    hub: FakeHub, run: Path, trained: Path, tmp_path: Path
) -> None:
    name = logotal.push(run, NAME)
    folder, _ = find_run(NAME)
    before = sorted(folder.iterdir())
    data = trained.parent / "data"
    shutil.copytree(data / "features", tmp_path / "features", ignore=shutil.ignore_patterns("features.json"))
    given: dict[str, Any] = {"annotations": data / "annotations.json", "features": tmp_path / "features"}
    found = logotal.evaluate(NAME, **given, split="validation", save=tmp_path / "numbers.json")
    assert json.loads((tmp_path / "numbers.json").read_text())["model"] == name
    assert isinstance(found.result, Result)
    expected = json.loads((trained / "evaluation.json").read_text())["average_mAP"]
    assert found.result.averages == pytest.approx(expected)
    logotal.evaluate(NAME, **given, split="validation")
    assert sorted(folder.iterdir()) == before
    with pytest.raises(InputError, match=rf"{name}: does not say which data to score it on; name them with --annotat"):
        logotal.evaluate(NAME, data / "annotations.json")


def test_how_a_stranger_divided_data_does_not_divide_others(hub: FakeHub, run: Path, trained: Path) -> None:
    logotal.push(run, NAME)
    found = hub.repositories[NAME]
    config = yaml.safe_load(found.files["config.yaml"])
    config["data"] |= {"exclude": ["of_others"], "hold_out": 0.5, "join_splits": True, "annotations": "/of/the/user"}
    found.add({**found.files, "config.yaml": yaml.safe_dump(config).encode()})
    data = trained.parent / "data"
    shutil.copytree(data / "features", run / "features", ignore=shutil.ignore_patterns("features.json"))
    scored = logotal.evaluate(NAME, data / "annotations.json", features=run / "features")
    assert len(scored.detected.timelines) == 2


def test_a_copy_of_a_model_is_a_run_but_for_its_data(hub: FakeHub, run: Path, tmp_path: Path) -> None:
    logotal.push(run, NAME)
    copy = shutil.copytree(find_run(NAME)[0], tmp_path / "copy")
    with pytest.raises(InputError, match=r"copy: does not say which data to score it on"):
        logotal.evaluate(copy)


def test_detections_that_are_missing_are_not_looked_up_on_the_hub(hub: FakeHub) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        logotal.evaluate("detections/of_ann.json", "annotations.json")
    assert hub.asked == []


def test_what_writes_into_a_run_says_how_to_get_a_copy(hub: FakeHub) -> None:
    from logotal.runs.thresholds import thresholds  # noqa: PLC0415

    with pytest.raises(InputError, match=rf"no such run folder; .*`hf download {NAME} --local-dir FOLDER`"):
        thresholds(NAME)


def test_features_are_made_like_those_of_a_model_on_the_hub(hub: FakeHub, run: Path, tmp_path: Path) -> None:
    logotal.push(run, NAME)
    (tmp_path / "v.mp4").touch()
    with pytest.raises(InputError, match="not a recipe of features that `logotal extract` made"):  # nor is it
        logotal.extract(tmp_path / "v.mp4", out=tmp_path / "out", like=NAME)


def test_the_command_prints_the_name_to_load(hub: FakeHub, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from logotal.commands.push import push  # noqa: PLC0415

    push(str(run), NAME, message="first")
    shown = capsys.readouterr()
    assert shown.out == f"{NAME}@{hub.repositories[NAME].head}\n"
    assert "it is private" in shown.err
    assert b"first" in hub.sent
