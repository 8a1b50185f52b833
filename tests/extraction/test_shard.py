import pytest

from logotal.errors import InputError
from logotal.extraction.shard import Shard, find_shard

SLURM = {"ID": 7, "MIN": 4, "MAX": 13, "COUNT": 4, "STEP": 3}


@pytest.fixture(autouse=True)
def _no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JOB_COMPLETION_INDEX", *(f"SLURM_ARRAY_TASK_{name}" for name in SLURM)):
        monkeypatch.delenv(name, raising=False)


def slurm(monkeypatch: pytest.MonkeyPatch, **changes: int | str) -> None:
    for name, value in (SLURM | changes).items():
        monkeypatch.setenv(f"SLURM_ARRAY_TASK_{name}", str(value))


@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_video_is_in_one_part_and_parts_are_about_as_large(count: int) -> None:
    names = [f"day {day}/match_{match:03}" for day in range(7) for match in range(100)]
    parts = [{name for name in names if Shard(number, count).holds(name)} for number in range(1, count + 1)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(names)
    assert all(0.7 < len(part) * count / len(names) < 1.3 for part in parts)


def test_a_part_is_named_or_given_by_a_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_shard("3/8") == Shard(3, 8)
    assert str(Shard(3, 8)) == "3/8"
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "0")
    assert find_shard("auto/5") == Shard(1, 5)
    slurm(monkeypatch)
    assert find_shard("auto") == find_shard("auto/4") == Shard(2, 4)


@pytest.mark.parametrize(
    "text", ["", "3", "0/8", "9/8", "3/0", "-1/8", "3/8/2", "a/8", "1/99999999999", "auto/", "auto"]
)
def test_what_names_no_part_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--shard: expected NUMBER/COUNT, as 3/8"):
        find_shard(text)


def test_an_array_with_gaps_or_of_another_size_and_an_index_that_is_too_large_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "5")
    with pytest.raises(InputError, match="found '6/5'"):
        find_shard("auto/5")
    slurm(monkeypatch)
    with pytest.raises(InputError, match=r"expected an array of 5 tasks in a row, found 4 .*--array=1-5"):
        find_shard("auto/5")
    slurm(monkeypatch, MAX=16)
    with pytest.raises(InputError, match="found 4 from 4 to 16"):
        find_shard("auto")
    slurm(monkeypatch, MIN="")
    with pytest.raises(InputError, match="SLURM_ARRAY_TASK_MIN is '', expected a number"):
        find_shard("auto")
