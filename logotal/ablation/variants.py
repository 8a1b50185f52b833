"""The tables of the ablation: what each row changes in a recipe, and what the paper says of it.

The paper (Li and Yang, 2025) prints its Tables 3 to 5 as pictures; the numbers here are those of its text, percent of
mAP under the named protocol. A row of which the text gives none has none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from logotal.errors import InputError, did_you_mean

Numbers = Mapping[str, Mapping[str, float]]
"""Percent by protocol and measure; a measure is an average of the protocol ("0.3:0.7") or one of its tIoUs ("0.5")."""

FULL: Numbers = {
    "thumos14": {"0.3:0.7": 69.2},
    "activitynet13": {"0.5:0.95": 36.7, "0.5": 54.8, "0.75": 37.8},
}
"""The paper's full model: LoGo blocks, CLFF head, 6 levels."""

FULL_MODEL = {"mixer": "logo", "head": "clff", "levels": 6}


def _thumos(average: float) -> Numbers:
    return {"thumos14": {"0.3:0.7": average}}


@dataclass(frozen=True)
class Row:
    """What a row changes in the recipe, and the paper's numbers for it."""

    name: str
    model: Mapping[str, Any] = field(default_factory=dict)
    preset: str | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    paper: Numbers = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Rows side by side; the first is what the others are compared to.

    With a `setting` (a dotted key) and its `values`, the first row is the recipe as it is, the others have the values
    that the recipe has not.
    """

    title: str
    about: str
    rows: tuple[Row, ...] = ()
    setting: str | None = None
    values: tuple[Any, ...] = ()


TABLES = {
    "mixer": Table(
        "Table 3: what looks along time",
        "Block by block the same pyramid; the paper's text does not say which head its first three rows have, here "
        "they have the Trident head, so that each row changes one thing.",
        rows=(
            Row("convolutions", {"mixer": "conv", "head": "trident"}, paper=_thumos(62.1)),
            Row("self-attention", {"mixer": "attention", "head": "trident"}, paper=_thumos(66.8)),
            Row("LoGo", {"mixer": "logo", "head": "trident"}, paper=_thumos(68.0)),
            Row("LoGo + CLFF", {"mixer": "logo", "head": "clff"}, paper=FULL),
        ),
    ),
    "head": Table(
        "Table 4: regression heads",
        "The paper's text gives the full model's average only, and says that Trident is slightly better at tIoU 0.7. "
        "The last row is ours: the paper's fusion without its Trident branches.",
        rows=(
            Row("light", {"head": "light"}),
            Row("Trident", {"head": "trident"}),
            Row("CLFF", {"head": "clff"}, paper=FULL),
            Row("light on fused levels", {"head": "clff-light"}),
        ),
    ),
    "levels": Table(
        "Table 5: pyramid levels",
        "The paper's text says that the average rises from 3 to 6 levels and falls slightly at 7.",
        rows=tuple(Row(str(n), {"levels": n}, paper=FULL if n == 6 else {}) for n in (3, 4, 5, 6, 7)),
    ),
    "layout": Table(
        "Layout of the pyramid",
        "'paper': level 0 is the embedding, pooling ends a block; 'tridet': two stem blocks, then pooling before each.",
        setting="model.layout",
        values=("paper", "tridet"),
    ),
    "local": Table(
        "Local branch of LoGo",
        "The paper's depthwise convolution, local self-attention in its place, or both, summed.",
        setting="model.logo.local",
        values=("convolution", "attention", "both"),
    ),
    "fc": Table(
        "Fully connected layers of LoGo",
        "Eq. 4-6 with a matrix over the channels, or with one scale and bias per channel.",
        setting="model.logo.fc",
        values=("dense", "per_channel"),
    ),
    "gate": Table(
        "Gates of LoGo",
        "What the two gates end in; the paper says ReLU.",
        setting="model.logo.gate",
        values=("relu", "sigmoid", "softplus"),
    ),
    "layer_scale": Table(
        "Start of LayerScale",
        "Where the learned factor of each residual branch starts; the paper has none, which 0 stands for.",
        setting="model.layer_scale",
        values=(0.0, 0.01, 0.1, 0.3, 1.0),
    ),
    "fusion": Table(
        "Weights of the cross-level fusion",
        "'shared': two scalars w1 and w2 for all levels; 'per_level': two for each.",
        setting="model.fusion.weights",
        values=("shared", "per_level"),
    ),
    "boundary_init": Table(
        "Start of the boundary branches",
        "'normal' draws the weights of the start and end branches from N(0, 0.1), as the paper says.",
        setting="model.boundary_init",
        values=("default", "normal"),
    ),
    "regression_loss": Table(
        "Regression loss",
        "GIoU equals IoU here, because both segments hold the point; DIoU adds the distance of the centers.",
        setting="training.regression_loss",
        values=("giou", "diou"),
    ),
    "normalizer": Table(
        "Normalizer of the losses",
        "'ema': both losses over a running count of positives; 'paper': Eq. 7 as printed.",
        setting="training.normalizer",
        values=("ema", "paper"),
    ),
    "departures": Table(
        "Departures from the paper",
        "One change at a time to the paper read literally: no LayerScale, boundaries from N(0, 0.1), Eq. 7 as printed.",
        rows=(
            Row("the paper", preset="logo-paper"),
            Row("boundaries from PyTorch's start", {"boundary_init": "default"}, preset="logo-paper"),
            *(
                Row(f"LayerScale from {start:g}", {"layer_scale": start}, preset="logo-paper")
                for start in (0.01, 0.3, 1.0)
            ),
            Row("running count of positives", preset="logo-paper", training={"normalizer": "ema"}),
            Row(
                "boundaries, LayerScale from 0.3 and running count",
                {"boundary_init": "default", "layer_scale": 0.3},
                preset="logo-paper",
                training={"normalizer": "ema"},
            ),
        ),
    ),
    "inner_residual": Table(
        "Residual inside LoGo",
        "Whether Eq. 4 adds x, besides the residual of Eq. 1.",
        setting="model.logo.inner_residual",
        values=(True, False),
    ),
    "peers": Table(
        "Peers",
        "Networks and losses of other publications with the recipe's sizes, data and schedule: not their authors' "
        "best settings.",
        rows=(
            Row("logo (the recipe)"),
            Row("logo-paper", preset="logo-paper", paper=FULL),
            Row("logo-light", preset="logo-light"),
            Row("logo-lean", preset="logo-lean"),
            Row("logo-pair", preset="logo-pair"),
            Row("actionformer", preset="actionformer"),
            Row("tridet", preset="tridet"),
            Row("temporalmaxer", preset="temporalmaxer"),
            Row("linear", preset="linear"),
        ),
    ),
}
NUMBERED = {"3": "mixer", "4": "head", "5": "levels"}
"""The paper's numbers are names too."""


def find_tables(names: Iterable[str]) -> tuple[str, ...]:
    """The names of tables, each once and in the order of `TABLES`; "3" means the paper's Table 3.

    Raises:
        InputError: there is no such table, or no name at all.
    """
    chosen = {NUMBERED.get(name, name) for name in names}
    for name in sorted(chosen - TABLES.keys()):
        raise InputError(f"no table {name!r}; {did_you_mean(name, (*TABLES, *NUMBERED))}")
    if not chosen:
        raise InputError(f"no tables; name some of {', '.join(TABLES)}")
    return tuple(name for name in TABLES if name in chosen)
