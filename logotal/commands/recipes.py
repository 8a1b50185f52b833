"""`logotal recipes`: lists the recipes that ship, or prints one."""

from logotal.commands.console import out
from logotal.recipes import recipe_names, recipe_text


def recipes(name: str | None = None) -> None:
    """List the recipes that ship with logotal, or print one to copy and change.

    Args:
        name: The recipe to print.
    """
    if name is not None:
        out.print(recipe_text(name).rstrip(), markup=False)
        return
    width = max(map(len, recipe_names()))
    for each in recipe_names():
        out.print(f"{each:{width}}  {recipe_text(each).splitlines()[0].removeprefix('# ')}", markup=False)
