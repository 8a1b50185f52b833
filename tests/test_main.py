"""`python -m logotal` is the command line."""

import subprocess
import sys

from logotal import __version__


def python_m_logotal(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "logotal", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_python_m_logotal_does_what_logotal_does() -> None:
    assert python_m_logotal("--version").stdout.strip() == __version__
    assert "thumos14" in python_m_logotal("recipes").stdout


def test_python_m_logotal_ends_with_status_1_and_one_line_where_input_is_wrong() -> None:
    done = python_m_logotal("recipes", "nowhere")
    assert done.returncode == 1
    assert done.stderr.startswith("logotal: ")
    assert "Traceback" not in done.stderr
