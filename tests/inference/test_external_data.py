"""An ONNX file that keeps tensors in other files could have any file read; it is refused by every runtime."""

from pathlib import Path

import pytest

from logotal.errors import InputError
from logotal.files.onnx import refuse_external_data
from logotal.inference.runtimes import RUNTIMES

onnx = pytest.importorskip("onnx")


def model(folder: Path, location: str, *, where: str) -> bytes:
    """A model that adds a tensor of 4 numbers to its input, which lies in another file."""
    outside = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [4], [0.0] * 4)
    if location:
        outside.ClearField("float_data")
        outside.data_location = onnx.TensorProto.EXTERNAL
        outside.external_data.add(key="location", value=location)
    tensor = onnx.helper.make_tensor_value_info
    given, answer = (tensor(name, onnx.TensorProto.FLOAT, [4]) for name in ("x", "y"))
    nodes, initializers = [onnx.helper.make_node("Add", ["x", "w"], ["y"])], [outside]
    if where == "node":
        nodes, initializers = [onnx.helper.make_node("Constant", [], ["w"], value=outside), *nodes], []
    made = onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", [given], [answer], initializers))
    made.metadata_props.add(key="labels", value='["location"]')
    return bytes(made.SerializeToString())


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("location", ["../secret.bin", "weights.bin", "/etc/passwd"])
@pytest.mark.parametrize("where", ["initializer", "node"])
def test_tensors_in_other_files_are_refused(runtime: str, location: str, where: str, tmp_path: Path) -> None:
    pytest.importorskip(runtime)
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.bin").write_bytes(b"\1" * 16)
    (tmp_path / "in" / "weights.bin").write_bytes(b"\1" * 16)
    path = tmp_path / "in" / "model.onnx"
    path.write_bytes(model(tmp_path, location, where=where))
    with pytest.raises(InputError, match="keeps tensors in other files, which are not read"):
        RUNTIMES[runtime](path, "fp32")


@pytest.mark.parametrize("key", [b"\x0a\x88\x00", b"\x0a\x88\x80\x80\x00", b"\x8a\x00\x08", b"\x8a\x80\x00\x88\x00"])
def test_a_long_winded_key_is_found_too(key: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    content = model(tmp_path, "../secret.bin", where="initializer")
    assert content.count(b"\x0a\x08location") == 1
    path.write_bytes(content.replace(b"\x0a\x08location", key + b"location"))
    with pytest.raises(InputError, match="other files"):
        refuse_external_data(path)


def test_a_label_of_that_name_is_no_reason(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(model(tmp_path, "", where="initializer"))
    refuse_external_data(path)
    path.write_bytes(b"")
    with pytest.raises(InputError, match="not an ONNX model"):
        refuse_external_data(path)
