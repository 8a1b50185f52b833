"""Jobs: which are finished, what is refused, and what happens to processes that die."""

import json
import multiprocessing
import os
import signal
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from logotal.ablation.jobs import Job, finished, job_list, perform, read_numbers, settle, state
from logotal.ablation.plan import Plan, make_plan
from logotal.ablation.session import owned
from logotal.ablation.workers import OUTPUT, End, Step, run_jobs
from logotal.errors import InputError
from logotal.recipes import read_recipe
from tests.ablation.cases import small_jobs, small_recipe


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_recipe(tmp_path_factory.mktemp("recipe"))


@pytest.fixture(scope="module")
def done(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Job:
    job = small_jobs(recipe, tmp_path_factory.mktemp("out"))[0]
    told: list[float] = []
    assert finished(job) is None
    assert state(job) == ""
    perform(job, told.append)
    assert told == pytest.approx([0.95 / 3, 0.95 * 2 / 3, 0.95])  # 6 videos in batches of 2
    return job


def evaluation(job: Job) -> Path:
    return job.folder / "evaluation.json"


def test_the_numbers_of_a_finished_job_are_the_averages_of_its_protocol_in_percent(done: Job) -> None:
    content = json.loads(evaluation(done).read_text())
    expected = {name: 100 * value for name, value in content["average_mAP"].items()}
    assert finished(done) == pytest.approx(expected)
    assert set(expected) == {"0.3:0.7", "0.5:0.95"}
    assert state(done) == "evaluated"


def test_a_finished_job_is_not_done_again(done: Job) -> None:
    before = {path: path.stat().st_mtime_ns for path in done.folder.iterdir()}
    perform(done, lambda part: pytest.fail("it trains again"))
    assert {path: path.stat().st_mtime_ns for path in done.folder.iterdir()} == before


def test_a_trained_job_is_only_evaluated(done: Job) -> None:
    weights, text = (done.folder / "model.safetensors").stat().st_mtime_ns, evaluation(done).read_text()
    evaluation(done).unlink()
    assert state(done) == "trained"
    perform(done, lambda part: pytest.fail("it trains again"))
    assert evaluation(done).read_text() == text
    assert (done.folder / "model.safetensors").stat().st_mtime_ns == weights


def test_a_job_killed_before_its_configuration_was_written_begins_again(recipe: Path, tmp_path: Path) -> None:
    job = small_jobs(recipe, tmp_path)[0]
    job.folder.mkdir(parents=True)
    (job.folder / ".config.yaml.x1y2").write_text("half")
    perform(job, lambda part: None)
    assert finished(job) is not None


def test_another_configuration_in_the_folder_is_refused(done: Job) -> None:
    training = done.config.training.model_copy(update={"epochs": 2})
    other = replace(done, config=done.config.model_copy(update={"training": training}))
    with pytest.raises(InputError, match=r"config\.yaml is not what this ablation wants there"):
        finished(other)


@pytest.mark.parametrize(("key", "value"), [("name", "thumos14"), ("split", "training")])
def test_an_evaluation_by_another_protocol_or_on_another_split_is_refused(done: Job, key: str, value: str) -> None:
    text = evaluation(done).read_text()
    content = json.loads(text)
    content["protocol"][key] = value
    try:
        evaluation(done).write_text(json.dumps(content))
        with pytest.raises(InputError, match=f"expected .*'generic' on split 'validation', found .*'{value}'"):
            finished(done)
        with pytest.raises(InputError, match="numbers of two protocols are never mixed"):
            perform(done, lambda part: None)
    finally:
        evaluation(done).write_text(text)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"protocol": {"name": "generic", "split": "validation"}}'])
def test_a_file_that_is_no_evaluation_is_named(done: Job, tmp_path: Path, text: str) -> None:
    path = tmp_path / "evaluation.json"
    path.write_text(text)
    with pytest.raises(InputError, match=re_path(path)):
        read_numbers(path, done.config)


def re_path(path: Path) -> str:
    return str(path).replace(".", r"\.")


def test_jobs_find_their_data_and_channels_as_training_does(recipe: Path, tmp_path: Path) -> None:
    plan = make_plan("head", str(recipe), {"model": {"input_channels": None}})
    assert isinstance(plan, Plan)
    jobs = settle(job_list([plan], read_recipe(recipe), (0,), tmp_path))
    assert {job.config.model.input_channels for job in jobs} == {64}
    for job in jobs:
        assert job.config.data.annotations == (recipe.parent / "data" / "annotations.json").resolve()


def test_two_ablations_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with owned(tmp_path), pytest.raises(InputError, match="another ablation is writing here"), owned(tmp_path):
        pass
    with owned(tmp_path):
        pass


@pytest.mark.slow
def test_a_process_that_dies_costs_its_job_and_a_new_one_takes_the_next(recipe: Path, tmp_path: Path) -> None:
    first, second = small_jobs(recipe, tmp_path)
    many = first.config.training.model_copy(update={"epochs": 2000})
    endless = replace(first, config=first.config.model_copy(update={"training": many}))
    ends: list[End] = []
    with closing(run_jobs([endless, second], processes=1, threads=1)) as events:
        for event in events:
            if isinstance(event, End):
                ends.append(event)
            elif isinstance(event, Step) and event.job == endless and not ends:
                (process,) = multiprocessing.active_children()
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)
    assert [end.job for end in ends] == [endless, second]
    assert "ended with exit code -9" in (ends[0].reason or "")
    assert ends[1].reason is None
    assert finished(second) is not None
    assert "mAP" in (second.folder / OUTPUT).read_text()
    assert not multiprocessing.active_children()
