import pytest
import yaml

from logotal.config import Config, InferenceConfig, ModelConfig, Section
from logotal.errors import InputError
from logotal.model.detector import build_detector
from logotal.recipes import (
    dump_config,
    merge,
    parse_config,
    preset_names,
    preset_text,
    read_recipe,
    recipe_names,
    recipe_text,
)


def parse(text):
    return parse_config(text, "my.yaml")


def test_every_recipe_that_ships_is_valid_and_explains_itself_first():
    assert {"thumos14", "activitynet13", "sbhar"} <= set(recipe_names())
    for name in recipe_names():
        assert isinstance(read_recipe(name), Config)
        assert recipe_text(name).startswith("# ")
        assert read_recipe(name).data.annotations is not None


@pytest.mark.parametrize(
    ("recipe", "preset"), [("thumos14", "logo-paper"), ("activitynet13", "logo-paper"), ("sbhar", "logo-light")]
)
def test_a_recipe_is_the_preset_that_it_names(recipe: str, preset: str) -> None:
    assert f"--preset {preset}" in recipe_text(recipe)
    assert read_recipe(recipe, preset=preset) == read_recipe(recipe)


def test_the_paper_read_literally_leaves_open_what_the_paper_leaves_open() -> None:
    open_points = {"mlp_factor", "drop_path", "bins", "width", "levels", "groups", "prior", "embedding_layers"}
    said = yaml.safe_load(preset_text("logo-paper"))
    assert not open_points & said["model"].keys()
    assert (said["model"]["layer_scale"], said["model"]["boundary_init"]) == (0, "normal")
    assert said["training"] == {"regression_loss": "giou", "normalizer": "paper", "class_balance": 0}


@pytest.mark.parametrize("preset", sorted(set(preset_names()) - {"logo-paper"}))
def test_no_other_preset_inherits_a_departure_from_the_recipe_it_lies_on(preset: str) -> None:
    laid = [read_recipe(recipe, preset=preset) for recipe in ("thumos14", "sbhar")]
    assert {config.training.normalizer for config in laid} == {"ema"}
    assert {config.model.boundary_init for config in laid} == {"default"}
    assert {config.model.members for config in laid} == {2 if preset == "logo-pair" else 1}
    if preset not in {"temporalmaxer", "linear"}:  # which have no residual branch
        assert len({config.model.layer_scale for config in laid}) == 1


def test_a_recipe_says_nothing_but_what_it_says():
    for name in recipe_names():
        said = yaml.safe_load(recipe_text(name))
        whole = read_recipe(name).model_dump(mode="json")
        assert merge(whole, said) == whole, name


def test_an_empty_file_is_the_default():
    assert parse("") == parse("# nothing but a comment") == Config()


def test_a_file_is_read_and_overrides_lie_on_top(tmp_path):
    path = tmp_path / "my.yaml"
    path.write_text("model: {head: light, levels: 4}\ntraining: {epochs: 30}\n")
    config = read_recipe(path, {"model": {"head": "trident"}, "inference": {"nms": "hard"}})
    assert (config.model.head, config.model.levels, config.training.epochs) == ("trident", 4, 30)
    assert config.inference == InferenceConfig(nms="hard")


def test_overrides_change_single_values_of_nested_sections():
    base = {"model": {"logo": {"kernel": 5, "gate": "sigmoid"}, "levels": 4}}
    assert merge(base, {"model": {"logo": {"kernel": 3}}}) == {
        "model": {"logo": {"kernel": 3, "gate": "sigmoid"}, "levels": 4}
    }
    assert base["model"]["logo"]["kernel"] == 5


@pytest.mark.parametrize("name", recipe_names())
def test_a_complete_configuration_is_written_and_read_back_equal(name):
    config = read_recipe(name, {"data": {"features": "some/där"}, "model": {"logo": {"kernel": [3, 5]}}})
    assert parse(dump_config(config)) == config


def test_rates_in_scientific_notation_are_numbers():
    assert parse("training: {learning_rate: 1e-3}").training.learning_rate == 0.001  # a string to YAML 1.1


UNKNOWN = {
    "model: {haed: clff}": r"unknown key 'model\.haed'; did you mean 'head'\?",
    "modle: {head: clff}": r"unknown key 'modle'; did you mean 'model'\?",
    "model: {logo: {kernle: 3}}": r"unknown key 'model\.logo\.kernle'; did you mean 'kernel'\?",
    "model: {fusion: {wieghts: shared}}": r"unknown key 'model\.fusion\.wieghts'; did you mean 'weights'\?",
    "inference: {min_scroe: 0.5}": r"unknown key 'inference\.min_scroe'; did you mean 'min_score'\?",
    "data: {stretch: null}": r"unknown key 'data\.stretch'; ",  # a setting of older versions
    "data: {zzz: 1}": r"unknown key 'data\.zzz'; valid: features, annotations, ",
    "model: {my-key: 1}": r"unknown key 'model\.my-key'; ",
}


@pytest.mark.parametrize(("text", "message"), UNKNOWN.items(), ids=UNKNOWN)
def test_a_mistyped_key_names_file_key_and_the_nearest_valid_one(text, message):
    with pytest.raises(InputError, match=f"^my.yaml: {message}"):
        parse(text)


def test_a_mistyped_override_is_refused_like_a_key_of_the_file():
    with pytest.raises(InputError, match=r"^thumos14: unknown key 'training\.epoch'; did you mean 'epochs'\?"):
        read_recipe("thumos14", {"training": {"epoch": 3}})


WRONG = {
    "training: {epochs: many}": r"training\.epochs: Input should be a valid integer.*, found 'many'$",
    "training: {epochs: 3.5}": r"training\.epochs: .*fractional part, found 3\.5$",
    "training: {epochs: 0}": r"training\.epochs: Input should be greater than 0, found 0$",
    "training: {epochs: [40]}": r"training\.epochs: Input should be a valid integer, found \[40\]$",
    "training: {learning_rate: -1}": r"training\.learning_rate: Input should be greater than 0, found -1$",
    "training: {learning_rate: .inf}": r"training\.learning_rate: Input should be a finite number, found inf$",
    "training: {learning_rate: .nan}": r"training\.learning_rate: .*, found nan$",
    "training: {devices: 0}": r"training\.devices: Input should be greater than 0, found 0$",
    "model: {layout: tridnet}": r"model\.layout: Input should be 'paper', 'tridet' or 'actionformer', found 'tridnet'$",
    "model: {head: [light]}": r"model\.head: Input should be a valid string, found \['light'\]$",
    "model: {prior: 1}": r"model\.prior: Input should be less than 1, found 1$",
    "model: {levels: 13}": r"model\.levels: Input should be less than or equal to 12, found 13$",
    "model: {logo: {kernel: 0}}": r"model\.logo\.kernel: Input should be greater than 0, found 0$",
    "model: 5": r"model: Input should be a valid dictionary or instance of ModelConfig, found 5$",
    "model:": r"model: Input should be a valid dictionary or instance of ModelConfig, found None$",
    "data: {exclude: video_1}": r"data\.exclude: Input should be a valid tuple, found 'video_1'$",
    "data: {crop: [0.9, 1.5]}": r"data\.crop\.1: Input should be less than or equal to 1, found 1\.5$",
    "1: 2": r"1: Keys should be strings, found 1$",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items(), ids=WRONG)
def test_a_value_of_the_wrong_kind_names_file_key_and_value(text, message):
    with pytest.raises(InputError, match=f"^my.yaml: {message}") as error:
        parse(text)
    assert "\n" not in str(error.value)


INCONSISTENT = {
    "training: {epochs: 10, warmup_epochs: 11}": r"training\.warmup_epochs 11 must not exceed training\.epochs 10",
    "model: {width: 100}": r"model\.width 100 must be a multiple of model\.groups 16",
    "model: {width: 48, attention: {heads: 5}}": r"model\.width 48 must be a multiple of model\.attention\.heads 5",
    "model: {attention: {window: 4}}": r"model\.attention\.window must be odd, found 4",
    "model: {embedding_kernel: 2}": r"model\.embedding_kernel must be odd, found 2",
    "model: {streams: [3, 4], input_channels: 8}": r"model\.streams \[3, 4\] must add up to model\.input_channels 8",
    "model: {streams: [3], embedding_layers: 0}": r"model\.streams needs model\.embedding_layers of 1 or more, found 0",
    "model: {head_kernel: 2}": r"model\.head_kernel must be odd, found 2",
    "model: {logo: {kernel: 4}}": r"model\.logo\.kernel must be odd, found 4",
    "model: {logo: {kernel: [3, 6]}}": r"model\.logo\.kernel must be odd, found 6",
    "data: {crop: [1.0, 0.9]}": r"data\.crop must be \(smallest, largest\), above 0, found \(1\.0, 0\.9\)",
    "data: {crop: [0, 0.9]}": r"data\.crop must be \(smallest, largest\), above 0, found \(0\.0, 0\.9\)",
}


@pytest.mark.parametrize(("text", "message"), INCONSISTENT.items(), ids=INCONSISTENT)
def test_values_that_do_not_go_together_name_each_other(text, message):
    with pytest.raises(InputError, match=f"^my.yaml: {message}"):
        parse(text)


BROKEN = {
    "a: [": "not valid YAML",
    "[model, data]": r"expected sections model, data, training, inference, found \['model', 'data'\]",
    "just words": "expected sections model, data, training, inference, found 'just words'",
    "!!python/object/apply:os.system [exit]": "not valid YAML .*could not determine a constructor",
}


@pytest.mark.parametrize(("text", "message"), BROKEN.items(), ids=BROKEN)
def test_a_file_that_is_no_configuration_is_refused_in_one_line(text, message):
    with pytest.raises(InputError, match=f"^my.yaml: {message}") as error:
        parse(text)
    assert "\n" not in str(error.value)


def test_a_recipe_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(InputError, match="no recipe 'thumos'; did you mean 'thumos14'"):
        read_recipe("thumos")
    with pytest.raises(InputError, match=r"nowhere\.yaml: no such file; recipes that ship: .*thumos14"):
        read_recipe("nowhere.yaml")


def test_every_setting_says_what_it_does():
    for section in Section.__subclasses__():
        assert section.__doc__
        for name, field in section.model_fields.items():
            assert field.description or isinstance(field.default, Section), f"{section.__name__}.{name}"


def test_a_configuration_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Config().model.levels = 3


def test_strides_double_from_level_to_level():
    assert ModelConfig(levels=4).strides == (1, 2, 4, 8)


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_builds_a_network(name):
    small = {"width": 32, "mlp_factor": 1, "head_width": 32, "input_channels": 8, "groups": 4, "position_length": 16}
    detector = build_detector(read_recipe(name, {"model": small}).model, num_labels=3)
    assert sum(parameter.numel() for parameter in detector.parameters()) > 0


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"mine\.yaml: not valid YAML \(key 'head' stands twice"):
        parse_config("model:\n  head: light\n  head: clff\n", "mine.yaml")


def test_true_is_not_taken_for_one() -> None:
    with pytest.raises(InputError, match=r"mine\.yaml: training\.epochs: Input should be a valid integer, found True"):
        parse_config("training: {epochs: true}", "mine.yaml")
