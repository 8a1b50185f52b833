"""The parameters of the published networks by the names that ours have."""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from logotal.errors import InputError

ATTENTION = {
    **{f"attn.{role}_conv.conv": f"mixer.convs.{i}.conv" for i, role in enumerate(("query", "key", "value"))},
    **{f"attn.{role}_norm": f"mixer.norms.{i}.norm" for i, role in enumerate(("query", "key", "value"))},
    **{f"attn.{role}": f"mixer.projections.{i}" for i, role in enumerate(("query", "key", "value"))},
    "attn.proj": "mixer.out",
    "ln1": "norm.norm",
    "ln2": "mlp_norm.norm",
    "mlp.0": "mlp.widen.conv",
    "mlp.3": "mlp.narrow.conv",
    "drop_path_attn": "mixer_scale",
    "drop_path_mlp": "mlp_scale",
}
SGP = {
    "fc": "mixer.linear",
    "global_fc": "mixer.average_gate",
    "convw": "mixer.narrow.conv",
    "convkw": "mixer.wide.conv",
    "psi": "mixer.window_gate.conv",
    "ln": "norm.norm",
    "gn": "mlp_norm",
    "mlp.0": "mlp.widen.conv",
    "mlp.2": "mlp.narrow.conv",
    "drop_path_out": "mixer_scale",
    "drop_path_mlp": "mlp_scale",
}
BLOCKS = {"actionformer": ATTENTION, "tridet": SGP, "temporalmaxer": {}}
"""The modules of a block, by the publication."""

LIGHT = {"cls_head": "classification.trunk", "reg_head": "regression.trunk"}
TRIDENT = {
    "cls_head": "classification.trunk",
    "reg_head": "regression.center",
    "start_head": "regression.start",
    "end_head": "regression.end",
}

NO_WEIGHTS = re.compile(r"backbone\.pos_embd|point_generator\.|.*\.num_batches_tracked")
"""What is made anew on both sides: positions and points."""


def rename(state: Mapping[str, Tensor], origin: str, expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A published state dict by our names and in our shapes; every key is used once or named in an error.

    Args:
        state: their names and tensors.
        origin: `actionformer`, `tridet` or `temporalmaxer`.
        expected: our state dict, for shapes.

    Raises:
        InputError: a key has no place here.
    """
    trident = any(key.startswith("start_head.") for key in state)
    renamed: dict[str, Tensor] = {}
    scales: dict[int, Tensor] = {}
    for key, value in state.items():
        if NO_WEIGHTS.match(key):
            continue
        if level := re.fullmatch(r"reg_head\.scale\.(\d+)\.scale", key):
            scales[int(level[1])] = value.reshape(())
            continue
        name = _ours(key, BLOCKS[origin], TRIDENT if trident else LIGHT)
        if name is None:
            raise InputError(f"key {key!r} {tuple(value.shape)} has no place in {origin} here; is --from right?")
        renamed[name] = _shaped(value, expected.get(name))
    if scales:
        renamed["regression.scale"] = torch.stack([scales[level] for level in sorted(scales)])
    return renamed


PLACES = (
    (re.compile(r"backbone\.embd\.(\d+)\.conv"), "encoder.embedding.convs.{}.conv"),
    (re.compile(r"backbone\.embd_norm\.(\d+)"), "encoder.embedding.norms.{}.norm"),
    (re.compile(r"neck\.fpn_norms\.(\d+)"), "encoder.norms.{}.norm"),
)
IN_HEADS = (
    (re.compile(r"head\.(\d+)\.conv"), "convs.{}.conv"),
    (re.compile(r"norm\.(\d+)"), "norms.{}.norm"),
    (re.compile(r"(cls|offset)_head\.conv"), "last.conv"),
)


def _ours(key: str, block: Mapping[str, str], heads: Mapping[str, str]) -> str | None:
    path, _, leaf = key.rpartition(".")
    for pattern, place in PLACES:
        if found := pattern.fullmatch(path):
            return f"{place.format(found[1])}.{leaf}"
    if (found := re.fullmatch(r"backbone\.(stem|branch)\.(\d+)\.(.+)", path)) and found[3] in block:
        where = "stem" if found[1] == "stem" else "blocks"
        return f"encoder.{where}.{found[2]}.{block[found[3]]}.{leaf}"
    head, _, rest = path.partition(".")
    for pattern, place in IN_HEADS if head in heads else ():
        if found := pattern.fullmatch(rest):
            return f"{heads[head]}.{place.format(found[1])}.{leaf}"
    return None


def _shaped(value: Tensor, ours: Tensor | None) -> Tensor:
    """(1, C, 1) as (C,) or (C, 1): the same numbers along the same axis. Other shapes are left for the strict load."""
    same = ours is not None and [n for n in value.shape if n > 1] == [n for n in ours.shape if n > 1]
    return value.reshape(ours.shape) if ours is not None and same else value
