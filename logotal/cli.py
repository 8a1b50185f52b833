"""The command line: joins the commands, and prints what a user can mend in one line."""

import sys

from cyclopts import App

from logotal import __version__
from logotal.errors import InputError

app = App(
    name="logotal",
    version=__version__,
    help="What happens, from when to when, in untrimmed video.",
)
# Named by path: a command, and the configuration that its options come from, is imported when it is called.
for _name in ("train", "evaluate", "detect", "check", "recipes", "demo"):
    app.command(f"logotal.commands.{_name}:{_name}", name=_name)


def main() -> None:
    """Runs the command line; errors of input end it with status 1 and one line."""
    try:
        app()
    except InputError as error:
        sys.exit(f"logotal: {error}")


if __name__ == "__main__":
    main()
