"""Sizes of a training: from the settings, torchrun or SLURM, and refused where these disagree."""

from collections.abc import Callable

import pytest

from logotal.config import TrainingConfig
from logotal.errors import InputError
from logotal.training import world
from logotal.training.world import World, check_lone, find_world, first_process, launched

VARIABLES = (
    *("TORCHELASTIC_RUN_ID", "GROUP_WORLD_SIZE", "LOCAL_WORLD_SIZE", "WORLD_SIZE", "RANK", "LOCAL_RANK", "NODE_RANK"),
    *("MASTER_ADDR", "MASTER_PORT", "SLURM_STEP_ID", "SLURM_NTASKS", "SLURM_NNODES", "SLURM_NTASKS_PER_NODE"),
    *("SLURM_PROCID", "SLURM_JOB_NAME"),
)

Given = Callable[..., None]


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Sets the environment, in which nothing else of a launcher stands."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    have(monkeypatch)
    return lambda **variables: [monkeypatch.setenv(name, str(value)) for name, value in variables.items()] and None


def have(monkeypatch: pytest.MonkeyPatch, **counts: int) -> None:
    monkeypatch.setattr(world, "count_devices", lambda kind: counts.get(kind, 0))


def sizes(**training: object) -> World:
    return find_world(TrainingConfig.model_validate({"batch_size": 12, **training}))


def torchrun(nodes: int, devices: int, rank: int = 0) -> dict[str, object]:
    return {
        "TORCHELASTIC_RUN_ID": "none",
        "GROUP_WORLD_SIZE": nodes,
        "LOCAL_WORLD_SIZE": devices,
        "WORLD_SIZE": nodes * devices,
        "RANK": rank,
        "LOCAL_RANK": rank % devices,
    }


def srun(nodes: int, devices: int, rank: int = 0) -> dict[str, object]:
    return {
        "SLURM_STEP_ID": 0,
        "SLURM_NNODES": nodes,
        "SLURM_NTASKS_PER_NODE": devices,
        "SLURM_NTASKS": nodes * devices,
        "SLURM_PROCID": rank,
    }


def test_a_lone_process_trains_on_one_cpu() -> None:
    assert sizes() == World(1, 1, "cpu")
    assert first_process()
    assert not launched()


def test_a_program_begins_further_processes_only_where_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, cuda=4)
    assert sizes() == World(1, 1, "cuda")
    assert sizes(devices=4) == World(1, 4, "cuda")


def test_each_of_several_trainings_has_one_device(given: Given) -> None:
    check_lone(TrainingConfig(batch_size=2))
    with pytest.raises(InputError, match="each of several trainings has one device, found 2"):
        check_lone(TrainingConfig(batch_size=2, devices=2))
    given(**torchrun(1, 2))
    with pytest.raises(InputError, match="each of several trainings has one device, found 2"):
        check_lone(TrainingConfig(batch_size=2))


def test_an_accelerator_can_be_chosen_and_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"training.accelerator is gpu, and PyTorch finds none here"):
        sizes(accelerator="gpu")
    have(monkeypatch, mps=1)
    assert sizes(accelerator="gpu") == World(1, 1, "mps")
    assert sizes(accelerator="cpu", devices=3) == World(1, 3, "cpu")
    with pytest.raises(InputError, match=r"3 devices are to train .* finds 1 here; give --training.devices 1, or"):
        sizes(devices=3)


@pytest.mark.parametrize("launcher", [torchrun, srun])
def test_open_sizes_are_those_of_the_launcher(given: Given, launcher: Callable[..., dict[str, object]]) -> None:
    given(**launcher(2, 3, rank=4))
    assert sizes() == sizes(nodes=2, devices=3) == World(2, 3, "cpu")
    assert not first_process()
    given(**launcher(2, 3, rank=0))
    assert first_process()


@pytest.mark.parametrize(
    ("launcher", "options"), [(torchrun, ("--nnodes", "--nproc-per-node")), (srun, ("--nodes", "--ntasks-per-node"))]
)
def test_settings_that_disagree_with_the_launcher_are_refused(
    given: Given, launcher: Callable[..., dict[str, object]], options: tuple[str, str]
) -> None:
    given(**launcher(1, 2))
    with pytest.raises(InputError, match=rf"training.devices is 1, and \w+ was told {options[1]} 2; give"):
        sizes(devices=1)
    with pytest.raises(InputError, match=rf"training.nodes is 3, and \w+ was told {options[0]} 1; give"):
        sizes(nodes=3)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({**torchrun(2, 2), "WORLD_SIZE": 3}, "3 processes on 2 machines, 2 of them on this one"),
        ({**srun(2, 2), "SLURM_NTASKS": 3}, "SLURM started 3 tasks, and was told --nodes 2 --ntasks-per-node 2"),
        ({"SLURM_STEP_ID": 0, "SLURM_NTASKS": 2}, "2 tasks and does not say how many on each machine"),
        ({**torchrun(1, 2), "WORLD_SIZE": "two"}, "WORLD_SIZE is 'two', expected a whole number"),
        ({"WORLD_SIZE": 2, "RANK": 1}, "the environment says WORLD_SIZE 2, and the settings"),
        ({"LOCAL_RANK": 1}, "the environment says LOCAL_RANK 1, and the settings"),
    ],
)
def test_launchers_that_contradict_themselves_or_the_settings_are_refused(
    given: Given, changed: dict[str, object], message: str
) -> None:
    given(**changed)
    with pytest.raises(InputError, match=message):
        sizes()


def test_several_machines_need_to_know_which_each_is(given: Given) -> None:
    with pytest.raises(InputError, match=r"training.nodes is 2, .* \(NODE_RANK, MASTER_ADDR, MASTER_PORT not set\)"):
        sizes(nodes=2)
    given(NODE_RANK=1, MASTER_ADDR="here", MASTER_PORT=1)
    assert sizes(nodes=2, devices=2) == World(2, 2, "cpu")
    assert not first_process()


def test_a_process_that_lightning_started_is_known(given: Given) -> None:
    given(NODE_RANK=0, LOCAL_RANK=1, WORLD_SIZE=2, MASTER_ADDR="here", MASTER_PORT=1)
    assert sizes(devices=2) == World(1, 2, "cpu")
    assert launched()
    assert not first_process()


@pytest.mark.parametrize(
    "changed",
    [
        {"SLURM_NTASKS": 4, "SLURM_NTASKS_PER_NODE": 4, "SLURM_PROCID": 0},  # of a batch script, without srun
        {"SLURM_NTASKS": 1, "SLURM_PROCID": 0, "SLURM_STEP_ID": 0},
    ],
)
def test_a_process_that_slurm_runs_alone_starts_the_others_itself(given: Given, changed: dict[str, object]) -> None:
    given(**changed)
    assert sizes(devices=2) == World(1, 2, "cpu")
    assert sizes() == World(1, 1, "cpu")


@pytest.mark.parametrize(("batch", "more"), [(1, 4), (6, 8), (7, 8)])
def test_a_batch_that_cannot_be_shared_evenly_is_refused(batch: int, more: int) -> None:
    message = rf"training.batch_size is {batch}, .* 4 devices cannot share evenly; give --training.batch_size {more},"
    with pytest.raises(InputError, match=message):
        sizes(devices=4, batch_size=batch)


def test_no_gpus_of_this_machine_are_those_of_processes_on_it(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, cuda=1)
    given(**torchrun(1, 2))
    with pytest.raises(InputError, match=r"give --training.devices 1 and --nproc-per-node 1, or"):
        sizes()
    assert sizes(accelerator="cpu") == World(1, 2, "cpu")
