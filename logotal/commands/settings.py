"""The settings of a recipe that were given as options."""

from pydantic import BaseModel


def given(**sections: BaseModel | None) -> dict[str, dict[str, object]]:
    """The settings that were given on the command line, section by section."""
    return {name: section.model_dump(exclude_unset=True) for name, section in sections.items() if section is not None}
