"""The YAML of published trainings as our configuration."""

from pathlib import Path

import pytest
import yaml

from logotal.config import Config
from logotal.convert.settings import convert_settings
from logotal.errors import InputError
from logotal.model.detector import build_detector
from logotal.recipes import merge, read_recipe

THUMOS = {
    "dataset": {
        "num_classes": 20,
        "input_dim": 2048,
        "feat_stride": 4,
        "num_frames": 16,
        "crop_ratio": [0.9, 1.0],
        "max_seq_len": 2304,
    },
    "train_cfg": {"init_loss_norm": 100, "clip_grad_l2norm": 1.0},
    "test_cfg": {"voting_thresh": 0.7, "pre_nms_topk": 2000, "max_seg_num": 200, "min_score": 0.001},
    "opt": {"learning_rate": 1e-4, "epochs": 30, "weight_decay": 0.05},
    "loader": {"batch_size": 2},
}
NETWORKS = {
    "actionformer": {"n_mha_win_size": 19},
    "tridet": {"n_sgp_win_size": 1, "k": 5, "sgp_mlp_dim": 768, "num_bins": 16, "iou_weight_power": 0.2},
    "temporalmaxer": {"backbone_type": "convPooler", "backbone_arch": [2, 5]},
}

LOSS = ("regression_loss", "twins", "iou_power", "focal_alpha", "focal_gamma", "normalizer", "class_balance")


def converted(origin: str, **changes: object) -> Config:
    content = merge(THUMOS | {"model": NETWORKS[origin]}, changes)
    return Config.model_validate(convert_settings(content, origin, "their.yaml"))


@pytest.mark.parametrize("origin", NETWORKS)
def test_the_published_configuration_is_the_preset_on_the_recipe(origin: str) -> None:
    theirs, ours = converted(origin), read_recipe("thumos14", preset=origin)
    shapes = [
        {name: value.shape for name, value in build_detector(config.model, num_labels=20).state_dict().items()}
        for config in (theirs, ours)
    ]
    assert shapes[0] == shapes[1]
    for key in (*LOSS, "center_radius", "clip_gradient_norm", "initial_normalizer"):
        assert getattr(theirs.training, key) == getattr(ours.training, key), key
    assert theirs.model.layer_scale == (ours.model.layer_scale if origin != "temporalmaxer" else 1e-4)


@pytest.mark.parametrize("origin", NETWORKS)
def test_a_preset_brings_its_loss_to_a_recipe_with_another(origin: str, tmp_path: Path) -> None:
    other = {"regression_loss": "giou", "twins": "once" if origin == "tridet" else "each", "iou_power": 0.7}
    other |= {"focal_alpha": 0.5, "focal_gamma": 1.0, "normalizer": "paper", "class_balance": 0.5}
    assert other.keys() == set(LOSS)
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump({"training": other}))
    theirs, ours = converted(origin).training, read_recipe(path, preset=origin).training
    power = 0.7 if origin == "tridet" else 0  # TriDet's differs from one data set to the next
    assert {key: getattr(ours, key) for key in LOSS} == {key: getattr(theirs, key) for key in LOSS} | {
        "iou_power": power
    }


@pytest.mark.parametrize("origin", NETWORKS)
def test_weights_are_averaged_with_the_decay_that_their_code_has(origin: str) -> None:
    assert converted(origin).training.ema_decay == 0.999
    assert read_recipe("thumos14", preset=origin).training.ema_decay == 0.999


@pytest.mark.parametrize(("recipe", "power"), [("thumos14", 0.2), ("activitynet13", 1.0)])
def test_tridet_on_a_recipe_weights_positives_as_published_for_that_data_set(recipe: str, power: float) -> None:
    assert read_recipe(recipe, preset="tridet").training.iou_power == power


def test_a_setting_of_the_loss_that_a_yaml_leaves_out_is_what_their_code_takes() -> None:
    content = merge(THUMOS | {"model": NETWORKS["tridet"]}, {})
    del content["model"]["iou_weight_power"], content["train_cfg"]["init_loss_norm"]
    training = Config.model_validate(convert_settings(content, "tridet", "their.yaml")).training
    assert (training.iou_power, training.initial_normalizer, training.regression_weight) == (1.0, 2000, 1.0)
    assert (training.label_smoothing, training.center_radius) == (0.0, 1.5)


@pytest.mark.parametrize(("origin", "millions"), [("actionformer", 29.25), ("tridet", 15.99), ("temporalmaxer", 7.12)])
def test_parameters_are_the_published_number(origin: str, millions: float) -> None:
    detector = build_detector(converted(origin).model, num_labels=20)
    assert round(sum(parameter.numel() for parameter in detector.parameters()) / 1e6, 2) == millions


def test_epochs_leave_out_the_warm_up_there_and_include_it_here() -> None:
    training = converted("actionformer").training
    assert (training.epochs, training.warmup_epochs) == (35, 5)


def test_all_three_answer_by_the_padding_that_they_were_trained_with() -> None:
    assert {converted(origin).model.compat for origin in NETWORKS} == {2304}


def test_attention_windows_by_level_and_full_attention() -> None:
    config = converted("actionformer", model={"n_mha_win_size": [7, 7, 7, 7, 7, -1]})
    assert config.model.attention.window == (7, 7, 7, 7, 7, 0)


def test_one_class_is_a_class_agnostic_network_that_votes() -> None:
    activitynet = {"dataset": {"num_classes": 1, "force_upsampling": True, "max_seq_len": 192}}
    config = converted("actionformer", **activitynet, test_cfg={"multiclass_nms": False, "voting_thresh": 0.9})
    assert config.model.class_agnostic
    assert config.data.resize_to == 192
    assert (config.inference.nms_per_class, config.inference.voting_tiou) == (False, 0.9)
    assert config.inference.voting_weight == "score_tiou"


@pytest.mark.parametrize(
    ("section", "setting", "message"),
    [
        ("model", {"fpn_type": "fpn"}, "model.fpn_type: expected 'identity', found 'fpn'; not built here"),
        ("model", {"sgp_win": 1}, "model.sgp_win is not a setting that is known here"),
        ("model", {"backbone_arch": [2, 5]}, "backbone_arch: expected 3 numbers"),
        ("model", {"embd_dim": 256}, "embd_dim 256 and fpn_dim 512 must be equal"),
        ("model", {"regression_range": [[0, 4], [4, 16]]}, "expected ranges that double on 6 levels"),
        ("opt", {"type": "SGD"}, "opt.type: expected 'AdamW', found 'SGD'"),
    ],
)
def test_what_has_no_counterpart_is_refused_by_name(section: str, setting: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        converted("tridet", **{section: setting})
