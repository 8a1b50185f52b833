"""The settings of a recipe as options of a command."""

from typing import Any

import docstring_parser
from docstring_parser import Docstring, DocstringStyle
from pydantic import BaseModel

_parse = docstring_parser.parse_from_object


def _described(obj: Any, style: DocstringStyle = DocstringStyle.AUTO) -> Docstring:
    """The docstring of a command; of a section of settings none, for its fields say what they are for themselves.

    Cyclopts has the source of every section, and of pydantic's base class, parsed some twenty times: half of the time
    that `logotal train --help` takes.
    """
    return Docstring() if isinstance(obj, type) and issubclass(obj, BaseModel) else _parse(obj, style)


docstring_parser.parse_from_object = _described


def given(**sections: BaseModel | None) -> dict[str, dict[str, object]]:
    """The settings that were given on the command line, section by section."""
    return {name: section.model_dump(exclude_unset=True) for name, section in sections.items() if section is not None}
