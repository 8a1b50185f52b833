"""No file that logotal reads can run code: what a payload would make is not there afterwards."""

import io
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from logotal.backbones.numpy_pickle import read_arrays
from logotal.backbones.state import read_state
from logotal.convert.checkpoint import convert_checkpoint
from logotal.data.features import read_features
from logotal.errors import InputError
from logotal.places import CHECKPOINT
from logotal.recipes import read_recipe
from logotal.runs.folder import Run
from logotal.runs.train import train
from tests.hostile.files import written
from tests.training.small import small_config, small_data


class Payload:
    """An object whose pickle makes a folder where it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def pickled(content: object, *, by_torch: bool) -> bytes:
    buffer = io.BytesIO()
    if by_torch:
        torch.save(content, buffer)
    else:
        buffer.write(pickle.dumps(content, protocol=2))
    return buffer.getvalue()


def test_the_payload_works_where_pickles_are_run(tmp_path: Path) -> None:
    pickle.loads(pickled(Payload(tmp_path / "ran"), by_torch=False))
    assert (tmp_path / "ran").is_dir()


@pytest.mark.parametrize("by_torch", [True, False])
@pytest.mark.parametrize("suffix", [".pth", ".pt", ".pth.tar", ".safetensors"])
def test_weights_do_not_run(suffix: str, by_torch: bool, tmp_path: Path) -> None:
    content = pickled({"state_dict": {"a": Payload(tmp_path / "ran")}}, by_torch=by_torch)
    with pytest.raises(InputError, match=r"cannot be read as weights alone|not a whole safetensors file"):
        read_state(written(tmp_path / f"a{suffix}", content))
    assert not (tmp_path / "ran").exists()


def test_a_published_checkpoint_does_not_run(tmp_path: Path) -> None:
    settings = '{"dataset": {"num_classes": 1, "input_dim": 8}, "model": {"embd_dim": 16, "fpn_dim": 16}}'
    database = {"database": {name: {"subset": name, "annotations": []} for name in ("training", "validation")}}
    checkpoint = written(tmp_path / "a.pth.tar", pickled({"state_dict_ema": Payload(tmp_path / "ran")}, by_torch=True))
    with pytest.raises(InputError, match="cannot be read as weights alone"):
        convert_checkpoint(
            checkpoint,
            written(tmp_path / "a.yaml", settings),
            tmp_path / "run",
            origin="actionformer",
            annotations=written(tmp_path / "a.json", json.dumps(database)),
        )
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "run").exists()


def test_features_that_are_objects_do_not_run(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[Payload(tmp_path / "ran")]], object), allow_pickle=True)
    np.savez(tmp_path / "b.npz", np.array([[Payload(tmp_path / "ran")]], object), allow_pickle=True)
    (tmp_path / "b.npz").rename(tmp_path / "b.npy")
    written(tmp_path / "c.npy", pickled(Payload(tmp_path / "ran"), by_torch=False))
    for name in ("a.npy", "b.npy", "c.npy"):
        with pytest.raises(InputError, match=name):
            read_features(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_the_pickle_of_i3d_does_not_run(tmp_path: Path) -> None:
    for content in ({"params": Payload(tmp_path / "ran")}, Payload(tmp_path / "ran")):
        with pytest.raises(InputError, match=r"expected numpy arrays only, found (posix|nt)\.mkdir; do not trust"):
            read_arrays(pickled(content, by_torch=False), "a.ckpt")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("by_torch", [True, False])
def test_a_checkpoint_that_is_resumed_does_not_run(by_torch: bool, tmp_path: Path) -> None:
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 1})
    train(config, tmp_path / "run")
    content = {"state_dict": {}, "epoch": 0, "callbacks": Payload(tmp_path / "ran")}
    written(tmp_path / "run" / CHECKPOINT, pickled(content, by_torch=by_torch))
    (tmp_path / "run" / "model.safetensors").unlink()
    with pytest.raises(InputError, match=r"checkpoint\.ckpt: not a checkpoint that logotal wrote"):
        train(Run(tmp_path / "run").config(), tmp_path / "run", resume=True)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.mkdir ['{}']", "!!python/object/new:os.mkdir ['{}']"])
def test_a_recipe_does_not_run(tag: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not valid YAML .*could not determine a constructor"):
        read_recipe(written(tmp_path / "r.yaml", f"data: {tag.format(tmp_path / 'ran')}"))
    assert not (tmp_path / "ran").exists()
