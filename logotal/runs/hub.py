"""Models on the Hugging Face hub: how they are named, what is fetched of them, and what the hub's errors mean.

A name is OWNER/NAME, or OWNER/NAME@REVISION with a branch, a tag or a commit. What is fetched stays in the cache of
huggingface_hub, from which the same name is opened again without a network.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logotal.errors import InputError
from logotal.files.text import is_there
from logotal.places import CLASSIFIER, CONFIG, LABELS, OPERATING_POINT, PROVENANCE, SIDECAR, WEIGHTS

HUB_NAME = re.compile(r"(?P<repository>\w[\w.-]*/\w[\w.-]*)(?:@(?P<revision>\w[\w./-]*))?", re.ASCII)
"""The name of a model, which may be a folder here as well; no absolute path, and none of Windows."""

NEEDED = (CONFIG, LABELS, WEIGHTS)
"""What makes a repository a model of ours."""

FETCHED = (*NEEDED, PROVENANCE, CLASSIFIER, OPERATING_POINT, SIDECAR)
"""All that is fetched: data without code."""

CURES = {
    401: "the token is not valid; log in with `hf auth login`, or set HF_TOKEN to one that is",
    403: "the token may not do this; log in with one that may write (`hf auth login`), and for this OWNER",
    409: "somebody changed it at the same time; try again",
    412: "somebody changed it at the same time; try again",
}
"""What the hub means by a status, and what to do."""


def hub_name(path: object) -> re.Match[str] | None:
    """The parts of a model's name, `repository` and `revision`; None for what is a path, or lies here."""
    return HUB_NAME.fullmatch(path) if isinstance(path, str) and not is_there(Path(path)) else None


def fetch(path: str, name: re.Match[str]) -> tuple[Path, str]:
    """The folder in the cache with a model of the hub, and its name with the commit that it is of.

    Raises:
        InputError: there is no such model, it is none of ours, or the hub cannot be reached and the cache has none.
    """
    with hub_errors(f"{path}: neither a run folder here nor a model that the Hugging Face hub gives"):
        from huggingface_hub import snapshot_download  # noqa: PLC0415 - only for models that are not on disk

        folder = Path(snapshot_download(name["repository"], revision=name["revision"], allow_patterns=list(FETCHED)))
    if missing := [each for each in NEEDED if not (folder / each).is_file()]:
        raise InputError(
            f"{path}: the Hugging Face hub has it, but it is no model of logotal ({missing[0]} is missing); expected "
            "what `logotal push` sends"
        )
    return folder, f"{name['repository']}@{folder.name}"  # the cache has a folder for each commit


@contextmanager
def hub_errors(what: str) -> Iterator[None]:
    """Turns what goes wrong with the hub into one sentence that begins with `what`.

    Raises:
        InputError: something did.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # those of the network have no base that all releases of huggingface_hub share
        raise InputError(f"{what}: {_meaning(error)}") from error


def _meaning(error: Exception) -> str:
    """What went wrong, and what to do."""
    from huggingface_hub import errors  # noqa: PLC0415

    if isinstance(error, RuntimeError) and isinstance(error.__cause__, Exception):  # which file it was about
        error = error.__cause__
    kinds: dict[type[Exception], str] = {  # the first that fits
        errors.GatedRepoError: "its owner lets in who accepts the terms on its page; accept them, and log in with "
        "`hf auth login`",
        errors.RepositoryNotFoundError: "it has none of this name, or shows it to others only; name the folder that "
        "`logotal train` wrote, or OWNER/NAME of a model there, and log in with `hf auth login` if that is private",
        errors.RevisionNotFoundError: "it has no such revision; name a branch, a tag or a commit that is there",
        errors.LocalEntryNotFoundError: "it does not answer, and no copy is kept here; name the folder that `logotal "
        "train` wrote, or try again with a network and without HF_HUB_OFFLINE",
        errors.OfflineModeIsEnabled: "HF_HUB_OFFLINE is set; unset it",
        errors.HFValidationError: f"it allows no such name ({_short(error)}); choose another",
    }
    for kind, meaning in kinds.items():
        if isinstance(error, kind):
            return meaning
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in CURES:
        return f"{CURES[status]} (HTTP {status})"
    return f"it cannot be reached, or refuses ({type(error).__name__}: {_short(error)}); mend that, or try again later"


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
