import shutil
import string
from pathlib import Path

import numpy as np
import pytest
from PIL import features

from logotal.report import font
from logotal.report.font import Face, runs, unwritable
from logotal.report.overlay import Overlay
from logotal.report.paint import fitting, line
from logotal.timeline import Action, Timeline
from tests.report.test_overlay import info

playwright = pytest.importorskip("playwright", reason="its icon font is the one that Pillow's lacks")
ICONS = "\uea60\uea61\uea62"
"""Letters of Unicode's private range that the icon font in the package playwright has, and Pillow's font lacks."""


def forget():
    for remembered in (font._faces, font._face_of, font._has, font._opened, font._capital, line, fitting):
        remembered.cache_clear()


@pytest.fixture
def fonts(tmp_path, monkeypatch):
    """The folder of the only fonts on the machine, still empty."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    monkeypatch.setattr(font, "font_folders", lambda: iter([folder, tmp_path / "absent"]))
    forget()
    yield folder
    forget()


def add_icons(folder, name="Icons.ttf"):
    source = next(Path(playwright.__file__).parent.rglob("codicon*.ttf"))
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, folder / name)
    forget()
    return folder / name


# Which font


def test_pillow_s_font_suffices_for_ascii(fonts):
    assert runs(string.ascii_letters + "0.95 & 1:02") == [(Face(), string.ascii_letters + "0.95 & 1:02")]
    assert unwritable([string.printable]) == ""
    assert runs("") == []


def test_a_font_in_a_folder_of_the_system_is_found_for_letters_that_pillow_s_lacks(fonts):
    icons = add_icons(fonts / "deep" / "er")
    assert runs(f"jump {ICONS} high") == [(Face(), "jump "), (Face(icons), f"{ICONS} "), (Face(), "high")]
    assert runs(ICONS) == [(Face(icons), ICONS)]
    assert unwritable(["jump", ICONS]) == ""
    assert len({line(letter, 20).coverage.tobytes() for letter in ICONS}) == len(ICONS)


def test_a_font_that_is_preferred_comes_before_pillow_s(fonts):
    preferred = add_icons(fonts, "DejaVuSans.ttf")
    add_icons(fonts, "Aaa.ttf")
    assert [face.path and face.path.name for face in font._faces()] == ["DejaVuSans.ttf", None, "Aaa.ttf"]
    assert runs(ICONS) == [(Face(preferred), ICONS)]


def test_bold_and_italic_fonts_come_last_and_signs_for_everything_never(fonts):
    for name in ("Bbb-Bold.ttf", "Ccc.otf", "LastResort.otf", "notes.txt", "Ddd-Italic.TTF"):
        add_icons(fonts, name)
    assert [face.path.name for face in font._faces()[1:]] == ["Ccc.otf", "Bbb-Bold.ttf", "Ddd-Italic.TTF"]


def test_a_broken_font_is_passed_over(fonts):
    (fonts / "Arial.ttf").write_bytes(b"no font")
    (fonts / "Cut.ttf").write_bytes(add_icons(fonts).read_bytes()[:400])
    assert runs("jump") == [(Face(), "jump")]
    assert runs(ICONS) == [(Face(fonts / "Icons.ttf"), ICONS)]


def test_without_a_font_accents_are_left_out_and_other_letters_are_boxes(fonts):
    assert runs("Lancé") == runs("Lance\u0301") == [(Face(), "Lance")]
    assert unwritable(["Lancé", "Höhe"]) == ""
    assert np.array_equal(line("高", 12).coverage, line("\x01", 12).coverage)
    assert line("高", 12).coverage.max() == 1


@pytest.mark.parametrize("blank", ["a\nb", "a\tb", "a\u3000b"])
def test_line_breaks_and_tabs_are_spaces(fonts, blank):
    assert runs(blank) == [(Face(), "a b")]


# What cannot be written


def test_letters_that_no_font_has_are_said_once_for_a_video(fonts):
    timeline = Timeline("v", (Action(1, 2, "跳高"), Action(2, 3, "高飞"), Action(3, 4, "jump")))
    with pytest.warns(UserWarning, match="no font on this machine has the letters") as warned:
        overlay = Overlay(timeline, info())
    for time in (0.0, 1.5, 2.5):
        overlay.drawn(np.zeros((240, 320, 3), np.uint8), time)  # a second warning would be an error
    assert len(warned) == 1
    assert all(letter in str(warned[0].message) for letter in "跳高飞")
    assert "install one that has them" in str(warned[0].message)


def test_of_very_many_letters_some_are_named(fonts):
    assert "and 180 more, which" in unwritable(["".join(chr(0x4E00 + i) for i in range(200))])


def test_text_from_right_to_left_needs_a_library_that_is_named(fonts, monkeypatch):
    monkeypatch.setattr(Face, "has", lambda face, letter: True)
    forget()
    monkeypatch.setattr(features, "check", lambda feature: False)
    assert "install it (Debian: libfribidi0)" in unwritable(["jump", "قفز"])
    assert "FriBiDi" in unwritable(["קפיצה"])
    assert unwritable(["jump", "跳高"]) == ""
    monkeypatch.setattr(features, "check", lambda feature: True)
    assert unwritable(["قفز"]) == ""
