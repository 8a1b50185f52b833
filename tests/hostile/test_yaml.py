"""Faults that hostile YAML brought to light, in recipes and published settings, by name: none may come back."""

import json
from pathlib import Path

import pytest

from logotal.config import Config
from logotal.convert.settings import convert_settings
from logotal.errors import InputError
from logotal.files.yaml import parsed_yaml
from logotal.recipes import parse_config, read_recipe
from reliability import bombs
from tests.hostile.files import written
from tests.hostile.limits import within


@pytest.mark.parametrize("content", bombs.of_yaml()[:22], ids=range(22))
def test_hostile_yaml_is_refused_in_time(content: bytes, tmp_path: Path) -> None:
    with within(10), pytest.raises(InputError, match=r"r\.yaml: "):
        read_recipe(written(tmp_path / "r.yaml", content))


@pytest.mark.parametrize("content", ["[]", "''", "0", "false", "!!binary '%'"])
def test_what_is_false_is_no_empty_recipe(content: str) -> None:
    with pytest.raises(InputError, match="a: expected sections model, data"):
        parse_config(content, "a")
    assert parse_config("# nothing", "a") == Config()


def test_annotations_whose_name_no_file_can_have_stay_a_name(tmp_path: Path) -> None:
    """They are looked for later, and then named where they are not found."""
    config = read_recipe(written(tmp_path / "r.yaml", f"data: {{annotations: {'x' * 300}}}"))
    assert str(config.data.annotations) == "x" * 300


def test_aliases_are_allowed_and_counted() -> None:
    assert parsed_yaml("a: &x [1, 2]\nb: *x", "a") == {"a": [1, 2], "b": [1, 2]}
    laughs = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 30))
    with within(2), pytest.raises(InputError, match="its aliases make more than 100,000 values"):
        parsed_yaml(laughs, "a")


@pytest.mark.parametrize("origin", ["actionformer", "tridet", "temporalmaxer"])
@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("dataset", "feat_stride", "four"),
        ("dataset", "crop_ratio", [1]),
        ("dataset", "num_classes", True),
        ("model", "regression_range", []),
        ("model", "embd_dim", 0),
        ("model", "backbone_arch", [2, 10**12, 5]),
        ("model", "n_mha_win_size", {}),
        ("train_cfg", "clip_grad_l2norm", None),
        ("opt", "epochs", [1]),
    ],
)
def test_published_settings_of_another_kind_are_refused(origin: str, section: str, key: str, value: object) -> None:
    content = json.loads(bombs.PUBLISHED)
    convert_settings(content, origin, "x.yaml")
    content[section][key] = value
    with pytest.raises(InputError, match=rf"x\.yaml: {section}\.{key}"):
        convert_settings(content, origin, "x.yaml")


def test_published_numbers_that_yaml_takes_for_text_are_numbers() -> None:
    content = parsed_yaml("dataset: {input_dim: 8, num_classes: 2}\nopt: {learning_rate: 1e-4}", "a", unique=False)
    assert convert_settings(content, "actionformer", "a")["training"]["learning_rate"] == 1e-4


@pytest.mark.parametrize("section", ["dataset", "model", "opt"])
def test_a_section_that_is_a_list_is_refused(section: str) -> None:
    content = json.loads(bombs.PUBLISHED) | {section: [1]}
    with pytest.raises(InputError, match=f"{section}: expected settings by name"):
        convert_settings(content, "tridet", "x.yaml")


def test_a_recipe_keeps_its_message_for_what_is_no_mapping() -> None:
    with pytest.raises(InputError, match=r"a: expected sections model, data"):
        parse_config("[1, 2]", "a")
