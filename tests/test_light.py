"""The tests without torch: they do not run where it is, and cannot pass with too few."""

import subprocess
import sys

import pytest

WITH_TORCH = "--light" not in sys.argv


def pytest_ends(*options: str) -> tuple[int, str]:
    """The status of the tests of one small module, and what was printed."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/evaluation/test_truth.py", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("least", "status"), [(1, 0), (10_000, 1)])
def test_too_few_passing_tests_are_a_failure(least: int, status: int) -> None:
    light = [] if WITH_TORCH else ["--light"]
    found, said = pytest_ends("--at-least", str(least), *light)
    assert found == status
    assert (f"tests passed, expected at least {least}" in said) == bool(status)


@pytest.mark.skipif(not WITH_TORCH, reason="is about an environment with torch")
def test_the_light_tests_refuse_an_environment_with_torch() -> None:
    status, said = pytest_ends("--light")
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "--light is for an environment without lightning and torch" in said
