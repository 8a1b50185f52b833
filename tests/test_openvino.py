"""OpenVINO is opened once, says what it lacks, and leaves signals as they are."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from logotal import openvino
from logotal.errors import InputError


def test_without_openvino_the_install_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino, "_core", openvino._core.__wrapped__)  # not what an earlier call has kept
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(InputError, match=r"pip install 'logotal\[openvino\]'"):
        openvino.open_openvino("fp32")


@pytest.mark.parametrize("able", [["FP32"], ["FP32", "BF16"]])
def test_bf16_is_refused_where_openvino_would_take_fp32_for_it(
    monkeypatch: pytest.MonkeyPatch, able: list[str]
) -> None:
    core = SimpleNamespace(get_property=lambda device, name: able)
    monkeypatch.setattr(openvino, "_core", lambda: core)
    assert openvino.open_openvino("fp32") is core
    if "BF16" in able:
        assert openvino.open_openvino("bf16") is core
        return
    with pytest.raises(InputError, match="precision bf16: OpenVINO finds only FP32 in this processor; use fp32"):
        openvino.open_openvino("bf16")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no other stack for signals")
def test_a_signal_is_heard_after_another_thread_let_go_of_openvino() -> None:
    pytest.importorskip("openvino", reason="needs the extra openvino")
    program = """
import signal, threading
from logotal.openvino import open_openvino
held = [open_openvino("fp32")]
assert open_openvino("fp32") is held[0]
thread = threading.Thread(target=held.clear)
thread.start()
thread.join()
signal.signal(signal.SIGINT, lambda *_: print("heard"))
signal.raise_signal(signal.SIGINT)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "heard\n"), done.stderr
