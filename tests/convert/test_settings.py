"""The YAML of published trainings as our configuration."""

import pytest

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
    for key in ("regression_loss", "twins", "iou_power", "center_radius", "clip_gradient_norm", "initial_normalizer"):
        assert getattr(theirs.training, key) == getattr(ours.training, key), key
    assert theirs.model.layer_scale == (ours.model.layer_scale if origin != "temporalmaxer" else 1e-4)


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
