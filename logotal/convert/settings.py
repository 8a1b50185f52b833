"""The YAML of a published training as our configuration; what has no counterpart here is refused by name."""

from collections.abc import Mapping
from typing import Any

from logotal.convert.kinds import of_kind
from logotal.errors import InputError

DEFAULTS: dict[str, dict[str, Any]] = {
    "dataset": {
        "feat_stride": 16,
        "num_frames": 32,
        "default_fps": None,
        "downsample_rate": 1,
        "max_seq_len": 2304,
        "trunc_thresh": 0.5,
        "crop_ratio": None,
        "force_upsampling": False,
        "file_prefix": None,
    },
    "model": {
        "backbone_arch": None,
        "n_head": 4,
        "n_mha_win_size": -1,
        "embd_dim": 512,
        "fpn_dim": 512,
        "head_dim": 512,
        "head_kernel_size": 3,
        "head_num_layers": 3,
        "regression_range": [[0, 4], [4, 8], [8, 16], [16, 32], [32, 64], [64, 10000]],
        "use_abs_pe": False,
        # TriDet
        "n_sgp_win_size": 1,
        "k": 1.5,
        "sgp_mlp_dim": 768,
        "num_bins": 16,
        "boudary_kernel_size": 3,  # their spelling
        "use_trident_head": True,
        "iou_weight_power": 1.0,
        "input_noise": 0.0,
        "init_conv_vars": 0,
    },
    "train_cfg": {
        "center_sample": "radius",
        "center_sample_radius": 1.5,
        "loss_weight": 1.0,
        "cls_prior_prob": 0.01,
        "init_loss_norm": 2000,
        "clip_grad_l2norm": -1,
        "dropout": 0.0,
        "droppath": 0.1,
        "label_smoothing": 0.0,
    },
    "test_cfg": {
        "pre_nms_thresh": 0.001,
        "pre_nms_topk": 5000,
        "iou_threshold": 0.1,
        "min_score": 0.01,
        "max_seg_num": 1000,
        "nms_method": "soft",
        "nms_sigma": 0.5,
        "duration_thresh": 0.05,
        "multiclass_nms": True,
        "voting_thresh": 0.75,
    },
    "opt": {
        "type": "AdamW",
        "weight_decay": 0.0,
        "learning_rate": 1e-3,
        "epochs": 30,
        "warmup": True,
        "warmup_epochs": 5,
        "schedule_type": "cosine",
        "eta_min": 1e-8,
    },
    "loader": {"batch_size": 8},
}
"""What their code takes where the YAML is silent (ActionFormer's and TriDet's libs/core/config.py)."""

ONLY: dict[str, dict[str, Any]] = {
    "model": {
        "fpn_type": "identity",
        "scale_factor": 2,
        "embd_kernel_size": 3,
        "embd_with_ln": True,
        "fpn_with_ln": True,
        "fpn_start_level": 0,
        "head_with_ln": True,
        "use_rel_pe": False,
        "downsample_type": "max",
    },
    "train_cfg": {"dropout": 0.0},
    "opt": {"type": "AdamW", "warmup": True, "schedule_type": "cosine"},
}
"""Settings that exist here in this one way."""

NO_MATTER: dict[str, frozenset[str]] = {
    "dataset": frozenset({"json_file", "feat_folder", "file_ext", "input_dim", "num_classes"}),
    "model": frozenset(
        {"backbone_type", "max_buffer_len_factor", "input_dim", "num_classes", "max_seq_len", "assigner"}
        | {"train_cfg", "test_cfg"}
    ),
    "train_cfg": frozenset({"head_empty_cls"}),
    "test_cfg": frozenset({"ext_score_file"}),
    "opt": frozenset({"momentum", "schedule_steps", "schedule_gamma"}),
    "loader": frozenset({"num_workers"}),
}
"""Settings that are read elsewhere, or that change nothing here."""


MOST = 64
"""Layers, blocks and levels that are believed."""


def convert_settings(content: Mapping[str, Any], origin: str, source: str) -> dict[str, Any]:
    """The sections of our configuration that a published YAML describes; data files and splits are left to the caller.

    Args:
        content: the parsed YAML.
        origin: `actionformer`, `tridet` or `temporalmaxer`.
        source: the file, named in errors.

    Raises:
        InputError: a key that is not known, or a value that has no counterpart here.
    """
    read = {name: _section(_mapping(content.get(name), name, source), name, source) for name in DEFAULTS}
    dataset, model, opt = read["dataset"], read["model"], read["opt"]
    given = _mapping(content.get("dataset"), "dataset", source)
    for key in ("input_dim", "num_classes"):
        if type(given.get(key)) is not int:
            raise InputError(f"{source}: dataset.{key}: expected a whole number, found {given.get(key)!r}")
    per_class = read["test_cfg"]["multiclass_nms"]
    return {
        "model": _model(read, given, origin, source),
        "data": {
            "clip_stride": dataset["feat_stride"] if dataset["feat_stride"] > 0 else None,
            "clip_frames": dataset["num_frames"],
            "fps": dataset["default_fps"],
            "downsample": dataset["downsample_rate"],
            "window": dataset["max_seq_len"],
            "resize_to": dataset["max_seq_len"] if dataset["force_upsampling"] else None,
            "crop": dataset["crop_ratio"],
            "crop_keep": dataset["trunc_thresh"],
            "file_prefix": dataset["file_prefix"] or "",
        },
        "training": {
            "epochs": opt["epochs"] + opt["warmup_epochs"],  # theirs leave the warm-up out
            "warmup_epochs": opt["warmup_epochs"],
            "learning_rate": opt["learning_rate"],
            "final_learning_rate": opt["eta_min"],
            "weight_decay": opt["weight_decay"],
            "batch_size": read["loader"]["batch_size"],
            "clip_gradient_norm": max(read["train_cfg"]["clip_grad_l2norm"], 0),
            "input_noise": model["input_noise"],
            "label_smoothing": read["train_cfg"]["label_smoothing"],
            "regression_weight": read["train_cfg"]["loss_weight"],
            "initial_normalizer": read["train_cfg"]["init_loss_norm"],
            "center_radius": _radius(content, read["train_cfg"], origin, source),
            "regression_loss": "diou",
            "twins": "each" if origin == "tridet" else "once",
            "iou_power": model["iou_weight_power"] if origin == "tridet" else 0,
        },
        "inference": {
            "score_threshold": read["test_cfg"]["pre_nms_thresh"],
            "candidates_per_level": read["test_cfg"]["pre_nms_topk"],
            "min_length": read["test_cfg"]["duration_thresh"],
            "nms": read["test_cfg"]["nms_method"],
            "nms_sigma": read["test_cfg"]["nms_sigma"],
            "nms_tiou": read["test_cfg"]["iou_threshold"],
            "nms_per_class": per_class,
            "min_score": read["test_cfg"]["min_score"],
            "max_segments": read["test_cfg"]["max_seg_num"],
            "voting_tiou": 0 if per_class else read["test_cfg"]["voting_thresh"],  # per class theirs never votes
            "voting_weight": "score" if origin == "tridet" else "score_tiou",
            "precision": "fp32",  # as published
        },
    }


def _mapping(section: object, name: str, source: str) -> Mapping[str, Any]:
    if not isinstance(section or {}, Mapping):
        raise InputError(f"{source}: {name}: expected settings by name, found {section!r:.60}")
    return section or {}  # type: ignore[return-value] # it is one


def _section(given: Mapping[str, Any], name: str, source: str) -> dict[str, Any]:
    for key, value in given.items():
        if key in ONLY.get(name, {}):
            if value != ONLY[name][key]:
                raise InputError(
                    f"{source}: {name}.{key}: expected {ONLY[name][key]!r}, found {value!r}; not built here"
                )
        elif key not in DEFAULTS[name] and key not in NO_MATTER[name]:
            raise InputError(f"{source}: {name}.{key} is not a setting that is known here; what it does would be lost")
    usual = DEFAULTS[name]
    return usual | {
        key: of_kind(value, usual[key], key, f"{source}: {name}.{key}") if key in usual else value
        for key, value in given.items()
    }


def _model(read: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any], origin: str, source: str) -> dict[str, Any]:
    model, training = read["model"], read["train_cfg"]
    usual = [2, 5] if origin == "temporalmaxer" else [2, 2, 5]
    arch: list[int] = list(model["backbone_arch"] or usual)
    if len(arch) != len(usual):
        raise InputError(f"{source}: model.backbone_arch: expected {len(usual)} numbers like {usual}, found {arch}")
    layers, stem, branches = arch[0], sum(arch[1:-1]), arch[-1]
    if not all(0 <= number <= MOST for number in arch):
        raise InputError(f"{source}: model.backbone_arch: expected numbers from 0 to {MOST}, found {arch}")
    width, first = model["embd_dim"], model["regression_range"][0][1]
    if width != model["fpn_dim"]:
        raise InputError(f"{source}: model.embd_dim {width} and fpn_dim {model['fpn_dim']} must be equal")
    expected = [[0, first], *([first * 2**level, first * 2 ** (level + 1)] for level in range(branches))]
    ranges = [list(each) for each in model["regression_range"]]
    if ranges[:-1] != expected[:-1] or len(ranges) != len(expected):
        raise InputError(f"{source}: model.regression_range: expected ranges that double on {branches + 1} levels")
    network: dict[str, Any] = {
        "input_channels": given["input_dim"],
        "width": width,
        "levels": branches + 1,
        "stem_blocks": stem,
        "embedding_layers": layers,
        "position_length": read["dataset"]["max_seq_len"] if model["use_abs_pe"] else None,
        "drop_path": training["droppath"],
        "layer_scale": 1e-4 if training["droppath"] > 0 else 0,  # their drop path brings the scale
        "head_width": model["head_dim"],
        "head_layers": model["head_num_layers"],
        "head_kernel": model["head_kernel_size"],
        "prior": training["cls_prior_prob"],
        "first_range": first,
        "class_agnostic": given["num_classes"] == 1,
        "compat": read["dataset"]["max_seq_len"],  # its answers depend on the padding that it was trained with
    }
    return network | _kind(model, origin)


def _kind(model: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """What makes the network one of the three."""
    if origin == "temporalmaxer":
        return {"layout": "tridet", "mixer": "maxpool", "neck_norm": "group", "head": "light"}
    if origin == "actionformer":
        windows = model["n_mha_win_size"] if isinstance(model["n_mha_win_size"], list) else [model["n_mha_win_size"]]
        sizes = tuple(size if size > 1 else 0 for size in windows)
        return {
            "layout": "actionformer",
            "mixer": "attention",
            "attention": {"window": sizes if len(sizes) > 1 else sizes[0], "heads": model["n_head"], "key_bias": True},
            "mlp_factor": 4,
            "mlp_norm": "layer",
            "head": "light",
        }
    return {
        "layout": "tridet",
        "mixer": "sgp",
        "sgp": {
            "window": model["n_sgp_win_size"],
            "factor": model["k"],
            "init": "default" if model["init_conv_vars"] else "zeros",
        },
        "mlp_factor": model["sgp_mlp_dim"] / model["embd_dim"],
        "stem_scaled": False,
        "head": "trident" if model["use_trident_head"] else "light",
        "bins": model["num_bins"],
        "boundary_kernel": model["boudary_kernel_size"],
    }


def _radius(content: Mapping[str, Any], training: Mapping[str, Any], origin: str, source: str) -> float:
    if origin == "temporalmaxer":  # in the assigner there, whatever center_sample says
        assigner = _mapping(_mapping(content.get("model"), "model", source).get("assigner"), "model.assigner", source)
        return float(of_kind(assigner.get("center_radius", 1.5), 1.5, "", f"{source}: model.assigner.center_radius"))
    return float(training["center_sample_radius"]) if training["center_sample"] == "radius" else 0.0
