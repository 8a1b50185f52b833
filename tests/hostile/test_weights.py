"""Faults that hostile weights brought to light, by name: none may come back."""

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from logotal.backbones.numpy_pickle import read_arrays
from logotal.backbones.state import read_state
from logotal.convert.names import rename
from logotal.errors import InputError
from reliability import bombs
from tests.hostile.files import written
from tests.hostile.limits import within


def test_a_checkpoint_that_asks_for_memory_by_a_number_is_refused(tmp_path: Path) -> None:
    for content in (bombs.of_checkpoint()[0], bombs.of_checkpoint()[3]):
        with pytest.raises(InputError, match=r"cannot be read as weights alone .*bytearray"):
            read_state(written(tmp_path / "a.pth", content))


def test_a_compressed_checkpoint_is_refused_and_one_of_torch_itself_is_read(tmp_path: Path) -> None:
    state = {"a": torch.arange(3.0)}
    for new in (True, False):
        torch.save(state, tmp_path / "a.pth", _use_new_zipfile_serialization=new)
        assert torch.equal(read_state(tmp_path / "a.pth")["a"], state["a"])
    torch.save(state, tmp_path / "a.pth")
    packed = io.BytesIO()
    with zipfile.ZipFile(tmp_path / "a.pth") as whole, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in whole.namelist():
            archive.writestr(name, whole.read(name))
    with pytest.raises(InputError, match=r"is compressed, which torch\.save does not do"):
        read_state(written(tmp_path / "b.pth", packed.getvalue()))


def test_a_published_scale_of_another_shape_is_an_input_error(tmp_path: Path) -> None:
    from logotal.convert.checkpoint import renamed_state  # noqa: PLC0415

    state = {"reg_head.scale.0.scale": torch.ones(3)}
    with pytest.raises(RuntimeError):
        rename(state, "actionformer", {})
    with pytest.raises(InputError, match=r"a\.pth: "):
        renamed_state(state, "actionformer", {}, Path("a.pth"))


@pytest.mark.parametrize("content", bombs.of_pickle(), ids=range(len(bombs.of_pickle())))
def test_a_pickle_that_grows_in_the_reader_is_refused(content: bytes) -> None:
    with within(5), pytest.raises(InputError, match=r"^a: "):
        read_arrays(content, "a")


def test_the_pickle_of_arrays_is_read_as_before() -> None:
    arrays = {"params": {"a": np.ones((2, 3), np.float32), "b": np.zeros(4, np.float32)}}
    found = read_arrays(pickle.dumps(arrays, protocol=4), "a")
    assert list(found) == ["params/a", "params/b"]
    assert np.array_equal(found["params/a"], arrays["params"]["a"])


def test_safetensors_that_claim_more_than_there_is_are_refused(tmp_path: Path) -> None:
    claim = json.dumps({"a": {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}}).encode()
    for content in (struct.pack("<Q", len(claim)) + claim, struct.pack("<Q", 2**63) + b"{}"):
        with pytest.raises(InputError, match="not a whole safetensors file"):
            read_state(written(tmp_path / "a.safetensors", content))
