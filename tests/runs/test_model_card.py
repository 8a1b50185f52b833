"""The model card: all that its reader needs, from the files of the run, the same bytes from the same training."""

import json
import re
from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard

from logotal.commands.evaluate import evaluate
from logotal.data.feature_recipe import write_feature_recipe
from logotal.errors import InputError
from logotal.inference.operating_point import FittedOn, OperatingPoint, write_operating_point
from logotal.runs.folder import Run
from logotal.runs.model_card import model_card, write_model_card
from logotal.runs.train import train
from tests.training.small import small_config, small_data

RECIPE = {"backbone": "i3d-rgb", "clip_stride": 4, "clip_frames": 16, "fps": None}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    data = small_data(tmp_path / "data")
    write_feature_recipe(data / "features", RECIPE)
    return train(small_config(data, training={"epochs": 1, "seed": 4}), tmp_path / "run")


def card(run: Run) -> str:
    return (run.folder / "MODEL_CARD.md").read_text()


def front_matter(text: str) -> dict[str, object]:
    assert text.startswith("---\n")
    found = yaml.safe_load(text.split("---\n")[1])
    assert isinstance(found, dict)
    return found


def test_a_training_leaves_a_card_that_says_what_the_model_rests_on(run: Run) -> None:
    text, provenance = card(run), json.loads((run.folder / "provenance.json").read_text())
    assert f"sha256 `{provenance['annotations']['sha256']}`" in text
    assert re.search(r"backbone `i3d-rgb`, recipe `[0-9a-f]{64}`", text)
    trained = provenance["trained_on"]
    assert f"| `training` | 6 | {provenance['splits']['training']['actions']} |" in text
    assert f"6 videos, {trained['actions']} actions" in text
    assert sum(provenance["actions_per_label"].values()) == trained["actions"]
    for label, count in provenance["actions_per_label"].items():
        assert f"| `{label}` | {count} |" in text
    for needed in ("seed 4", "last epoch, weights averaged with decay 0.99", "Not evaluated yet", "numpy", "lightning"):
        assert needed in text
    assert "| `training.seed` | `4` |" in text
    assert "| `training.focal_gamma` |" not in text, "that is the default"
    assert "no thresholds were chosen" in text


def test_labels_with_few_actions_are_named_as_a_limitation(run: Run) -> None:
    counts = json.loads((run.folder / "provenance.json").read_text())["actions_per_label"]
    few = [f"`{label}`" for label, count in counts.items() if count < 20]
    assert 0 < len(few) < len(counts)
    assert f"hardly knows: {', '.join(few)}." in card(run)


def test_the_hub_can_read_its_front_matter_before_and_after_evaluation(run: Run) -> None:
    front = front_matter(card(run))
    assert (front["license"], front["library_name"]) == ("unknown", "logotal")
    assert "temporal-action-localization" in front["tags"]  # type: ignore[operator]
    assert ModelCard(card(run)).data.eval_results is None
    evaluate(run.folder)
    results = ModelCard(card(run)).data.eval_results
    assert results is not None
    assert {(r.task_type, r.dataset_name, r.metric_type) for r in results} == {
        ("temporal-action-localization", "generic", "mAP")
    }


def test_evaluation_writes_its_numbers_into_the_card(run: Run, tmp_path: Path) -> None:
    evaluate(run.folder, save=tmp_path / "elsewhere.json")
    assert "Not evaluated yet" in card(run), "numbers that are kept elsewhere are not those of the run"
    evaluate(run.folder)
    found = json.loads((run.folder / "evaluation.json").read_text())
    assert f"| 0.5 | {100 * found['mAP']['0.5']:.2f} |" in card(run)
    assert f"| average 0.3:0.7 | {100 * found['average_mAP']['0.3:0.7']:.2f} |" in card(run)
    assert "by protocol `generic` on split `validation`" in card(run)
    assert "one training, seed 4, last epoch" in card(run)


def test_the_operating_point_is_in_the_card(run: Run) -> None:
    point = OperatingPoint(threshold=0.25, thresholds={"jump": 0.5}, fitted_on=FittedOn("held-out", 3, 40, 0.5, 0.625))
    write_operating_point(run.folder / "operating_point.json", point)
    write_model_card(run)
    assert "Operating point: threshold 0.250, 1 label with one of their own" in card(run)
    assert "3 videos and 40 actions of split `held-out`, where it reaches F1 62.5 % at tIoU 0.5" in card(run)


def test_the_card_of_a_class_agnostic_model_says_where_labels_come_from(tmp_path: Path) -> None:
    config = small_config(
        small_data(tmp_path / "data"), model={"class_agnostic": True}, inference={"nms_per_class": False}
    )
    run = train(config, tmp_path / "run")
    classifier = run.classifier()
    assert classifier is not None
    assert f"Without external scores, {classifier.sentence}. Its mAP over labels there is" in card(run)
    assert "each segment then gets the 2 best labels of the whole video" in card(run)
    evaluate(run.folder)
    assert "In these numbers `labels come from the built-in video classifier" in card(run)


def test_two_trainings_write_the_same_card_but_for_the_time(tmp_path: Path) -> None:
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 1})
    cards = [card(train(config, tmp_path / name)).splitlines() for name in ("a", "b")]
    differing = [line for line, other in zip(*cards, strict=True) if line != other]
    assert all(line.startswith("- Time: ") for line in differing)
    assert len(differing) <= 1


def test_writing_it_again_changes_nothing(run: Run) -> None:
    before = card(run)
    write_model_card(run)
    assert card(run) == before


def test_labels_of_any_text_break_neither_table_nor_front_matter(run: Run) -> None:
    labels = ["a|b", "new\nline", "`tick`", "", "---", "<script>alert(1)</script>"]
    (run.folder / "labels.json").write_text(json.dumps(labels))
    text = model_card(run)
    assert front_matter(text)["library_name"] == "logotal"
    for shown in (r"a\|b", "`new line`", r"\`tick\`", "``(empty)``", "`---`", "&lt;script&gt;alert(1)&lt;/script&gt;"):
        assert f"| {shown} | ? |" in text


@pytest.mark.parametrize("content", ["[]", "{}", '{"average_mAP": 3}'])
def test_an_evaluation_of_something_else_is_no_evaluation(run: Run, content: str) -> None:
    (run.folder / "evaluation.json").write_text(content)
    assert "Not evaluated yet" in model_card(run)


def test_a_run_without_provenance_has_a_card_too(run: Run) -> None:
    for name in ("provenance.json", "metrics.csv", "left_out.txt", "features.json"):
        (run.folder / name).unlink()
    text = model_card(run)
    assert "Annotations: `not known`" in text
    assert "how they were made is not known" in text
    assert "- Time: not known." in text


def test_a_folder_that_is_no_run_has_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a run folder"):
        model_card(Run(tmp_path))
