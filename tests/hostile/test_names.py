"""Names of videos and labels lead nowhere but to the folder they belong to, and break nothing where they are shown."""

import json
from pathlib import Path

import numpy as np
import pytest

from logotal.data.features import FeatureFolder, feature_file
from logotal.errors import InputError
from logotal.evaluation.detections import read_detections
from logotal.extraction.folder import Settings, extract_folder
from logotal.files.whole import write_whole
from logotal.formats.annotations import read_annotations
from logotal.formats.timelines import FORMATS, READERS, read_timelines, write_timelines
from logotal.runs.folder import Run
from logotal.runs.load import load
from logotal.runs.train import train
from logotal.timeline import Action, Timeline
from tests.extraction.tiny import tiny_extractor
from tests.hostile.files import written
from tests.training.small import small_config, small_data
from tests.video.cases import encode

ESCAPES = [
    "../x",
    "../../x",
    "/etc/passwd",
    "..",
    ".",
    "",
    "a/b",
    "a/../../x",
    "a\\b",
    "..\\x",
    "a\0b",
    "x" * 252,
    "é" * 130,
]
"""What is no file name, or one that leads elsewhere."""

HARMLESS = [
    "con",
    "nul.txt",
    "a b",
    "-rf",
    "$HOME",
    "`id`",
    "%s%n",
    "{0}",
    "*.npy",
    "~",
    "a:b",
    "\n",
    "\u202egnp.exe",
    "é" * 100,
]
"""What looks dangerous and is one file name in its folder."""


def listing(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize("name", ESCAPES)
def test_a_video_id_that_is_no_file_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file name; rename it in the annotations"):
        feature_file(tmp_path, name)
    with pytest.raises(InputError, match="is not a file name"):
        FeatureFolder(tmp_path, "prefix_").read(name)


@pytest.mark.parametrize("name", ["\ud800", "a\udcffb"])
def test_a_video_id_of_half_characters_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file name"):
        feature_file(tmp_path, name)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_strange_video_id_is_a_file_in_its_folder(name: str, tmp_path: Path) -> None:
    features = np.ones((3, 4), np.float32)
    np.save(feature_file(tmp_path, name), features)
    assert [path.parent for path in listing(tmp_path)] == [tmp_path]
    assert np.array_equal(FeatureFolder(tmp_path).read(name), features)
    assert FeatureFolder(tmp_path).videos() == [name]


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/b", "x" * 300, "a\0b"])
def test_an_extraction_writes_nothing_for_a_name_that_leads_out(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "extractor", lambda self: tiny_extractor())
    video = encode(tmp_path / "v.mp4", 40)
    folder = tmp_path / "out" / "features"
    with pytest.raises(InputError, match="is not a file name"):
        extract_folder([video], folder, Settings("i3d-rgb"), names={video: name})
    assert {path.name for path in listing(tmp_path)} <= {"v.mp4", "out", "features", "features.json"}


def test_a_video_with_the_longest_name_that_a_file_can_have_is_extracted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "extractor", lambda self: tiny_extractor())
    video = encode(tmp_path / f"{'x' * 250}.mp4", 40).rename(tmp_path / f"{'x' * 250}.mkv")
    (outcome,) = extract_folder([video], tmp_path / "features", Settings("i3d-rgb"))
    assert outcome.error is None
    assert (tmp_path / "features" / f"{'x' * 250}.npy").is_file()


def test_a_file_of_the_longest_name_is_written_whole(tmp_path: Path) -> None:
    for name in ("x" * 255, "é" * 127):
        write_whole(tmp_path / name, b"a")
        assert (tmp_path / name).read_bytes() == b"a"
    assert len(listing(tmp_path)) == 2


@pytest.mark.parametrize("name", ESCAPES)
def test_training_and_detection_stay_in_their_folders_whatever_videos_are_called(name: str, tmp_path: Path) -> None:
    data = small_data(tmp_path / "data", training=2, validation=1)
    annotations = next(data.rglob("*.json"))
    content = json.loads(annotations.read_text())
    first = next(iter(content["database"]))
    content["database"][name] = content["database"][first]
    written(annotations, json.dumps(content))
    before = listing(tmp_path)
    with pytest.raises(InputError, match="is not a file name"):
        train(small_config(data, training={"epochs": 1}), tmp_path / "run")
    assert listing(tmp_path) - before <= {tmp_path / "run"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    return train(small_config(small_data(folder / "data"), training={"epochs": 1}), folder / "run").folder


def test_labels_of_a_run_are_names_only(run: Path, tmp_path: Path) -> None:
    labels = list(Run(run).labels())
    hostile = [*(["../../x", "/etc/passwd", "\0", "</script>", "x" * 5000] * len(labels))[: len(labels)]]
    hostile = [f"{label}{i}" for i, label in enumerate(hostile)]
    kept = (run / "labels.json").read_text()
    before = listing(run)
    try:
        written(run / "labels.json", json.dumps(hostile))
        predictor = load(run)
        channels = predictor.config.model.input_channels
        timeline = predictor.detect(np.zeros((64, channels), np.float32), fps=25, name="../../v")
        write_timelines([timeline], tmp_path / "found.json")
    finally:
        written(run / "labels.json", kept)
    assert listing(run) == before
    assert listing(tmp_path) == {tmp_path / "found.json"}
    assert [found.video for found in read_timelines(tmp_path / "found.json")] == ["../../v"]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", [*ESCAPES, *HARMLESS])
def test_timelines_are_written_to_the_file_that_is_named_and_nowhere_else(
    suffix: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / "inner" / f"found{suffix}"
    timeline = Timeline(name, (Action(0, 1, name, 0.5),), 2.0)
    try:
        write_timelines([timeline], path)
    except InputError as error:
        said = str(error)
    else:
        said = ""
        if suffix in READERS:
            assert len(read_timelines(path)) == 1
    assert listing(tmp_path) <= {path, path.parent}
    assert path.is_file() != bool(said)


@pytest.mark.parametrize(
    "address", ["file:///../../etc/passwd", "../../../x", "http://x/", "javascript:alert(1)", "C:\\x"]
)
def test_the_media_that_elan_names_is_a_name(address: str, tmp_path: Path) -> None:
    write_timelines([Timeline("v", (Action(0, 1, "a"),), 2.0)], tmp_path / "v.eaf")
    text = (tmp_path / "v.eaf").read_text()
    foreign = text.replace('MEDIA_URL="v"', f'MEDIA_URL="{address}"').replace("logotal.video", "other")
    (found,) = read_timelines(written(tmp_path / "w.eaf", foreign))
    assert "/" not in found.video
    assert listing(tmp_path) == {tmp_path / "v.eaf", tmp_path / "w.eaf"}


def test_ids_in_annotations_and_detections_are_kept_as_they_are(tmp_path: Path) -> None:
    """They are names until somebody makes a path of them; evaluations compare them as texts."""
    names = [name for name in (*ESCAPES, *HARMLESS) if name]
    videos = {name: {"subset": "test", "annotations": []} for name in names}
    truth = read_annotations(written(tmp_path / "a.json", json.dumps({"database": videos})))
    found = read_detections(written(tmp_path / "b.json", json.dumps({"results": {name: [] for name in names}})))
    assert list(truth.videos) == [timeline.video for timeline in found] == names
