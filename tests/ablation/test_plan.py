"""What the rows of the tables are: configurations that hold, differ, and are shared where they are the same."""

from pathlib import Path
from typing import Any

import pytest
import torch

from logotal.ablation.jobs import job_list
from logotal.ablation.plan import Plan, identity, make_plan, measures
from logotal.ablation.variants import TABLES, find_tables
from logotal.config import Config, ModelConfig
from logotal.errors import InputError
from logotal.model.detector import build_detector
from logotal.recipes import merge, preset_names, read_recipe, recipe_names
from logotal.recipes.keys import changes, flat

NARROW = {"model": {"width": 16, "head_width": 16, "input_channels": 8}}


def plan(name: str, recipe: str = "thumos14", overrides: dict[str, Any] | None = None) -> Plan:
    made = make_plan(name, recipe, overrides or {})
    assert isinstance(made, Plan)
    return made


def configs(name: str, recipe: str = "thumos14", overrides: dict[str, Any] | None = None) -> dict[str, Config]:
    return {variant.name: variant.config for variant in plan(name, recipe, overrides).variants}


def suited(name: str) -> dict[str, Any]:
    """What a recipe may need to have, so that the table means anything."""
    return {"model": {"head": "clff"}} if name == "boundary_init" else {}


@pytest.mark.parametrize("recipe", recipe_names())
@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_rows_for_every_recipe(name: str, recipe: str) -> None:
    found = configs(name, recipe, suited(name))
    assert len(found) >= 2
    named = {row.name for row in TABLES[name].rows if row.preset and not row.model and not row.training}
    first, *others = found
    different = [first, *(each for each in others if not (each in named and found[each] == found[first]))]
    assert len({identity(found[each]) for each in different}) == len(different)
    assert len(found) - len(different) <= 1, "a recipe is one preset at most"


@pytest.mark.parametrize("recipe", recipe_names())
@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.setting])
def test_our_own_tables_begin_with_the_recipe_as_it_is(name: str, recipe: str) -> None:
    (first, *others), key = plan(name, recipe, suited(name)).variants, TABLES[name].setting
    assert key is not None
    assert first.config == read_recipe(recipe, suited(name))
    for other in others:
        assert changes(other.config, first.config) == {key: flat(other.config.model_dump())[key]}
    shown = [flat(variant.config.model_dump())[key] for variant in (first, *others)]
    assert set(shown) >= set(TABLES[name].values)
    assert len(set(shown)) == len(shown)


def test_a_value_that_only_the_recipe_has_is_the_first_row() -> None:
    names = list(configs("layer_scale", overrides={"model": {"layer_scale": 0.5}}))
    assert names == ["0.5 (the recipe)", "0.0", "0.01", "0.1", "0.3", "1.0"]


def outputs(model: ModelConfig) -> tuple[list[torch.Tensor], torch.Tensor]:
    """The initial weights, and what the network makes of the same features."""
    torch.manual_seed(0)
    network = build_detector(model, num_labels=3).eval()
    features = torch.randn(1, 8, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        predictions = network(features, torch.ones(1, 1, 64, dtype=torch.bool))
    return list(network.state_dict().values()), predictions.logits


@pytest.mark.parametrize("name", TABLES)
def test_every_row_differs_from_the_first_in_the_network_or_the_training(name: str) -> None:
    first, *others = configs(name, "sbhar", merge(NARROW, suited(name))).values()
    weights, logits = outputs(first.model)
    for other in others:
        if other.training != first.training or other == first:  # a preset that the recipe is already
            continue
        theirs, seen = outputs(other.model)
        same_weights = len(theirs) == len(weights) and all(map(torch.equal, theirs, weights))
        assert not (same_weights and torch.equal(seen, logits))


def test_the_paper_s_tables_change_what_the_paper_changes() -> None:
    mixers = [(c.model.mixer, c.model.head, c.model.levels) for c in configs("mixer").values()]
    assert mixers == [
        ("conv", "trident", 6),
        ("attention", "trident", 6),
        ("logo", "trident", 6),
        ("logo", "clff", 6),
    ]
    assert [c.model.head for c in configs("head").values()] == ["light", "trident", "clff", "clff-light"]
    assert [c.model.levels for c in configs("levels").values()] == [3, 4, 5, 6, 7]


def test_peers_are_the_recipe_and_all_presets() -> None:
    first, *others = plan("peers").variants
    assert first.config == read_recipe("thumos14")
    assert {variant.name for variant in others} == set(preset_names())
    for variant in others:
        assert variant.config == read_recipe("thumos14", preset=variant.name)


def test_the_paper_s_numbers_are_those_of_its_text() -> None:
    found = {name: {v.name: dict(v.paper) for v in plan(name).variants if v.paper} for name in TABLES}
    average = "0.3:0.7"
    assert {name: rows for name, rows in found.items() if rows} == {
        "mixer": {
            "convolutions": {average: 62.1},
            "self-attention": {average: 66.8},
            "LoGo": {average: 68.0},
            "LoGo + CLFF": {average: 69.2},
        },
        "head": {"CLFF": {average: 69.2}},
        "levels": {"6": {average: 69.2}},
        "peers": {"logo-paper": {average: 69.2}},
    }
    rows = {variant.name: variant.paper for variant in plan("mixer", "activitynet13").variants}
    assert rows["LoGo + CLFF"] == {"0.5:0.95": 36.7, "0.5": 54.8, "0.75": 37.8}
    assert not any(rows[name] for name in ("convolutions", "self-attention", "LoGo"))
    assert measures("activitynet13") == ("0.5:0.95", "0.5", "0.75")


@pytest.mark.parametrize(
    "overrides",
    [
        {"data": {"protocol": "thumos14-opentad"}},
        {"data": {"protocol": "generic"}},
        {"data": {"evaluation_split": "Validation"}},
        {"model": {"levels": 5}},
    ],
)
def test_the_paper_s_numbers_are_absent_under_another_protocol_split_or_model(overrides: dict[str, Any]) -> None:
    assert not any(variant.paper for variant in plan("mixer", overrides=overrides).variants)


def test_rows_that_are_the_same_are_one_job(tmp_path: Path) -> None:
    base = read_recipe("thumos14")
    plans = [plan(name) for name in ("mixer", "head", "levels", "fc")]
    jobs = job_list(plans, base, (3, 1), tmp_path)
    assert [job.seed for job in jobs] == [3] * 11 + [1] * 11  # 4 + 4 + 5 + 2 rows, the recipe 4 times, Trident twice
    assert len({job.folder for job in jobs}) == 22
    names = [job.folder.parent.name.rsplit("-", 1)[0] for job in jobs[:11]]
    assert names == [
        "mixer-conv_head-trident",
        "mixer-attention_head-trident",
        "head-trident",
        "recipe",
        "head-light",
        "head-clff-light",
        "levels-3",
        "levels-4",
        "levels-5",
        "levels-7",
        "logo.fc-per_channel",
    ]
    assert jobs[0].folder.name == "seed3"


def test_folds_are_runs_of_their_own_and_the_paper_s_numbers_are_not_theirs(tmp_path: Path) -> None:
    overrides = {"data": {"fold": (0, 3)}}
    folded = plan("mixer", overrides=overrides)
    assert not any(variant.paper for variant in folded.variants)
    jobs = job_list([folded], read_recipe("thumos14", overrides), (4, 5), tmp_path, 3)
    assert [(job.fold, job.folder.name) for job in jobs[::4]] == [
        (fold, f"fold{fold}-seed{seed}") for seed in (4, 5) for fold in range(3)
    ]
    assert jobs[4].config.data.fold == (1, 3)
    assert jobs[4].name.endswith(", fold 1, seed 4")
    assert {job.key for job in jobs} == {identity(variant.config) for variant in plan("mixer").variants}


def test_a_run_folder_does_not_depend_on_the_tables_that_are_asked_for(tmp_path: Path) -> None:
    base = read_recipe("thumos14")
    by_mixer = {job.key: job.folder for job in job_list([plan("mixer")], base, (0,), tmp_path)}
    by_head = {job.key: job.folder for job in job_list([plan("head")], base, (0,), tmp_path)}
    shared = by_mixer.keys() & by_head.keys()
    assert len(shared) == 2
    assert all(by_mixer[key] == by_head[key] for key in shared)


def test_identity_ignores_the_seed_and_where_the_data_lie_and_nothing_else() -> None:
    base = read_recipe("thumos14")
    moved = {"data": {"features": "/elsewhere", "annotations": "/a.json"}, "training": {"seed": 9}}
    assert identity(read_recipe("thumos14", moved)) == identity(base)
    for other in ({"data": {"window": 1000}}, {"training": {"epochs": 41}}, {"inference": {"nms": "hard"}}):
        assert identity(read_recipe("thumos14", other)) != identity(base)


def test_settings_hold_for_every_row_and_a_row_s_own_come_on_top() -> None:
    found = configs("levels", overrides={"model": {"levels": 2, "width": 64}, "training": {"epochs": 60}})
    assert {(c.model.width, c.training.epochs) for c in found.values()} == {(64, 60)}
    assert [c.model.levels for c in found.values()] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("fc", {"model": {"mixer": "conv"}}),
        ("fusion", {"model": {"head": "trident"}}),
        ("boundary_init", {"model": {"head": "light"}}),
    ],
)
def test_a_table_that_means_nothing_for_a_recipe_says_why(name: str, overrides: dict[str, Any]) -> None:
    sentence = make_plan(name, "thumos14", overrides)
    assert isinstance(sentence, str)
    assert sentence.startswith(f"table {name!r} is left out: it needs model.")


def test_a_row_that_cannot_be_had_names_itself() -> None:
    with pytest.raises(InputError, match=r"table 'peers', row 'actionformer': .* found conv; leave the table out"):
        make_plan("peers", "thumos14", {"model": {"mixer": "conv"}})


def test_tables_are_found_by_name_and_by_the_paper_s_number() -> None:
    assert find_tables(["fc", "4", "3", "fc"]) == ("mixer", "head", "fc")
    assert find_tables(TABLES) == tuple(TABLES)


@pytest.mark.parametrize(("name", "hint"), [("mixr", "did you mean 'mixer'"), ("6", "valid: mixer, head, levels")])
def test_an_unknown_table_is_an_error_that_names_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(InputError, match=f"no table '{name}'; {hint}"):
        find_tables(["fc", name])


def test_no_table_at_all_is_an_error() -> None:
    with pytest.raises(InputError, match="no tables; name some of mixer"):
        find_tables([])
