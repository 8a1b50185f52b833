"""XML of others, read with care: no document types and so no entities, and not nested beyond reason."""

from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from logotal.errors import InputError

DEEPEST = 64
"""Elements inside each other; what we read has less than ten."""


def parsed_xml(text: str, path: Path) -> Element:
    """The root of an XML text; `path` it comes from, for messages.

    Raises:
        InputError: it is not valid, declares a document type, or is nested beyond reason.
    """
    try:
        root: Element = fromstring(text.lstrip(), forbid_dtd=True)
    except DefusedXmlException:
        raise InputError(f"{path}: expected plain XML, found a document type declaration; remove it") from None
    except (ParseError, UnicodeEncodeError) as error:
        raise InputError(f"{path}: not valid XML: {error}") from error
    if _levels(root) > DEEPEST:
        raise InputError(f"{path}: expected XML of a few levels, found more than {DEEPEST}; is it the right file?")
    return root


def _levels(root: Element) -> int:
    """How many elements stand inside each other, counted to one beyond `DEEPEST`."""
    inside, count = [root], 0
    while inside and count <= DEEPEST:
        count += 1
        inside = [child for element in inside for child in element]
    return count
