import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from logotal.backbones.numpy_pickle import read_arrays
from logotal.errors import InputError


class Call:
    """An object whose pickle calls a function when it is read."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def array(shape: object, content: object, kind: object = "f4", *, fortran: bool = False, order: str = "<") -> bytes:
    """A pickle of one array with any state at all, as numpy writes it."""
    rebuild = np.zeros(0).__reduce__()[0]
    buffer = io.BytesIO()

    class Pickler(pickle.Pickler):
        def reducer_override(self, value: object):
            if isinstance(value, np.dtype):
                return np.dtype, (kind, False, True), (3, order, None, None, None, -1, -1, 0)
            if isinstance(value, np.ndarray):
                return rebuild, (np.ndarray, (0,), b"b"), (1, shape, np.dtype("f4"), fortran, content)
            return NotImplemented

    Pickler(buffer, protocol=4).dump({"a": np.zeros(1, np.float32)})
    return buffer.getvalue()


def test_nested_dicts_of_arrays_come_back_by_path():
    tree = {
        "params": {"Mixed/b0": {"kernel": np.arange(6, dtype=np.float32).reshape(1, 2, 3)}},
        "scalar": np.float32(2),
    }
    tree["scalar"] = np.array(2, np.float32)
    arrays = read_arrays(pickle.dumps(tree, protocol=4), "file")

    assert {path: values.tolist() for path, values in arrays.items()} == {
        "params/Mixed/b0/kernel": [[[0, 1, 2], [3, 4, 5]]],
        "scalar": 2,
    }


def test_the_names_of_older_numpy_are_known():
    content = pickle.dumps({"a": np.ones(2, np.float32)}, protocol=3).replace(b"numpy._core", b"numpy.core")

    assert read_arrays(content, "file")["a"].tolist() == [1, 1]


@pytest.mark.parametrize("place", ["value", "key", "state"])
def test_a_pickle_bomb_is_refused_and_does_not_go_off(tmp_path: Path, place: str):
    bomb = Call(os.mkdir, str(tmp_path / "made"))
    content = {"value": {"a": bomb}, "key": {("a", bomb): 1}, "state": [{"a": np.ones(1, np.float32)}, bomb]}[place]
    with pytest.raises(InputError, match=r"file: expected numpy arrays only, found (posix|nt)\.mkdir; do not trust"):
        read_arrays(pickle.dumps(content), "file")

    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "function", [np.load, np.fromfile, eval, getattr, np.memmap], ids=lambda function: function.__name__
)
def test_other_functions_of_numpy_and_python_are_refused(function: Callable[..., object]):
    with pytest.raises(InputError, match="expected numpy arrays only, found"):
        read_arrays(pickle.dumps({"a": Call(function, "x")}), "file")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (array((3,), b"\0" * 8), r"8 bytes do not make an array of shape \(3,\)"),
        (array((1 << 40, 1 << 40), b"\0" * 8), "8 bytes do not make an array"),
        (array((-1, -2), b"\0" * 8), "8 bytes do not make an array"),
        (array((True, 2), b"\0" * 8), "8 bytes do not make an array"),
        (array((2,), [1, 2]), "expected arrays of numbers in C order"),
        (array((1, 2), b"\0" * 8, fortran=True), "expected arrays of numbers in C order"),
        (array((2,), b"\0" * 8, "O8"), "expected float32 arrays, found type 'O8'"),
        (array((2,), b"\0" * 8, "f8"), "expected float32 arrays, found type 'f8'"),
        (array((2,), b"\0" * 8, order=">"), "expected little-endian arrays, found '>'"),
        (pickle.dumps({"a": [1.0]}), "expected dicts of arrays, found list at 'a'"),
        (pickle.dumps(3), "expected dicts of arrays, found int at ''"),
        (array((2,), b"\0" * 8)[:-5], "file: "),
        (b"", "file: "),
        (b"not a pickle", "file: "),
    ],
)
def test_what_is_no_float32_array_is_refused(content: bytes, message: str):
    with pytest.raises(InputError, match=message):
        read_arrays(content, "file")


def test_a_dict_that_holds_itself_is_refused():
    tree: dict[str, object] = {}
    tree["a"] = tree
    with pytest.raises(InputError, match="file: "):
        read_arrays(pickle.dumps(tree), "file")
