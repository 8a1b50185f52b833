"""What is told to stop says one sentence, ends with the status of the signal, and leaves whole files."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_all_start_methods
from pathlib import Path

import pytest

from logotal.demo.demo import MARK
from logotal.endings import SENTENCE
from logotal.places import CHECKPOINT, METRICS
from logotal.recipes import dump_config
from logotal.runs.train import train
from logotal.training.metrics import read_rows
from reliability import samples
from reliability.whole import faults, leftovers
from tests.training.small import small_config, small_data

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGTERM")

BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])


def start(*arguments: object, method: str | None = None) -> "subprocess.Popen[str]":
    # Where tests run in the background, processes begin by ignoring Ctrl-C.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    chosen = f"import multiprocessing; multiprocessing.set_start_method({method!r}); " if method else ""
    program = f"{chosen}{heard}; from logotal.__main__ import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "NO_COLOR": "1"},
        start_new_session=True,
    )


def until(process: "subprocess.Popen[str]", sign: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not sign():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def said(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
    return err.strip().splitlines()[-1]


def recipe(folder: Path, epochs: int) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(dump_config(small_config(small_data(folder / "data"), training={"epochs": epochs})))
    return path


def rows(run: Path) -> int:
    return len((run / METRICS).read_text().splitlines()) - 1 if (run / METRICS).is_file() else 0


@pytest.mark.slow
@BOTH
def test_a_stopped_training_says_how_to_go_on_and_does_to_the_same_bits(number: int, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = start("train", recipe(tmp_path, 12), "--out", run)
    until(process, lambda: rows(run) >= 2 and (run / CHECKPOINT).is_file())
    os.killpg(process.pid, number)
    assert said(process) == f"logotal: stopped; what it has learned is saved; go on with: logotal train --resume {run}"
    assert process.returncode == 128 + number
    assert faults(run) == leftovers(run) == []
    assert not (run / "model.safetensors").exists()
    again = start("train", "--resume", run)
    again.communicate(timeout=120)
    assert again.returncode == 0
    whole = start("train", tmp_path / "recipe.yaml", "--out", tmp_path / "whole")
    assert whole.communicate(timeout=120)
    assert (run / "model.safetensors").read_bytes() == (tmp_path / "whole" / "model.safetensors").read_bytes()


@pytest.fixture
def hears_interrupts() -> Iterator[None]:
    """Ctrl-C is heard, also where the tests run in the background of a shell, which has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_interrupts")
@pytest.mark.parametrize("stop", [1, 3, 5, 8, 9])  # within the first epoch, at its end, within the others, at the end
@pytest.mark.parametrize("how", [{}, {"workers": 2}, {"ema_decay": 0, "input_noise": 0.1}])
def test_a_training_in_a_program_of_ones_own_goes_on_from_the_step_at_which_it_was_stopped(
    tmp_path: Path, how: dict[str, float], stop: int
) -> None:
    config = small_config(small_data(tmp_path / "data"), training={"epochs": 3, **how})
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    steps: list[int] = []

    def interrupt(done: int, total: int, loss: float) -> None:
        steps.append(done)
        if len(steps) == stop:
            signal.raise_signal(signal.SIGINT)

    run, whole = tmp_path / "run", train(config, tmp_path / "whole").folder
    if stop < 9:
        with pytest.raises(KeyboardInterrupt, match="learned is saved; go on with: logotal train --resume"):
            train(config, run, progress=interrupt)
        assert rows(run) == stop // 3
    else:  # nothing is left to stop
        train(config, run, progress=interrupt)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    train(config, run, resume=True, progress=interrupt)
    assert steps == list(range(1, 10)), "a step was done twice or never"
    assert (run / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert [row | {"seconds": ""} for row in read_rows(run / METRICS)] == [
        row | {"seconds": ""} for row in read_rows(whole / METRICS)
    ]


def test_a_second_training_in_a_folder_is_refused_and_the_lock_of_a_killed_one_is_harmless(tmp_path: Path) -> None:
    run, path = tmp_path / "run", recipe(tmp_path, 400)
    first = start("train", path, "--out", run)
    until(first, (run / "config.yaml").is_file)
    second = start("train", path, "--out", run, "--resume")
    assert said(second).startswith(f"logotal: {run}: another training is at work here")
    assert second.returncode == 1
    first.kill()
    first.communicate()
    before = rows(run)
    third = start("train", path, "--out", run, "--resume")
    until(third, lambda: rows(run) > before)
    third.terminate()
    assert "go on with" in said(third)
    assert not (run / ".lock").exists()


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    program = """
import time
from logotal.endings import listen
listen()
try:
    print("ready", flush=True)
    time.sleep(60)
finally:
    print("told", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.stdout.readline() == "told\n"
        process.terminate()
        assert process.wait(timeout=5) == 128 + signal.SIGTERM


@BOTH
def test_what_comes_within_a_destructor_stops_as_well(number: int) -> None:
    status, said = ends(f"""
import signal, time, logotal.cli
class Group:
    def __del__(self):
        signal.raise_signal({int(number)})
        "the handler is called here, and what it raises is ignored"
def run():
    Group()
    time.sleep(30)
logotal.cli.main = run
signal.signal(signal.SIGINT, signal.default_int_handler)
from logotal.__main__ import main
main()
""")
    assert (status, said) == (128 + number, f"logotal: {SENTENCE}\n")  # who is out of time says nothing


WORKERS = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from logotal.endings import end_worker_with_parent
def begin():
    end_worker_with_parent()
    os.write(1, b"ready\\n")  # whole, whatever the other one writes at the same moment
if __name__ == "__main__":
    pool = ProcessPoolExecutor(2, get_context(sys.argv[1]), initializer=begin)
    jobs = [pool.submit(time.sleep, 120) for _ in range(2)]
    time.sleep(120)
"""


@pytest.mark.parametrize("method", get_all_start_methods())
def test_processes_end_with_a_parent_that_is_killed(method: str, tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(WORKERS)
    with subprocess.Popen(
        [sys.executable, tmp_path / "work.py", method], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n"] * 2
        process.kill()
        assert process.communicate(timeout=30)[0] == ""  # all have closed their ends of the pipe


@BOTH
def test_processes_that_are_being_started_are_all_started_before_a_signal_is_heard(number: int) -> None:
    program = f"""
import os, signal, threading, time
from logotal.endings import Stopped, listen, unheard
signal.signal(signal.SIGINT, signal.default_int_handler)
listen()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()  # may take the signal
try:
    with unheard():
        os.kill(os.getpid(), {int(number)})
        for _ in range(100):
            time.sleep(0.001)
        print("all started", flush=True)
    print("went on", flush=True)
except Stopped as stopped:
    print("stopped by", stopped.number, flush=True)
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["all started", f"stopped by {int(number)}"]


@pytest.mark.slow
@BOTH
def test_an_extraction_in_two_processes_stops_within_two_seconds_and_leaves_no_process(
    number: int, tmp_path: Path
) -> None:
    samples.videos(tmp_path / "videos", 2, frames=24)
    for path in samples.videos(tmp_path / "long", 3, frames=2500):
        path.rename(tmp_path / "videos" / f"z_{path.name}")
    options = samples.extraction_options(samples.backbone_weights(tmp_path))
    out = tmp_path / "features"
    process = start("extract", tmp_path / "videos", "--out", out, "--workers", "2", *options)
    until(process, (out / "video_1.npy").is_file)
    began = time.monotonic()
    os.killpg(process.pid, number)
    assert "the same command" in said(process)  # all have closed their ends of the pipes
    assert time.monotonic() - began < 2
    assert process.returncode == 128 + number
    assert faults(out) == leftovers(out) == []
    deadline = time.monotonic() + 5  # the one that tracks resources of the others ends a little later
    while group_is_alive(process.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@BOTH
@pytest.mark.parametrize("seconds", [0.2, 0.6, 1.2])
def test_any_command_says_one_sentence(number: int, seconds: float, tmp_path: Path) -> None:
    process = start("demo", "--save", tmp_path / "demo")
    time.sleep(seconds)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode in (128 + number, -number)  # before Python has loaded logotal, the system ends it
    assert [path for path in leftovers(tmp_path) if path.name != MARK] == []


def ends(program: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


@BOTH
@pytest.mark.parametrize("error", ["RuntimeError('half loaded')", "SystemExit('logotal: a: cannot be read')"])
def test_what_a_library_makes_of_an_interruption_is_still_one(number: int, error: str) -> None:
    status, said = ends(f"""
import signal, logotal.cli
def run():
    try:
        signal.raise_signal({int(number)})
    except KeyboardInterrupt:
        raise {error} from None
logotal.cli.main = run
signal.signal(signal.SIGINT, signal.default_int_handler)
from logotal.__main__ import main
main()
""")
    assert (status, said) == (128 + number, f"logotal: {SENTENCE}\n")


@BOTH
def test_a_thread_that_fails_while_a_stopped_process_ends_says_nothing(number: int) -> None:
    status, said = ends(f"""
import signal, threading, logotal.cli
from logotal.endings import at_end
def run():
    ending = threading.Event()
    thread = threading.Thread(target=lambda: (ending.wait(), 1 / 0))
    thread.start()
    at_end(lambda: (ending.set(), thread.join()))
    signal.raise_signal({int(number)})
logotal.cli.main = run
signal.signal(signal.SIGINT, signal.default_int_handler)
from logotal.__main__ import main
main()
""")
    assert (status, said) == (128 + number, f"logotal: {SENTENCE}\n")


def test_an_error_of_a_command_that_nobody_stopped_stays_what_it_is() -> None:
    status, said = ends("""
import logotal.cli
def run():
    raise RuntimeError("a fault of ours")
logotal.cli.main = run
from logotal.__main__ import main
main()
""")
    assert status == 1
    assert said.endswith("RuntimeError: a fault of ours\n")


@BOTH
def test_a_module_that_is_being_loaded_is_not_stopped_halfway(number: int, tmp_path: Path) -> None:
    (tmp_path / "half.py").write_text(
        f"import signal, time; signal.raise_signal({int(number)}); time.sleep(0.2); a = 1"
    )
    status, said = ends(f"""
import logotal.cli, sys, time
sys.path.insert(0, {str(tmp_path)!r})
def run():
    try:
        import half
        time.sleep(60)
    finally:
        print("whole:", hasattr(sys.modules.get("half"), "a"), file=sys.stderr, flush=True)
logotal.cli.main = run
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from logotal.__main__ import main
main()
""")
    assert (status, said) == (128 + number, f"whole: True\nlogotal: {SENTENCE}\n")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "method"), [(signal.SIGINT, "fork"), (signal.SIGTERM, "forkserver")])
def test_an_extraction_starts_its_processes_anew_whatever_the_start_method_is(
    number: int, method: str, tmp_path: Path
) -> None:
    if method not in get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    samples.videos(tmp_path / "videos", 2, frames=2500)
    options = samples.extraction_options(samples.backbone_weights(tmp_path))
    out = tmp_path / "features"
    process = start("extract", tmp_path / "videos", "--out", out, "--workers", "2", *options, method=method)
    until(process, lambda: len(spawned(process.pid)) == 2)
    began = time.monotonic()
    os.killpg(process.pid, number)
    assert "the same command" in said(process)
    assert time.monotonic() - began < 2
    assert process.returncode == 128 + number
    assert faults(out) == leftovers(out) == []


def spawned(pid: int) -> list[str]:
    """The processes that extract, by their command lines: forks would have that of their parent."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [line for child in found if "spawn_main" in (line := Path(f"/proc/{child}/cmdline").read_text())]


@pytest.mark.slow
@BOTH
def test_a_watching_that_is_stopped_says_so_in_one_sentence(number: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import pytest; from pathlib import Path; from tests.runs.watching import know_means, make_run\n"
        "know_means(pytest.MonkeyPatch())\n"
        f"run = make_run(Path({str(tmp_path)!r}))\n"
        f"import sys; sys.argv = ['logotal', 'watch', {str(tmp_path / 'pipe')!r}, '--model', str(run)]\n"
        f"Path({str(tmp_path / 'ready')!r}).touch()\n"
        "from logotal.__main__ import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "NO_COLOR": "1"},
        start_new_session=True,
    )
    until(process, (tmp_path / "ready").exists)
    time.sleep(3)  # it waits for somebody to write
    os.killpg(process.pid, number)
    assert said(process) == f"logotal: stopped; 0 actions of {tmp_path / 'pipe'} were told"
    assert process.returncode == 128 + number
