"""HTML: the report page, to look at. It is written only."""

from collections.abc import Mapping, Sequence

from logotal.report.page import timeline_page
from logotal.timeline import Timeline


def write_page(timelines: Sequence[Timeline], truths: Mapping[str, Timeline]) -> str:
    """The report page of the timelines, beside the truths where there are any."""
    return timeline_page(timelines, truths=truths)
