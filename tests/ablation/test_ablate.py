"""`logotal ablate` as a user runs it: to the end, killed and resumed, with a failure, with bad input."""

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from logotal.commands.ablate import ablate
from logotal.config import DataConfig, ModelConfig, TrainingConfig
from logotal.errors import InputError
from tests.ablation.cases import small_jobs, small_recipe, start

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_recipe(tmp_path_factory.mktemp("recipe"))


EPOCHS = 8
TABLES = ("4", "regression_loss")


def ablate_small(
    recipe: Path, out: Path, tables: tuple[str, ...] = TABLES, epochs: int = EPOCHS, jobs: int = 1
) -> None:
    ablate(str(recipe), tables=tables, seeds=(0, 1), out=out, jobs=jobs, training=TrainingConfig(epochs=epochs))


@pytest.fixture(scope="module")
def whole(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ablation that nothing disturbed."""
    out = tmp_path_factory.mktemp("whole") / "out"
    ablate_small(recipe, out)
    return out


def marks(out: Path) -> list[Path]:
    return sorted(out.glob("runs/*/*/evaluation.json"))


def dates(out: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in marks(out)}


@pytest.mark.slow
def test_an_ablation_trains_each_configuration_once_per_seed(whole: Path) -> None:
    runs = [f"{path.parent.parent.name.rsplit('-', 1)[0]} {path.parent.name}" for path in marks(whole)]
    names = ("head-clff-light", "head-light", "head-trident", "recipe", "regression_loss-diou")
    assert runs == [f"{name} seed{seed}" for name in names for seed in (0, 1)]


@pytest.mark.slow
def test_its_tables_are_complete(whole: Path) -> None:
    text = (whole / "ablation.md").read_text()
    assert "10 of 10 trainings are finished." in text
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    heads, losses = rows[:6], rows[6:]
    assert heads[0] == [
        *("paper", "ours 0.3:0.7", "difference", "ours 0.5:0.95", "difference"),
        *("runs", "parameters (M)", "GMACs", "ms"),
    ]
    assert [row[0] for row in heads[2:]] == ["light", "Trident", "CLFF", "light on fused levels"]
    assert [row[0] for row in losses[2:]] == ["giou (the recipe)", "diou"]
    light, trident, clff, _ = heads[2:]
    giou, diou = losses[2:]
    assert [light[3], giou[2]] == ["-", "-"]  # a first row differs from nothing
    assert {row[6] for row in (light, trident, clff)} == {"2"}
    assert [clff[2], clff[4], *clff[6:]] == [giou[1], giou[3], *giou[5:]]  # one run, a row in both
    values = [float(path) for path in (clff[2].split(" ± ")[0], light[2].split(" ± ")[0])]
    assert float(clff[3].split(" ± ")[0]) == pytest.approx(values[0] - values[1], abs=0.011)
    assert float(light[7]) < float(trident[7]) <= float(clff[7])
    assert diou[6:8] == giou[6:8]
    assert f"every row: training.epochs {EPOCHS}." in text
    assert "<table>" in (whole / "ablation.html").read_text()


@pytest.mark.slow
def test_running_it_again_trains_nothing_and_changes_no_table(
    recipe: Path, whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, before = (whole / "ablation.md").read_text(), dates(whole)
    ablate_small(recipe, whole)
    assert "10 of 10 trainings are finished, 0 to do" in capsys.readouterr().err
    assert (whole / "ablation.md").read_text() == text
    assert dates(whole) == before


def wait_until_in_the_middle(process: "subprocess.Popen[str]", out: Path, *, finished: int) -> None:
    """Until so many jobs are finished and another has done some epochs."""
    deadline = time.monotonic() + 120
    while True:
        assert process.poll() is None, "the ablation ended before it could be killed"
        assert time.monotonic() < deadline, "the ablation takes too long"
        tables = [path for path in out.glob("runs/*/*/metrics.csv") if not (path.parent / "model.safetensors").exists()]
        if len(marks(out)) >= finished and any(len(path.read_text().splitlines()) > 3 for path in tables):
            return
        time.sleep(0.005)


def processes_of(out: Path) -> list[int]:
    """The processes that have a file of the ablation open, where the system tells."""
    found = []
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(str(out) in str(entry.readlink()) for entry in folder.iterdir()):
                found.append(int(folder.parent.name))
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found


def wait_until_alone(out: Path) -> None:
    deadline = time.monotonic() + 30
    while processes_of(out):
        assert time.monotonic() < deadline, "a process goes on without its parent"
        time.sleep(0.05)


@pytest.mark.slow
def test_killed_in_the_middle_and_started_again_it_writes_the_same_tables(
    recipe: Path, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    shutil.copy(whole / "costs.json", out)  # milliseconds are never the same twice
    process = start(recipe, out, *TABLES, epochs=EPOCHS, jobs=2)
    wait_until_in_the_middle(process, out, finished=2)
    process.kill()
    process.communicate(timeout=60)
    wait_until_alone(out)
    assert "8 of 8" not in (out / "ablation.md").read_text()
    kept = dates(out)
    assert 2 <= len(kept) < 8

    ablate_small(recipe, out)
    assert {path: dates(out)[path] for path in kept} == kept
    for page in ("ablation.md", "ablation.html"):
        assert (out / page).read_text() == (whole / page).read_text()


@pytest.mark.slow
def test_ctrl_c_ends_it_with_a_sentence(recipe: Path, tmp_path: Path) -> None:
    process = start(recipe, tmp_path, "regression_loss", epochs=500, jobs=1)
    wait_until_in_the_middle(process, tmp_path, finished=0)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.strip().endswith("stopped; the same command goes on")
    assert "Traceback" not in said
    wait_until_alone(tmp_path)


@pytest.mark.slow
def test_jobs_that_fail_are_reported_and_the_others_kept(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, diou = (job.folder.parent for job in small_jobs(recipe, tmp_path))
    diou.parent.mkdir()
    diou.write_text("a file where a folder should be")
    evaluation = own / "seed1" / "evaluation.json"
    evaluation.parent.mkdir(parents=True)
    protocol, counts = {"name": "sbhar", "split": "validation"}, {"videos": 1, "truths": 1}
    evaluation.write_text(json.dumps({"protocol": protocol, "counts": counts, "mAP": {}, "average_mAP": {}}))

    with pytest.raises(InputError, match=r"^3 of 4 trainings failed; the same command tries them again$"):
        ablate_small(recipe, tmp_path, ("regression_loss",), epochs=1)
    page, said = (tmp_path / "ablation.md").read_text(), capsys.readouterr().err
    assert "1 of 4 trainings are finished, 3 failed." in page
    for name, reason in (
        (f"{diou.name}, seed 0", "the run folder cannot be written"),
        (f"{diou.name}, seed 1", "the run folder cannot be written"),
        (f"{own.name}, seed 1", "found 'sbhar' on 'validation'; numbers of two protocols are never mixed"),
    ):
        for output in (page, said):
            lines = output.replace("\\", "").splitlines()  # Markdown escapes names
            assert any(name in line and reason in line for line in lines)
    assert "Traceback" not in said

    evaluation.unlink()
    with pytest.raises(InputError, match="2 of 4 trainings failed"):
        ablate_small(recipe, tmp_path, ("regression_loss",), epochs=1)
    assert "2 of 4 trainings are finished, 2 failed." in (tmp_path / "ablation.md").read_text()


def test_the_list_needs_no_data_and_trains_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ablate("thumos14", tables=("3", "4"), seeds=(0, 4), out=tmp_path / "out", only_list=True)
    printed = capsys.readouterr().out
    assert "6 configurations, 12 trainings, 0 of them evaluated already" in printed
    for name in ("mixer-conv_head-trident-", "head-light-", "mixer: LoGo + CLFF", "head: CLFF"):
        assert name in printed
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tables": ("heads",)}, "no table 'heads'; did you mean 'head'?"),
        ({"tables": ()}, "no tables; name some of mixer, head, levels"),
        ({"seeds": ()}, "no seeds; name some, as --seeds 0 1 2"),
        ({"seeds": (0, -1)}, "expected seeds from 0 to 2147483647, found -1"),
        ({"folds": 0}, "give the number of folds as --folds N (1 for none), and no --data.fold"),
        ({"folds": 3, "data": DataConfig(fold=(1, 3))}, "and no --data.fold"),
        ({"jobs": 0}, "--jobs: expected a whole number of at least 1, found 0"),
        ({"training": TrainingConfig(seed=3)}, "give the seeds there, not with --training.seed"),
        ({"training": TrainingConfig(devices=2)}, "training.devices 2: each training of an ablation has one device"),
        ({"tables": ("fc",), "model": ModelConfig(mixer="conv")}, "no table is left; name others with --tables"),
        ({}, "no features; name their folder with --data.features DIR"),
        ({"data": DataConfig(features=Path("/nowhere"))}, "/nowhere: no such folder of features"),
    ],
)
def test_bad_input_is_one_line(arguments: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        ablate("thumos14", out=tmp_path / "out", **arguments)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
