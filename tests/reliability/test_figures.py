"""The page of figures says what was recorded, and how to make it again."""

import doctest
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from reliability import crowd, disk, figures, kill, watching
from reliability import record as record_module
from reliability.record import record, recorded


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(figures).failed == 0


def test_what_is_recorded_stands_on_the_page(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    killed = kill.Row("extract", 5.0, 2.5, kills=50, with_files=40, with_all=1, leftovers=7, identical=49)
    record("kill", {"extract": asdict(killed) | {"made_by": "python -m reliability.kill"}}, path)
    full = disk.Row("init", True, 4, 4, said={"full disk, 0 bytes free": "logotal: PLACE: no room"})
    record("disk", {"init": asdict(full) | {"made_by": "python -m reliability.disk"}}, path)
    many = crowd.Row("detect", 1000, 28, 61.2, results=972, named=28, said={".npy, text": "..."})
    record("crowd", {"detect": asdict(many) | {"made_by": "python -m reliability.crowd"}}, path)
    long = watching.Row(3, [500.0, 501.2, 500.6], 36, 720.0)
    record("watching", {"watch": asdict(long) | {"made_by": "python -m reliability.watching"}}, path)
    row = {"tried": 8, "killed": 6, "survivors": ["a.py:3 AddNot", "b.py:4 AddNot"]}
    row |= {"tested_since": ["b.py:4 AddNot"], "equivalent": {"a.py:3 AddNot": "it is the size of a batch"}}
    row |= {"made_by": "python -m reliability.mutants"}
    record("mutants", {"model": row}, path)
    page = figures.page(recorded(path))
    assert "The tests noticed 6 of 8: 75%; of those that change anything that can be seen, 6 of\n7: 86%." in page
    assert "| `logotal/model` | 8 | 6 | 1 |" in page
    assert "- `a.py:3 AddNot`: changes nothing that can be seen (it is the size of a batch)\n" in page
    assert "\n- `b.py:4 AddNot`, tested since\n" in page
    assert "| `extract` | 50 | 39 | 0 | 7 | 0 | 49 | 1 |" in page
    assert "| `init` | 4 | 4 | `logotal: PLACE: no room` |" in page
    assert "| `detect` | 1,000 | 28 | 972 | 28 |" in page
    assert "on 3 hours of video" in page
    assert "(15 times real time, other work beside it): 36 actions" in page
    assert "| MiB | 500 | 501 | 501 |" in page
    assert "## Broken files" not in page, "nothing was recorded of it"
    assert all(f"python -m reliability.{name}\n" in page for name in ("kill", "disk", "crowd", "watching", "mutants"))


def test_no_folder_of_the_machine_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    said = [f'File "{folder}/a.py", line 3' for folder in (sys.prefix, record_module.ROOT, tempfile.gettempdir())]
    record("signals", {"train": {"faults": said, "said": {"a": said[0]}}}, path)
    row = recorded(path)["signals"]["train"]
    assert row["faults"] == [f'File "{word}/a.py", line 3' for word in ("PYTHON", "PROJECT", "TEMPORARY")]
    assert row["said"] == {"a": row["faults"][0]}
    for folder in (sys.prefix, str(record_module.ROOT), tempfile.gettempdir()):
        assert folder not in record_module.RESULTS.read_text()
        assert folder not in figures.PAGE.read_text()


def test_a_later_record_of_one_command_keeps_the_others(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    record("kill", {"train": {"kills": 1}, "init": {"kills": 1}}, path)
    record("kill", {"train": {"kills": 2}}, path)
    assert {name: row["kills"] for name, row in recorded(path)["kill"].items()} == {"train": 2, "init": 1}
