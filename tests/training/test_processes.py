"""Several processes that share a batch learn as one that has it all; every video is scored once."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.training.processes import NORMALIZERS, Record, told
from tests.training.small import small_data

Records = dict[str, tuple[Record, Record, Record]]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """By normalizer, what one process saw of a training, and each of two with the same batches."""
    folder = tmp_path_factory.mktemp("processes")
    data = small_data(folder / "data", training=12)
    command = [sys.executable, "-W", "ignore", "-m", "tests.training.processes", str(data), str(folder)]
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": path}
    subprocess.run(command, cwd=root, env=environment, check=True, timeout=300)
    return {
        name: (
            told(data, folder / f"{name}-alone", name, devices=1),
            *(torch.load(folder / f"{name}-{rank}.pt", weights_only=True) for rank in (0, 1)),
        )
        for name in NORMALIZERS
    }


def test_there_is_more_than_one_normalizer() -> None:
    assert len(NORMALIZERS) > 1


@pytest.mark.parametrize("normalizer", NORMALIZERS)
def test_two_processes_have_the_gradients_and_normalizers_of_one_with_the_whole_batch(
    records: Records, normalizer: str
) -> None:
    alone, *both = (record["steps"] for record in records[normalizer])
    assert len(alone) == len(both[0]) == len(both[1]) == 4
    for steps in both:
        for one, shared in zip(alone, steps, strict=True):
            # Sums of fp32 numbers in another order: 1e-6 was measured; half of a batch is off by 1e-1 and more.
            assert distance(one["gradient"], shared["gradient"]) < 1e-5
            assert shared["normalizer"].item() == pytest.approx(one["normalizer"].item(), rel=1e-6)


@pytest.mark.parametrize("normalizer", NORMALIZERS)
def test_two_processes_end_with_the_weights_of_one(records: Records, normalizer: str) -> None:
    alone, *both = records[normalizer]
    start = alone["steps"][0]["weights"]
    for record in both:
        # Of the way that the weights went. Adam moves a weight whose gradient is nothing but rounding as far as any
        # other, here or there: a few of thousands do.
        assert torch.equal(record["steps"][0]["weights"], start)
        assert distance(alone["steps"][-1]["weights"], record["steps"][-1]["weights"], start) < 1e-2
        assert torch.equal(record["averages"], both[0]["averages"])
    assert distance(alone["averages"], both[0]["averages"]) < 1e-5


def distance(expected: torch.Tensor, found: torch.Tensor, start: torch.Tensor | float = 0.0) -> float:
    """How far two vectors are apart, as a part of how far the first is from a third."""
    return float((expected - found).norm() / (expected - start).norm())


@pytest.mark.parametrize("normalizer", NORMALIZERS)
def test_the_metrics_of_two_processes_are_those_of_one(records: Records, normalizer: str) -> None:
    alone, shared, _ = (list(csv.DictReader(io.StringIO(record["metrics"]))) for record in records[normalizer])
    for one, other in zip(alone, shared, strict=True):
        assert one.keys() == other.keys()
        for name in one.keys() - {"seconds"}:
            assert float(other[name]) == pytest.approx(float(one[name]), rel=1e-4), name


@pytest.mark.parametrize("normalizer", NORMALIZERS)
def test_each_process_that_evaluates_scores_every_video_once(records: Records, normalizer: str) -> None:
    alone, *both = records[normalizer]
    assert len(set(alone["timelines"])) == len(alone["timelines"]) == 3
    for record in both:
        assert record["scored"] == [record["timelines"]] == [alone["timelines"]]
        assert record["counts"] == both[0]["counts"]
        assert record["counts"]["truths"] == alone["counts"]["truths"]


@pytest.mark.parametrize("normalizer", NORMALIZERS)
def test_thresholds_are_chosen_by_the_first_process_alone_on_every_video_held_out(
    records: Records, normalizer: str
) -> None:
    alone, first, second = records[normalizer]
    assert len(alone["held_out"][0]) == len(set(alone["held_out"][0])) == 3
    assert (first["held_out"], second["held_out"]) == (alone["held_out"], [])
