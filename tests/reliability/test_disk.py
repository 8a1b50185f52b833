"""Commands that cannot write say so in one line; without privileges, by a limit on the size of files."""

from pathlib import Path

import pytest

from reliability.disk import try_command

pytest.importorskip("resource")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["init", "evaluate"])
def test_a_command_that_cannot_write_says_so_in_one_line_and_changes_nothing(command: str, tmp_path: Path) -> None:
    row = try_command(command, tmp_path, real=False, halves=False)
    assert row.faults == []
    assert row.tried == row.sound_tries == (1 if command == "evaluate" else 2)
    assert all(": cannot be written (" in said for said in row.said.values())
