import json
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.evaluation.saved import SavedEvaluation, read_saved_evaluation

SAVED = {"protocol": {"name": "generic", "split": "test"}, "counts": {"videos": 2, "truths": 3}, "mAP": {"0.5": 0.25}}


def read(tmp_path: Path, **changed: object) -> SavedEvaluation:
    path = tmp_path / "evaluation.json"
    path.write_text(json.dumps(SAVED | changed))
    return read_saved_evaluation(path, cure="evaluate again")


def test_what_others_rest_on_is_read_and_what_is_not_known_is_kept(tmp_path: Path):
    found = read(tmp_path, average_mAP={"generic": float("nan")}, new=1)

    assert found.counts.truths == 3
    assert found.mAP == {"0.5": 0.25}
    assert (found.labels_from, found.weights, found.measured, found.fps) == (None, None, None, None)


@pytest.mark.parametrize(
    "changed",
    [{"counts": {"videos": "2", "truths": 3}}, {"mAP": {"0.5": "0.25"}}, {"protocol": {"name": 1, "split": "test"}}],
)
def test_values_of_another_type_are_refused_with_the_cure(tmp_path: Path, changed: dict[str, object]):
    with pytest.raises(InputError, match="evaluate again"):
        read(tmp_path, **changed)
