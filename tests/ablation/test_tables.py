"""Means, deviations and differences by hand, and the pages that show them."""

import html
import math
import re

import pytest

from logotal.ablation.costs import Cost
from logotal.ablation.page import Report, explanations, markdown, page
from logotal.ablation.tables import Line, cells, mean_and_deviation, paired_difference
from logotal.recipes import read_recipe

FIRST = {
    "seed0": {"0.3:0.7": 60.0, "0.5": 70.0},
    "seed1": {"0.3:0.7": 62.0, "0.5": 71.0},
    "seed2": {"0.3:0.7": 64.0, "0.5": 72.0},
}
OTHER = {
    "seed0": {"0.3:0.7": 61.0, "0.5": 69.0},
    "seed1": {"0.3:0.7": 65.0, "0.5": 70.0},
    "seed2": {"0.3:0.7": 66.0, "0.5": 71.0},
}
ONE = {"seed1": {"0.3:0.7": 60.0, "0.5": 60.0}}

LINES = (
    Line("light", FIRST, cost=Cost(7_120_000, 23_480_000_000, 41.25)),
    Line("a|b", OTHER, {"0.3:0.7": 69.2}, Cost(15_990_000, 43_680_000_000, 87.5)),
    Line("begun", ONE),
    Line("waiting", {}),
)


def test_a_mean_has_the_sample_deviation_and_one_value_has_none() -> None:
    assert mean_and_deviation([60.0, 62.0, 64.0]) == (62.0, 2.0)
    assert mean_and_deviation([61.5]) == (61.5, None)


def test_a_difference_is_paired_by_run() -> None:
    # 1, 3, 2: mean 2, sample deviation 1, its error 1 / sqrt(3); unpaired it would be far larger
    mean, error, count = paired_difference(OTHER, FIRST, "0.3:0.7") or pytest.fail("no run in common")
    assert (mean, count) == (2.0, 3)
    assert error == pytest.approx(1 / math.sqrt(3))
    assert paired_difference(OTHER, FIRST, "0.5") == (-1.0, 0.0, 3)


def test_a_difference_takes_only_the_runs_of_both() -> None:
    assert paired_difference(ONE, FIRST, "0.3:0.7") == (-2.0, None, 1)
    assert paired_difference(ONE, {"seed7": {"0.3:0.7": 1.0}}, "0.3:0.7") is None
    line = Line("more", OTHER | {"seed5": {"0.3:0.7": 99.0}})
    shown = cells((Line("first", FIRST), line), ["0.3:0.7"])[2]
    assert shown[2] == "+2.00 ± 0.58 (3 runs)"


def test_cells_have_the_paper_s_numbers_in_a_column_of_their_own() -> None:
    assert cells(LINES, ["0.3:0.7", "0.5"], comparable=True) == [
        [
            *("", "paper 0.3:0.7", "ours 0.3:0.7", "difference", "ours 0.5", "difference"),
            *("runs", "parameters (M)", "GMACs", "ms"),
        ],
        ["light", "-", "62.00 ± 2.00", "-", "71.00 ± 1.00", "-", "3", "7.12", "23.5", "41.2"],
        ["a|b", "69.2", "64.00 ± 2.65", "+2.00 ± 0.58", "70.00 ± 1.00", "-1.00 ± 0.00", "3", "16.0", "43.7", "87.5"],
        ["begun", "-", "60.00", "-2.00", "60.00", "-11.00", "1", "-", "-", "-"],
        ["waiting", "-", "-", "-", "-", "-", "0", "-", "-", "-"],
    ]


def test_a_table_that_the_paper_has_keeps_an_empty_column_where_its_numbers_do_not_apply() -> None:
    lines = (Line("light", FIRST), Line("CLFF", OTHER))
    assert cells(lines, ["0.5"], comparable=True)[:2] == [
        ["", "paper", "ours 0.5", "difference", "runs", "parameters (M)", "GMACs", "ms"],
        ["light", "-", "71.00 ± 1.00", "-", "3", "-", "-", "-"],
    ]
    assert "paper" not in cells(lines, ["0.5"])[0]


REPORT = Report(
    title="Ablation of thumos14",
    state="7 of 12 trainings are finished, 1 failed.",
    caption="mAP in percent by protocol 'thumos14' on split 'Test'",
    tables=[("Table 4: heads", "About | heads.", cells(LINES, ["0.3:0.7"], comparable=True))],
    notes=["Ours: these.", "Paper: those."],
    failures={"waiting, seed 0": "no memory:\n<all> gone"},
)


def test_the_markdown_is_as_written_here() -> None:
    assert (
        markdown(REPORT)
        == """\
# Ablation of thumos14

7 of 12 trainings are finished, 1 failed.

## Table 4: heads

About \\| heads.

mAP in percent by protocol 'thumos14' on split 'Test':

|  | paper 0.3:0.7 | ours 0.3:0.7 | difference | runs | parameters (M) | GMACs | ms |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| light | - | 62.00 ± 2.00 | - | 3 | 7.12 | 23.5 | 41.2 |
| a\\|b | 69.2 | 64.00 ± 2.65 | +2.00 ± 0.58 | 3 | 16.0 | 43.7 | 87.5 |
| begun | - | 60.00 | -2.00 | 1 | - | - | - |
| waiting | - | - | - | 0 | - | - | - |

## Failed

- waiting, seed 0: no memory: &lt;all&gt; gone

## What the numbers are

- Ours: these.
- Paper: those.
"""
    )


def test_the_page_has_the_same_cells_and_runs_no_script() -> None:
    text = page(REPORT)
    rows = re.findall(r"<tr>(.*?)</tr>", text)
    shown = [[html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]
    assert shown[: 1 + len(LINES)] == REPORT.tables[0][2]
    assert shown[-1] == ["waiting, seed 0", "no memory: <all> gone"]
    assert REPORT.state in html.unescape(text)
    assert REPORT.caption in html.unescape(text)
    assert "<script" not in text


def test_the_words_say_which_protocol_the_numbers_are_by() -> None:
    thumos = " ".join(explanations(read_recipe("thumos14"), recipe="thumos14", seeds=(0, 1), changed={}))
    assert "(seeds 0, 1)" in thumos
    assert "beside ours by the same protocol 'thumos14' on split 'Test'" in thumos
    assert "every row: nothing." in thumos
    changed = {"training.epochs": 60}
    sbhar = " ".join(explanations(read_recipe("sbhar"), recipe="sbhar", seeds=(0,), changed=changed))
    assert "by protocol 'sbhar' on split 'validation', another data set or other rules" in sbhar
    assert "every row: training.epochs 60." in sbhar
    moved = read_recipe("thumos14", {"data": {"evaluation_split": "Validation"}})
    assert "another data set or other rules" in " ".join(explanations(moved, recipe="x", seeds=(0,), changed={}))


def test_the_words_say_what_was_held_out() -> None:
    folded = read_recipe("thumos14", {"data": {"fold": (0, 3)}})
    words = " ".join(explanations(folded, recipe="thumos14", seeds=(0,), changed={}))
    assert "on 3 folds of split 'Validation', each held out in turn" in words
    assert "the paper's column stays empty" in words
