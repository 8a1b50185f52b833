"""A checkpoint is a file of others: a damaged one is refused, and the one before serves."""

import io
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from logotal.errors import InputError
from logotal.files import whole
from logotal.places import CHECKPOINT, PREVIOUS_CHECKPOINT
from logotal.runs.folder import Run
from logotal.runs.train import train
from logotal.training.engine.checkpoint import END, WholeCheckpoints, read_checkpoint, read_last_sound, sealed
from tests.hostile.limits import within
from tests.training.small import small_config, small_data

State = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three epochs that is finished."""
    folder = tmp_path_factory.mktemp("checkpoint")
    return train(small_config(small_data(folder / "data")), folder / "run").folder


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run, tmp_path / "run"))


def network(run: Path) -> State:
    """What the network of the run is known by."""
    content = torch.load(run / CHECKPOINT, weights_only=True)
    state: State = content["state_dict"]
    return state


def changed(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    """A checkpoint with other content, under a right checksum."""

    def damage(content: bytes) -> bytes:
        state = torch.load(io.BytesIO(content), weights_only=True)
        change(state)
        return saved(state)

    return damage


def saved(state: object) -> bytes:
    file = io.BytesIO()
    torch.save(state, file)
    return sealed(file.getvalue())


def first(state: dict[str, Any], key: str = "state_dict") -> tuple[State, str]:
    return state[key], next(iter(state[key]))


def spoil(state: dict[str, Any], key: str, value: float) -> None:
    tensors, name = first(state, key)
    tensors[name] = tensors[name].clone()
    tensors[name].view(-1)[0] = value


def put(state: dict[str, Any], tensor: torch.Tensor) -> None:
    tensors, name = first(state)
    tensors[name] = tensor


def spoil_moment(state: dict[str, Any], value: float) -> None:
    moments = state["optimizer_states"][0]["state"]
    next(iter(moments.values()))["exp_avg"].view(-1)[0] = value


def packed(compression: int) -> Callable[[bytes], bytes]:
    def damage(content: bytes) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", compression) as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))
        return sealed(file.getvalue())

    return damage


class Large:
    """Its pickle asks for six billion bytes, which torch's reader of weights would make."""

    def __reduce__(self) -> tuple[Any, ...]:
        return bytearray, (6 * 10**9,)


class Command:
    """Its pickle asks for a command."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("true",)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    **{
        f"cut after {part} of 10": (lambda content, part=part: content[: len(content) * part // 10])
        for part in range(10)
    },
    "last byte missing": lambda content: content[:-1],
    "checksum missing": lambda content: content[:-END],
    "checksum of another": lambda content: content[:-64] + b"0" * 64,
    "one byte more": lambda content: content + b"x",
    "twice": lambda content: content * 2,
    **{
        f"zeros at {part} of 8": (
            lambda content, part=part: (
                ((at := len(content) * part // 8) and content[:at] + bytes(512) + content[at + 512 :])
                or bytes(512) + content[512:]
            )
        )
        for part in range(8)
    },
    "all zeros": lambda content: bytes(len(content)),
    "text": lambda content: b"epoch: 1" + b"0123456789" * 100,
    "another zip": lambda content: sealed(_zip({"a.txt": b"a"})),
    "compressed": packed(zipfile.ZIP_DEFLATED),
    "a pickle of Python": lambda content: pickle.dumps({"epoch": 1}),
    "a sealed pickle of Python": lambda content: sealed(pickle.dumps({"epoch": 1}) + bytes(2)),
    "a command": lambda content: saved({"epoch": 1, "callbacks": Command()}),
    "six gigabytes": lambda content: saved({"epoch": 1, "callbacks": Large()}),
    "an endless tensor": changed(lambda state: put(state, torch.zeros(1).expand(10**12))),
    "a list": lambda content: saved([1, 2]),
    "nothing in it": lambda content: saved({}),
    "no epoch": changed(lambda state: state.pop("epoch")),
    "a word as epoch": changed(lambda state: state.update(epoch="one")),
    "no weights": changed(lambda state: state.pop("state_dict")),
    "a weight less": changed(lambda state: state["state_dict"].pop(first(state)[1])),
    "a weight more": changed(lambda state: state["state_dict"].update(more=torch.zeros(1))),
    "a weight turned": changed(lambda state: put(state, first(state)[0][first(state)[1]].mT.contiguous())),
    "a weight in doubles": changed(lambda state: put(state, first(state)[0][first(state)[1]].double())),
    "a weight that is a word": changed(lambda state: state["state_dict"].update({first(state)[1]: "one"})),
    "NaN": changed(lambda state: spoil(state, "state_dict", float("nan"))),
    "infinite": changed(lambda state: spoil(state, "state_dict", float("inf"))),
    "NaN beside the averages": changed(lambda state: spoil(state, "current_model_state", float("nan"))),
    "NaN in the optimizer": changed(lambda state: spoil_moment(state, float("nan"))),
}


def _zip(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_refused_in_one_sentence_and_the_one_before_is_taken(damage: str, copy: Path) -> None:
    path, known = copy / CHECKPOINT, network(copy)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with within(20), pytest.raises(InputError, match="damaged") as caught:
        read_checkpoint(path, known)
    assert "\n" not in str(caught.value)
    said: list[str] = []
    found, last = read_last_sound(copy, known, said.append)
    assert (found["epoch"], last) == (1, False)
    assert len(said) == 1
    assert said[0].endswith("going on from the one before, after step 6")


def test_no_flipped_bit_is_accepted(copy: Path) -> None:
    path, known, random = copy / CHECKPOINT, network(copy), Random(0)
    content = path.read_bytes()
    places = [random.randrange(len(content)) for _ in range(100)]
    for place in [*places, 0, len(content) - 1, len(content) - END, len(content) - END - 1]:
        flipped = bytearray(content)
        flipped[place] ^= 1 << random.randrange(8)
        path.write_bytes(flipped)
        with pytest.raises(InputError, match="checksum"):
            read_checkpoint(path, known)


@pytest.mark.parametrize(
    "break_",
    [
        lambda state: state.pop("loops"),
        lambda state: state.update(optimizer_states=[{}]),
        lambda state: state.update(lr_schedulers=3),
        lambda state: state.update(callbacks=3),
    ],
    ids=["no loops", "no optimizer", "no schedule", "no callbacks"],
)
def test_what_only_the_trainer_can_judge_is_a_sentence_too(break_: Callable[[Any], object], copy: Path) -> None:
    path = copy / CHECKPOINT
    (copy / PREVIOUS_CHECKPOINT).unlink()
    path.write_bytes(changed(break_)(path.read_bytes()))
    before = (copy / "model.safetensors").read_bytes()
    with pytest.raises(InputError, match="not a checkpoint that logotal wrote"):
        train(Run(copy).config(), copy, resume=True)
    assert (copy / "model.safetensors").read_bytes() == before


@pytest.mark.parametrize("how", ["damaged", "gone"])
def test_a_run_whose_last_checkpoint_is_lost_ends_with_the_same_bits(how: str, copy: Path) -> None:
    model = copy / "model.safetensors"
    expected, previous = model.read_bytes(), (copy / PREVIOUS_CHECKPOINT).read_bytes()
    model.unlink()
    if how == "gone":
        (copy / CHECKPOINT).unlink()
    else:
        (copy / CHECKPOINT).write_bytes(b"torn")
    said: list[str] = []
    train(Run(copy).config(), copy, resume=True, warn=said.append)
    assert model.read_bytes() == expected
    assert len(said) == (how == "damaged")
    assert (copy / PREVIOUS_CHECKPOINT).read_bytes() == previous, "a damaged one must not take the place of a sound one"
    read_checkpoint(copy / CHECKPOINT, network(copy))


def test_two_damaged_checkpoints_are_one_sentence_and_nothing_is_written(copy: Path) -> None:
    for name in (CHECKPOINT, PREVIOUS_CHECKPOINT):
        (copy / name).write_bytes((copy / name).read_bytes()[:-7])
    before = (copy / "model.safetensors").read_bytes()
    with pytest.raises(InputError, match=r"checkpoint\.ckpt: not a checkpoint .*checksum .*train anew"):
        train(Run(copy).config(), copy, resume=True)
    assert (copy / "model.safetensors").read_bytes() == before


def test_a_checkpoint_larger_than_the_network_can_need_is_not_read(copy: Path) -> None:
    known = network(copy)
    with (copy / CHECKPOINT).open("r+b") as file:
        file.truncate(2**40)
    with within(5), pytest.raises(InputError, match="larger than"):
        read_checkpoint(copy / CHECKPOINT, known)


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_checkpoint_whose_writing_fails_leaves_the_last_one(
    call: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, before = copy / CHECKPOINT, (copy / CHECKPOINT).read_bytes()
    seen: list[bytes] = []

    def fail(*given: object) -> None:
        seen.append(path.read_bytes())
        raise OSError(28, "No space left on device")

    if call == "fsync":
        monkeypatch.setattr(whole.os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InputError, match="No space left"):
        WholeCheckpoints().save_checkpoint({"epoch": 7}, path)
    assert seen == [before], "written in its place before it was whole"
    assert path.read_bytes() == before
    assert not list(copy.glob(".*.part"))


def test_a_sound_checkpoint_is_there_while_one_is_written(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, known, looked = copy / CHECKPOINT, network(copy), []
    state = torch.load(path, weights_only=True)

    def looking(name: str, original: Any) -> Any:
        def wrapped(*given: Any, **named: Any) -> Any:
            for moment in ("before", "after"):
                result = original(*given, **named) if moment == "after" else None
                looked.append((name, moment, read_last_sound(copy, known, pytest.fail)[1]))
            return result

        return wrapped

    for name in ("replace", "hardlink_to", "touch"):
        monkeypatch.setattr(Path, name, looking(name, getattr(Path, name)))
    files = WholeCheckpoints()
    files.keep = True
    files.save_checkpoint(state, path)
    assert len(looked) >= 8
    assert all(last for _, _, last in looked)


def test_weights_that_are_not_finite_are_never_written_as_a_model(copy: Path) -> None:
    model = copy / "model.safetensors"
    before = model.read_bytes()
    with pytest.raises(InputError, match="w is NaN or infinite"):
        Run(copy).write_model({"w": torch.tensor([0.0, float("nan")])}, {})
    assert model.read_bytes() == before
