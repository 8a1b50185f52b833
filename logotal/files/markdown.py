"""Text of others in Markdown: shown as it is, in one line, never as markup, a link or the end of a table's cell."""

MARKUP = {ord(mark): f"\\{mark}" for mark in "\\`*_[]#|~"} | {ord("<"): "&lt;", ord(">"): "&gt;", ord("&"): "&amp;"}
ADDRESSES = {"://": "&#58;//", "www.": "www&#46;", "mailto:": "mailto&#58;"}
"""What becomes of addresses, of which some readers make links though they are bare."""


def text(value: object) -> str:
    r"""Any text as Markdown shows it.

    >>> print(text("a | <b>*c*</b>"))
    a \| &lt;b&gt;\*c\*&lt;/b&gt;
    """
    escaped = _one_line(value).translate(MARKUP)
    for address, harmless in ADDRESSES.items():
        escaped = escaped.replace(address, harmless)
    return escaped


def code(value: object) -> str:
    r"""Any text in a code span, or escaped where a span would not hold it, or where a reader without spans sees a tag.

    >>> print(code("jump"), code("a | b"), code(""))
    `jump` a \| b ``(empty)``
    """
    line = _one_line(value)
    return text(line) if any(mark in line for mark in "`|\\<>&") else f"`{line}`" if line else "``(empty)``"


def _one_line(value: object) -> str:
    """The text without line breaks and other characters that are not seen."""
    return " ".join("".join(each if each.isprintable() else " " for each in str(value)).split())
