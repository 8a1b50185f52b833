"""A few kills of a real command; `python -m reliability.kill` does it at many more moments, of all commands."""

from pathlib import Path
from random import Random

import pytest

from reliability.kill import kill_often, plan
from reliability.whole import faults, leftovers

pytest.importorskip("fcntl")


@pytest.mark.slow
def test_a_killed_command_leaves_whole_files_and_the_next_run_what_an_undisturbed_one_leaves(tmp_path: Path) -> None:
    row = kill_often("init", 2, 0, tmp_path)
    assert row.faults == []
    assert (row.kills, row.identical, row.broken, row.leftovers_stay) == (2, 2, 0, 0)


def test_moments_lie_in_all_parts_of_the_work_and_after_all_parts_of_the_writes() -> None:
    planned = plan(20, 100, Random(0))
    shares = sorted(moment.share for moment in planned if moment.share is not None)
    writes = sorted(moment.after_write for moment in planned if moment.after_write is not None)
    assert [int(share * 10) for share in shares] == list(range(10))
    assert [(number - 1) // 10 for number in writes] == list(range(10))


def test_a_cut_file_is_not_whole_and_a_leftover_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "timelines.json").write_text('{"results": {')
    (tmp_path / "page.html").write_text("<!doctype html>\n<html>")
    (tmp_path / "left_out.txt").write_text("")
    (tmp_path / ".run.part").mkdir()
    (tmp_path / ".run.part" / "config.yaml").write_text("model: {")
    assert [fault.split(":")[0] for fault in faults(tmp_path)] == ["page.html", "timelines.json"]
    assert leftovers(tmp_path) == [tmp_path / ".run.part"]
