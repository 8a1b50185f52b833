"""Label files with numbers and lines beyond reason: a sentence, or labels, at once."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.formats import workbook
from logotal.formats.labels import read_labels
from tests.formats.label_texts import read
from tests.hostile.limits import within


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".vtt", ".srt", ".annot"])
@pytest.mark.parametrize("start", ["0:00", "1-25", "a 1 2", "Bento annotation file\nch1", "video,label,start,end\na,"])
@pytest.mark.parametrize("fill", [" ", "-", "x", "<"], ids=["spaces", "hyphens", "letters", "tags"])
def test_a_line_of_a_hundred_thousand_characters_is_read_or_refused_at_once(
    fill: str, start: str, suffix: str, tmp_path: Path
) -> None:
    with within(3):
        said = ""
        try:
            read(tmp_path, f"a{suffix}", f"{start} x{fill * 100_000}x\n")
        except InputError as error:
            said = str(error)
    assert len(said) < 5000


@pytest.mark.parametrize("key", ["frame", "num_frames"])
def test_a_frame_beyond_all_numbers_is_a_sentence(key: str, tmp_path: Path) -> None:
    event = {"frame": 10**400 if key == "frame" else 1, "label": "serve"}
    video = {"video": "a", "fps": 50.0, "num_frames": 10**400 if key == "num_frames" else 9, "events": [event]}
    with pytest.raises(InputError, match=rf"video 0: .*{key}: .*less than or equal"):
        read(tmp_path, "train.json", json.dumps([video]))


def test_a_count_of_rows_with_thousands_of_digits_is_none(tmp_path: Path) -> None:
    rows = "\n".join(f"{'9' * 5000},{i % 2}" for i in range(20))
    with pytest.raises(InputError):
        read(tmp_path, "a.csv", f"frame,jump\n{rows}\n")


def test_a_table_of_thirty_thousand_columns_and_a_textgrid_of_empty_lines_are_read_at_once(tmp_path: Path) -> None:
    columns = ",".join(f"c{i}" for i in range(30_000))
    with within(5):
        assert read(tmp_path, "a.csv", f"video,start,end,label,{columns}\na,1,2,x\n").actions == 1
        with pytest.raises(InputError, match="found the end of the TextGrid"):
            read(tmp_path, "a.TextGrid", 'File type = "ooTextFile"\nObject class = "TextGrid"\n' + "\n" * 100_000 + "x")


def test_a_charades_table_with_more_of_another_delimiter_is_a_sentence(tmp_path: Path) -> None:
    header = "id,subject,scene,script,actions".replace(",", "\t,")
    with pytest.raises(InputError, match=r"a\.csv: expected commas between columns, found '\\t'"):
        read(tmp_path, "a.csv", f"{header}\t\t\t\n1,2\n")


@pytest.mark.parametrize("kind", ["one text", "empty rows"])
def test_a_workbook_that_unpacks_beyond_reason_is_refused_before_it_is_read(kind: str, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    whole, sheet = io.BytesIO(), "xl/worksheets/sheet1.xml"
    openpyxl.Workbook().save(whole)
    begin = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    begin += b'<row><c t="inlineStr"><is><t>' if kind == "one text" else b""
    with (
        zipfile.ZipFile(whole) as old,
        zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist()} - {sheet}:
            new.writestr(name, old.read(name))
        new.writestr(sheet, begin + (b"a" * 12 if kind == "one text" else b"<row/>") * 5_000_000)
    with within(5), pytest.raises(InputError, match=r"a\.xlsx: not a workbook .*its parts hold .* expected at most"):
        read_labels(tmp_path / "a.xlsx")


def test_a_sheet_ends_after_a_hundred_thousand_empty_rows() -> None:
    rows = ["" if i else "a" for i in range(workbook.EMPTY + 2)]
    assert workbook._text([[row] for row in [*rows, "lost"]]) == "a\r\n"
