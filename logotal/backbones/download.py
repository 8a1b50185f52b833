"""Weights that are named by their address: fetched once, their hash checked before anything in them is read."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.parse import unquote, urldefrag, urlsplit

from logotal.backbones.weights import UnreachableError
from logotal.errors import InputError
from logotal.files.cached import cache_folder

HASH = re.compile(r"sha256=([0-9a-f]{8,64})", re.IGNORECASE)
NAMED_HASH = re.compile(r"-([0-9a-f]{8,64})\.\w+$")
"""How the PyTorch hub names files: the beginning of their SHA-256 at the end of their name."""


def is_address(location: object) -> bool:
    """Whether weights are named by a URL, not by a file."""
    return isinstance(location, str) and location.startswith(("https://", "http://"))


def downloaded(address: str) -> Path:
    """The file of weights behind a URL, in the cache; fetched if it is not there yet.

    Args:
        address: `https://...#sha256=HASH`; the hash (its first eight digits at least) may be left out where the
            file's name ends in it, as those of the PyTorch hub and of TSP do.

    Raises:
        UnreachableError: nothing comes from there.
        InputError: no hash is given, or what came has another one.
    """
    from torch.hub import download_url_to_file  # noqa: PLC0415 - only where something is fetched

    url, fragment = urldefrag(address)
    name = unquote(Path(urlsplit(url).path).name)
    if not (found := HASH.fullmatch(fragment) or NAMED_HASH.search(name)) or "/" in name:
        raise InputError(
            f"{address}: weights from elsewhere are fetched with their hash; add #sha256= and the file's SHA-256 "
            "(as sha256sum prints it), or download the file and name it"
        )
    digits = found[1].lower()
    path = cache_folder() / "weights" / f"{digits[:8]}-{name}"
    if path.is_file():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        download_url_to_file(url, str(path), hash_prefix=digits, progress=False)  # whole or not at all
    except URLError as error:
        raise UnreachableError(f"{url}: cannot be fetched ({error.reason})") from error
    except RuntimeError as error:
        raise InputError(f"{url}: what came has another SHA-256 than {digits}: {error}; do not use it") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error}); name another folder with LOGOTAL_CACHE") from error
    return path


def weights_by_stream(given: Sequence[str]) -> str | dict[str, str] | None:
    """What `--weights` names: nothing, one file, or files by stream.

    >>> weights_by_stream(["i3d.pt"]), weights_by_stream(["rgb=one.pt", "flow=other.pt"])
    ('i3d.pt', {'rgb': 'one.pt', 'flow': 'other.pt'})

    Raises:
        InputError: several, and not each for a stream of its own.
    """
    if not given:
        return None
    alone = given[0]
    if len(given) == 1 and ("=" not in alone or is_address(alone) or Path(alone).exists()):  # epoch=9.pt may be a file
        return alone
    files: dict[str, str] = {}
    for each in given:
        stream, _, file = each.partition("=")
        if not (stream and file) or is_address(each):
            raise InputError(f"--weights: expected one FILE, or STREAM=FILE for each stream, found {each!r}")
        if stream in files:
            raise InputError(f"--weights: expected one file for {stream}, found {files[stream]} and {file}")
        files[stream] = file
    return files
