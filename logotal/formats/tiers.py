"""Tiers, tracks and groups of columns: which of them hold the actions is asked where there are several."""

from collections.abc import Iterator, Mapping

from logotal.formats.form import Source
from logotal.formats.label_file import ask
from logotal.words import amount


def chosen_tiers(source: Source, counts: Mapping[str, int], what: str = "tier") -> list[str]:
    """The tiers that a person named, or the only one; `counts` are their annotations.

    Raises:
        AskError: there are several, and none of them is named.
    """
    wanted: tuple[str, ...] = source.use("tier", counts)
    chosen = [name for name in counts if name in wanted]
    if chosen or (not wanted and len(counts) <= 1):
        return chosen or list(counts)
    counted = ", ".join(f"{name!r} ({count:,})" for name, count in counts.items())
    missing = "" if not wanted else f", none of which is {' or '.join(map(repr, wanted))}"
    raise ask(source.path, f"annotations in {amount(len(counts), what)}, {counted}{missing}", "--tier", counts)


def unread(source: Source, counts: Mapping[str, int], chosen: list[str], what: str = "tier") -> Iterator[str]:
    """Sentences about the tiers that are not read."""
    for name, count in counts.items():
        if name not in chosen:
            yield f"{source.path}: {what} {name!r} is not read, {amount(count, 'annotation')}"
