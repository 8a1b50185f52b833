import pytest

from benchmarks.many_videos import annotations, detections, exponent


@pytest.mark.parametrize("power", [0.9, 1.0, 2.0])
def test_the_growth_is_fitted_on_what_large_sizes_need_besides_the_smallest(power: float) -> None:
    sizes = [10, 300, 1000, 3000, 10000]
    assert exponent(sizes, [3.0, *(3.0 + 1e-3 * size**power for size in sizes[1:])]) == pytest.approx(power)


def test_all_that_is_measured_is_the_same_each_time() -> None:
    truth = annotations(20)
    assert annotations(20) == truth
    assert detections(truth) == detections(truth)
    assert len(detections(truth)["results"]) == 20  # type: ignore[arg-type]
