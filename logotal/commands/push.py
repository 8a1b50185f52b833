"""`logotal push`: a run to the Hugging Face hub, for others or for another machine."""

from typing import Annotated

from cyclopts import Parameter

import logotal
from logotal.commands.console import note, out


def push(
    run: str,
    repository: str,
    *,
    public: Annotated[bool, Parameter(negative="")] = False,
    license: str | None = None,
    message: str | None = None,
) -> None:
    """Send a finished run to the Hugging Face hub, and print the name by which `--model` takes it anywhere.

    Sent are weights, configuration, labels, how features are made, thresholds and the model card: no path of this
    machine and no name of a video. Log in first with `hf auth login`.

    Args:
        run: A run folder or a project folder.
        repository: OWNER/NAME; made where there is none. What an earlier push sent is replaced, other files stay.
        public: Let anyone read it; a repository is private otherwise.
        license: Of the weights, by the hub's name for it (mit, cc-by-4.0, ...).
        message: Of the commit.
    """
    note(f"sending {run} ...")  # huggingface_hub draws the rest
    name = logotal.push(run, repository, public=public, license=license, message=message)
    note("anyone can read it" if public else "it is private: who is to load it needs access to it on the hub")
    out.print(name, markup=False)
