"""A sheet: a static page of text, tables and charts in one HTML file that needs nothing else and runs no script."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from logotal import __version__
from logotal.files.target import marked, write_target
from logotal.report.charts.palette import DARK, LIGHT
from logotal.report.charts.text import escaped

NUMBER = re.compile(r"[-+\u2212±]?\d[\d,. ]*(e[-+]?\d+)?( ?%)?( ?± ?\d[\d.]*)?")
MISSING = {"", "-", "\u2013", "\u2014", "nan", "n/a"}

PAGE = marked("a page", b'<meta name="generator" content="logotal ', within=4096)
"""Pages of any kind: they can be made again, and nobody edits them."""


@dataclass(frozen=True)
class Section:
    """A part of a sheet: a heading above HTML fragments, as charts, `table`, `paragraph` and `picture` give them."""

    heading: str
    body: Sequence[str] = ()


def paragraph(text: str) -> str:
    """The text as a paragraph, escaped."""
    return f"<p>{escaped(text)}</p>"


def table(rows: Sequence[Sequence[str]], *, caption: str = "") -> str:
    """The rows as a table, escaped; columns of numbers stand at the right, and a wide table scrolls.

    Args:
        rows: the first is the header; shorter rows end with empty cells.
        caption: what the table shows.
    """
    count = max((len(row) for row in rows), default=0)
    whole = [[*row, *[""] * (count - len(row))] for row in rows]
    numeric = [_numeric([row[column] for row in whole[1:]]) for column in range(count)]

    def line(cells: Sequence[str], kind: str) -> str:
        marks = (' class="number"' if number else "" for number in numeric)
        scope = ' scope="col"' if kind == "th" else ""
        return "".join(
            f"<{kind}{scope}{mark}>{escaped(cell)}</{kind}>" for cell, mark in zip(cells, marks, strict=True)
        )

    head = "".join(f"<thead><tr>{line(row, 'th')}</tr></thead>" for row in whole[:1])
    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in whole[1:])
    words = f"<caption>{escaped(caption)}</caption>" if caption else ""
    # What scrolls can be reached by the keyboard, and says what it is.
    name = escaped(caption or "Table")
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{name}">'
        f"<table>{words}{head}<tbody>{body}</tbody></table></div>"
    )


def picture(svg: str) -> str:
    """An SVG picture with colors of its own, such as a timeline's, so that it fits the page and scrolls on a phone."""
    # The content policy admits no style attribute; the style of the sheet gives the size.
    opening, close, rest = svg.partition(">")
    opening = re.sub(r' style="[^"]*"', "", opening)
    return f'<div class="picture">{opening}{close}{rest}</div>'


def sheet(title: str, sections: Sequence[Section], *, subtitle: str = "") -> str:
    """The text of the page.

    Args:
        title: the heading.
        sections: what the page holds, in order.
        subtitle: a line below the heading.
    """
    css = style("sheet.css", "color")
    policy = f"default-src 'none'; style-src '{content_hash(css)}'; img-src data:; base-uri 'none'; form-action 'none'"
    parts = "".join(
        f'<section><h2>{escaped(section.heading)}</h2><div class="body">{"".join(section.body)}</div></section>\n'
        for section in sections
    )
    below = f'<p class="subtitle">{escaped(subtitle)}</p>' if subtitle else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="logotal {__version__}">\n<link rel="icon" href="data:,">\n'
        f"<title>{escaped(title)}</title>\n<style>{css}</style>\n</head>\n<body>\n"
        f"<header><h1>{escaped(title)}</h1>{below}</header>\n<main>\n{parts}</main>\n"
        f"<footer>Written by logotal {__version__}.</footer>\n</body>\n</html>\n"
    )


def write_page(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Writes a page, whole or not at all, over nothing but an earlier page (`files.target`).

    Raises:
        InputError: something else lies there and `overwrite` is not given, or it cannot be written.
    """
    write_target(path, text.encode(), PAGE, overwrite=overwrite)


def _numeric(cells: Sequence[str]) -> bool:
    """Whether the cells are numbers, but for missing ones."""
    present = [cell.strip() for cell in cells if cell.strip().lower() not in MISSING]
    return bool(present) and all(NUMBER.fullmatch(cell) for cell in present)


def source(name: str) -> str:
    """The text of a file that pages are made of."""
    return files("logotal.report").joinpath(name).read_text(encoding="utf-8")


def style(name: str, ink: str) -> str:
    """A style sheet with the colors of labels, for light and for dark pages; `ink` is the property that takes them."""
    return Template(source(name)).substitute(
        light=" ".join(f"--c{i}: {color};" for i, color in enumerate(LIGHT)),
        dark=" ".join(f"--c{i}: {color};" for i, color in enumerate(DARK)),
        inks="\n".join(f".ink-{i} {{ {ink}: var(--c{i}); }}" for i in range(len(LIGHT))),
    )


def content_hash(text: str) -> str:
    """What a content policy calls a style or a script that it admits."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
