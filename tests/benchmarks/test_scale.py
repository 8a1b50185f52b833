import dataclasses
import doctest
import re
from pathlib import Path

import pytest

from benchmarks import scale
from benchmarks.scale import WAYS, Assumed, Measured, tables
from logotal.backbones.backbone import find_backbone

PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text()


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(scale).failed == 0


def test_the_page_has_the_tables_of_the_script() -> None:
    for table in tables(Assumed()):
        assert f"\n\n{table}" in PAGE


def test_features_are_as_large_as_those_of_the_backbones() -> None:
    for way in WAYS:
        assert way.channels == find_backbone(way.name.split(",")[0]).channels
    assert WAYS[-1].megabytes(fps=30) == pytest.approx(110.6, abs=0.1)  # 27,000 steps of 4 KiB


def test_a_machine_is_as_fast_as_the_slower_of_its_gpu_and_its_cores() -> None:
    way, measured = WAYS[-1], Measured(decode=0.1)
    many, few = (Assumed(gpu_cores=cores) for cores in (1000, 2))
    assert way.on_machine(few, measured) == pytest.approx(20)
    assert way.on_machine(many, measured) == way.on_gpu(many)
    twice = dataclasses.replace(many, gpu_tflops=2 * many.gpu_tflops)
    assert way.on_machine(twice, measured) == pytest.approx(2 * way.on_gpu(many))


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Assumed)])
def test_every_assumption_counts(field: str) -> None:
    changed = dataclasses.replace(Assumed(), **{field: 3 * getattr(Assumed(), field)})
    if field in ("gpu_tflops", "gpu_reached"):  # which decoding hides
        changed = dataclasses.replace(changed, gpu_cores=1000)
        assert list(tables(changed)) != list(tables(Assumed(gpu_cores=1000)))
    assert list(tables(changed)) != list(tables(Assumed()))


def test_the_page_names_the_prices_that_it_counts_with() -> None:
    assumed = Assumed()
    for price in (assumed.gpu_price, assumed.core_price, assumed.stored_price, assumed.requests_price):
        assert re.search(rf"\${price:g}\b", PAGE), price
