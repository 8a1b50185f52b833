"""Sharing a run: what others need of it goes to a repository of the Hugging Face hub, in one commit."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from logotal import __version__
from logotal.errors import InputError
from logotal.places import run_folder
from logotal.runs.folder import Run, why_no_run
from logotal.runs.hub import HUB_NAME, NEEDED, hub_errors
from logotal.runs.load import load_run
from logotal.runs.model_card import UNKNOWN
from logotal.runs.published import PUBLISHED, README, publish

if TYPE_CHECKING:
    from huggingface_hub import HfApi, ModelInfo

NEW = frozenset({README, ".gitattributes", "LICENSE", "LICENSE.md", "LICENSE.txt"})
"""What a repository may hold that was made on the hub's page a moment ago."""


def push(
    run: str | Path,
    repository: str,
    *,
    public: bool = False,
    license: str | None = None,
    message: str | None = None,
) -> str:
    """Sends a finished run to the Hugging Face hub, and returns the name by which `load` opens just what was sent.

    Sent are the files of `logotal.runs.published`: no path, no name of a video. What an earlier push sent is replaced;
    other files of the repository stay. The token is that of `hf auth login`, or of HF_TOKEN.

    Args:
        run: a run folder, or a project folder with one.
        repository: OWNER/NAME; it is made where there is none.
        public: anyone may read it; else whom the hub lets read a private one.
        license: of the weights, by the hub's name for it (`mit`, `cc-by-4.0`); what the repository says already, or
            `unknown`, if absent.
        message: of the commit; which logotal sent it if absent.

    Raises:
        InputError: the run is not finished, the name is none, the repository holds something else or is public and not
            said to be (or the other way round), nobody is logged in, or the hub refuses or cannot be reached.
    """
    if (name := HUB_NAME.fullmatch(repository)) is None or name["revision"] is not None:
        raise InputError(f"{repository}: expected OWNER/NAME of a repository on the Hugging Face hub, as ann/gym-moves")
    if not Path(run).is_dir():
        raise InputError(why_no_run(Path(run)))
    folder = run_folder(run)
    load_run(folder, device="cpu", precision="fp32")  # nothing is sent that nobody could open
    with hub_errors(f"{repository}: nothing was sent to the Hugging Face hub"):
        from huggingface_hub import HfApi, get_token  # noqa: PLC0415 - slow to import, and only needed here

        if get_token() is None:
            raise InputError(f"{repository}: nobody is logged in; run `hf auth login`, or set HF_TOKEN")
        api = HfApi(library_name="logotal", library_version=__version__)
        there = _there(api, repository)
    if there is not None:
        _check(there, repository, public=public)
        license = license or (there.card_data.license if there.card_data is not None else None)
    with tempfile.TemporaryDirectory() as copy:
        files = publish(Run(folder), Path(copy), repository=repository, license=license or UNKNOWN)
        with hub_errors(f"{repository}: the Hugging Face hub did not take it"):
            if there is None:
                api.create_repo(repository, private=not public)
            commit = _commit(api, repository, files, there, message or f"Model of logotal {__version__}")
    return f"{repository}@{commit}"


def _there(api: "HfApi", repository: str) -> "ModelInfo | None":
    """What lies in a repository; None where there is none."""
    from huggingface_hub.errors import RepositoryNotFoundError  # noqa: PLC0415

    try:
        return api.model_info(repository)
    except RepositoryNotFoundError:
        return None


def _check(there: "ModelInfo", repository: str, *, public: bool) -> None:
    """Refuses a repository that holds something else than a model of ours, or that others can read than is said."""
    names = _names(there)
    if not names.issuperset(NEEDED) and (others := sorted(names - NEW)):
        raise InputError(
            f"{repository}: holds {others[0]} and no model of logotal, so it is left alone; choose another NAME"
        )
    if public == bool(there.private):
        cure = "leave out --public, or change that on its page" if public else "say --public if you mean it"
        raise InputError(f"{repository}: is {'private' if public else 'public'} on the hub; {cure}")


def _commit(api: "HfApi", repository: str, files: Mapping[str, Path], there: "ModelInfo | None", message: str) -> str:
    """Sends files in one commit, which also takes away what an earlier push sent and this one has not."""
    from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete  # noqa: PLC0415

    earlier = set() if there is None else _names(there).intersection(PUBLISHED) - files.keys()
    operations: list[CommitOperationAdd | CommitOperationCopy | CommitOperationDelete] = [
        *(CommitOperationAdd(path_in_repo=name, path_or_fileobj=str(path)) for name, path in files.items()),
        *(CommitOperationDelete(path_in_repo=name) for name in sorted(earlier)),
    ]
    parent = None if there is None else there.sha  # so that what somebody else sent meanwhile is not replaced
    return api.create_commit(repository, operations, commit_message=message, parent_commit=parent).oid


def _names(there: "ModelInfo") -> set[str]:
    return {each.rfilename for each in there.siblings or ()}
