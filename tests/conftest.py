"""What every test runs under: one thread a process, and shapes and types of the tensor code checked at every call.

The annotations (`Float[Tensor, "B C T"]`) are only documentation in the package; here jaxtyping and beartype hold
every call to them, an int where a float is asked for being as good as one. The hook has to be in place before the
modules are imported. It leaves out the engine, whose methods Lightning inspects, and the readers of formats, which
take what users bring.

`--light` runs where torch is not installed: what asks for it is skipped, whole modules mostly, and the rest is run.
`--at-least` says how many tests have to pass, so that this cannot become nothing at all.
"""

import importlib.util
import os
import sys
from collections.abc import Sequence

import hypothesis
import pytest

# A busy machine is no fault: tests that are about time measure it themselves.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

HEAVY = ("lightning", "torch")
CHECKED = (
    *(f"logotal.data.{name}" for name in ("batch", "crop", "dataset", "grid")),
    "logotal.inference",
    "logotal.model",
    *(f"logotal.training.{name}" for name in ("assign", "losses", "schedule")),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--light", action="store_true", help="run the tests that need no torch, which must be absent")
    parser.addoption("--at-least", type=int, default=0, metavar="N", help="fail if fewer tests than N pass")


class SkipsWhatIsHeavy:
    """A finder of modules by which an import of torch ends the test, or the module of tests, as skipped."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        """Never finds anything; pytest.skip raises."""
        if name in HEAVY:
            pytest.skip(f"needs {name}", allow_module_level=True)


def pytest_configure(config: pytest.Config) -> None:
    # For the processes that tests start, too: threads of several processes that wait for each other keep cores busy.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if config.getoption("--light"):
        present = [name for name in HEAVY if importlib.util.find_spec(name)]
        if present:
            raise pytest.UsageError(f"--light is for an environment without {' and '.join(present)}")
        sys.meta_path.insert(0, SkipsWhatIsHeavy())
    else:
        check_tensors()


def check_tensors() -> None:
    import torch  # noqa: PLC0415 - absent in the light tests
    from jaxtyping import install_import_hook  # noqa: PLC0415

    torch.set_num_threads(1)
    install_import_hook(CHECKED, "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))")


def pytest_sessionfinish(session: pytest.Session) -> None:
    least = session.config.getoption("--at-least")
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # a worker of xdist, which sees a part of the tests
        return
    passed = len(reporter.stats.get("passed", ()))
    if passed < least:
        print(f"\n{passed} tests passed, expected at least {least}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
