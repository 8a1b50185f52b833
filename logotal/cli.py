"""The command line: joins the commands, and prints what a user can mend in one line."""

import io
import os
import sys
from keyword import iskeyword
from typing import Annotated

from cyclopts import App, Parameter

from logotal import __version__
from logotal.commands.allocator import keep_freed_memory
from logotal.errors import InputError, printable

app = App(
    name="logotal",
    version=__version__,
    help="What happens, from when to when, in untrimmed video.",
    suppress_keyboard_interrupt=False,  # `main` says what it means
)
app.meta.suppress_keyboard_interrupt = False
COMMANDS = {
    "init": "Make a project of your own videos and labels.",
    "app": "Label, train and correct in a browser.",
    "train": "Train a model and leave a run folder.",
    "folds": "Score a project by cross-validation, and train on all its labels.",
    "doubts": "Say which labels of a project may be wrong, by its cross-validation.",
    "next": "Say which videos to label next, where to begin in each, and why.",
    "curve": "Say how good a project's model is with a part of its labels, and what more of them may bring.",
    "evaluate": "Score a run folder, or anyone's detections, by a named protocol.",
    "detect": "Find actions in videos, or in their features.",
    "watch": "Find actions in a camera, a stream or a file that grows, as they happen.",
    "extract": "Turn videos into features, once.",
    "import": "Bring features or poses that others made into a folder, on a known grid.",
    "weights": "List the weights of the backbones, or fetch them.",
    "thresholds": "Choose from which score on a run's actions are shown, on videos it has not learned from.",
    "suggest": "Print the settings that follow from how long annotated actions last, with reasons.",
    "ablate": "Train the rows of the paper's ablation tables over seeds, and compare them.",
    "convert": "Make a run of a checkpoint of ActionFormer, TriDet or TemporalMaxer.",
    "export": "Write a run as one file for other runtimes: ONNX, or PyTorch's exported program.",
    "push": "Send a finished run to the Hugging Face hub, privately unless you say so.",
    "profile": "Print what networks cost: parameters, GMACs, memory, time.",
    "report": "Write a page about a run: curves, numbers, best and worst videos.",
    "diagnose": "Say which errors detections make, what curing them would bring, which actions are missed.",
    "agree": "Say how well two people, or two versions of their labels, agree.",
    "check": "Say in plain sentences what is odd in a data set.",
    "recipes": "List the recipes that ship, or print one.",
    "demo": "Show the whole path on videos rendered on the spot, in a few minutes.",
}
for _name, _help in COMMANDS.items():
    # By its path: a command, and the configuration that its options come from, is imported when it is called.
    _module = f"{_name}_" if iskeyword(_name) else _name
    app.command(f"logotal.commands.{_module}:{_module}", name=_name, help=_help)


@app.meta.default
def _start(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Runs a command.

    Args:
        tokens: The command and its options.
        quiet: With any command: print results and errors, and nothing else.
    """
    if quiet:
        from logotal.commands.console import err  # noqa: PLC0415 - a help text needs none

        err.quiet = True
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    app(tokens)


def main() -> None:
    """Runs the command line; errors of input end it with status 1 and one line; `__main__` answers signals."""
    keep_freed_memory()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files and labels, in whatever encoding the terminal has
            stream.reconfigure(errors="backslashreplace")
    try:
        app.meta()
    except InputError as error:
        sys.exit(f"logotal: {printable(str(error))}")
    except OSError as error:  # a full disk behind `>`, a folder without permission: nothing that a traceback mends
        place = f"{error.filename}: " if error.filename else ""
        sys.exit(f"logotal: {printable(f'{place}{error.strerror or error}')}")
