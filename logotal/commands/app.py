"""`logotal app`: label, train and correct in a browser."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from logotal.commands.console import note, progress_bar
from logotal.errors import InputError


def app(
    project: Path = Path(),
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    browser: Annotated[bool, Parameter(negative="--no-browser")] = True,
) -> None:
    """Label, train and correct in a browser, on this machine alone.

    Mark a few actions, train, see what the model finds, correct it, and go round again. Labels are saved with each
    gesture, into PROJECT/app; training goes on when the page or this command is closed.

    Args:
        project: A project folder, or a folder of videos; where you are, if absent.
        host: Address to listen at. Any other than loopback lets other machines in, who have the token.
        port: A free one if 0.
        browser: Open the page in a browser.
    """
    try:
        from logotal.app.serve import serve  # noqa: PLC0415 - the extra, when the command runs
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise InputError("the app needs Starlette and uvicorn: pip install 'logotal[app]'") from error
    with progress_bar("looking at videos") as progress:
        serve(project, host=host, port=port, open_browser=browser, progress=progress, say=note)
