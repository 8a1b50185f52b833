"""`torch.compile` takes a whole network as one graph, which CUDA graphs ask for, and changes no answer."""

import subprocess
import sys

import pytest

from tests.model.compiled import NETWORKS


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_compiles_as_one_graph(name):
    command = [sys.executable, "-m", "tests.model.compiled", name]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr[-2000:]
    assert float(told.stdout) < 1e-5
