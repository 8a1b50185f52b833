import os
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from logotal.backbones.state import hash_state, load_strictly, read_state
from logotal.errors import InputError

STATE = {"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([3.0])}


class Bomb:
    """A pickle that would make a folder when it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("content", [STATE, {"model": STATE, "epoch": 1}, {"state_dict": OrderedDict(STATE)}], ids=len)
@pytest.mark.parametrize("prefix", ["", "module."])
def test_state_dicts_are_found_in_checkpoints_and_freed_of_what_parallel_training_adds(
    tmp_path: Path, content: dict[str, object], prefix: str
):
    named = {f"{prefix}{key}": value for key, value in STATE.items()}
    content = {key: named if isinstance(value, dict) else value for key, value in content.items()}
    torch.save(named if "weight" in content else content, tmp_path / "weights.pth")

    assert {key: value.tolist() for key, value in read_state(tmp_path / "weights.pth").items()} == {
        "weight": [[1.0, 2.0]],
        "bias": [3.0],
    }


def test_files_of_old_pytorch_and_safetensors_are_read_alike(tmp_path: Path):
    torch.save(STATE, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    save_file(STATE, tmp_path / "new.safetensors")
    old, new = read_state(tmp_path / "old.pt"), read_state(tmp_path / "new.safetensors")

    assert hash_state(old) == hash_state(new)


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_pickle_that_would_run_something_is_refused_and_runs_nothing(tmp_path: Path, wrapped: bool):
    bomb = Bomb(tmp_path / "made")
    torch.save({"model": STATE, "args": bomb} if wrapped else bomb, tmp_path / "bomb.pt")
    with pytest.raises(InputError, match=r"bomb\.pt: cannot be read as weights alone"):
        read_state(tmp_path / "bomb.pt")

    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["cut.pt", "cut.safetensors"])
@pytest.mark.parametrize("length", [0, 5, 60])
def test_a_cut_file_is_an_input_error_of_one_line(tmp_path: Path, name: str, length: int):
    path = tmp_path / name
    (torch.save if name.endswith("pt") else save_file)(STATE, path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(InputError, match=name) as error:
        read_state(path)

    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([torch.zeros(1)], "found list"),
        ({}, "found dict"),
        ({"weight": torch.zeros(1), "epoch": 3}, "'epoch' is int, not a tensor"),
        ({0: torch.zeros(1)}, "but 0 is Tensor"),
    ],
)
def test_what_is_no_state_dict_is_named(tmp_path: Path, content: object, message: str):
    torch.save(content, tmp_path / "weights.pt")
    with pytest.raises(InputError, match=message):
        read_state(tmp_path / "weights.pt")


def test_an_absent_file_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"none\.pt: no such file of weights"):
        read_state(tmp_path / "none.pt")


def test_half_precision_weights_become_float32_and_meta_networks_real():
    with torch.device("meta"):
        network = nn.Sequential(nn.Conv3d(1, 2, 1), nn.BatchNorm3d(2))
    state = {key: torch.ones(value.shape).half() for key, value in network.state_dict().items() if "num" not in key}
    load_strictly(network, state, "file")

    assert {(value.dtype, value.device.type) for value in network.parameters()} == {(torch.float32, "cpu")}
    assert network.eval()(torch.ones(1, 1, 1, 1, 1)).isfinite().all()


def test_every_kind_of_mismatch_is_counted_and_its_first_key_named():
    state = {"weight": torch.zeros(1, 3), "scale": torch.zeros(2), "shift": torch.zeros(())}
    with pytest.raises(InputError) as error:
        load_strictly(nn.Linear(2, 1), state, "file.pt: not a line")

    assert str(error.value) == (
        "file.pt: not a line: 1 key missing, first 'bias' (1,); 2 keys not expected, first 'scale' (2,); "
        "1 key of another shape, first 'weight': expected (1, 2), found (1, 3)"
    )


def test_the_hash_depends_on_names_shapes_types_and_values_and_on_nothing_else():
    first = hash_state(STATE)
    others = [
        {"weight": STATE["weight"], "offset": STATE["bias"]},
        {"weight": STATE["weight"].T, "bias": STATE["bias"]},
        {"weight": STATE["weight"].double(), "bias": STATE["bias"]},
        {"weight": STATE["weight"].flip(1), "bias": STATE["bias"]},
    ]

    assert hash_state(dict(reversed(STATE.items())) | {"a.num_batches_tracked": torch.tensor(3)}) == first
    assert len({first, *map(hash_state, others)}) == 5
