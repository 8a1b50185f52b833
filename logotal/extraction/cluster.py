"""Features of many videos on a Ray cluster (extra `ray`): a task for each video, which is tried twice at most.

The machines see the same videos and the same folder of features, and each finds the weights. A process keeps its
network from task to task.
"""

import secrets
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logotal.callbacks import silent
from logotal.data.feature_recipe import Recipe, differences
from logotal.device import count_devices
from logotal.errors import InputError
from logotal.extraction.extractor import Extractor, feature_recipe
from logotal.extraction.processes import (
    MakesExtractors,
    Outcome,
    clear_leftovers,
    extract_one,
    extractor_with,
    killed_twice,
)

CURE = (
    "start one with `ray start --head`, and `ray start --address=HEAD:6379` on each further machine; where it wants a "
    "token, set RAY_AUTH_MODE=token"
)


@dataclass(frozen=True)
class Cluster:
    """A Ray cluster that this process is connected to.

    Args:
        processors: how many each machine has that takes part.
        gpus: how many all these machines have together; 0 where the CPUs compute.
    """

    processors: tuple[int, ...]
    gpus: int

    @property
    def device(self) -> str:
        """Where its tasks compute."""
        return "cuda" if self.gpus else "cpu"

    @property
    def here(self) -> str:
        """Where this process loads the network to say what it makes: it may have no GPU itself."""
        return "cuda" if self.gpus and count_devices("cuda") else "cpu"

    def workers(self, wanted: int | None = None) -> int:
        """How many tasks run at once: one for each GPU or, without GPUs, for each machine, if nobody says.

        >>> Cluster((8, 8), gpus=0).workers(), Cluster((8, 8), gpus=4).workers(), Cluster((8,), gpus=0).workers(3)
        (2, 4, 3)
        """
        return wanted or self.gpus or max(len(self.processors), 1)

    def threads(self, workers: int) -> int:
        """How many processors each of so many tasks gets: an even share of the smallest machine.

        >>> Cluster((8, 4), gpus=0).threads(2), Cluster((8, 4), gpus=0).threads(4), Cluster((2,), gpus=0).threads(9)
        (4, 2, 1)
        """
        on_each = -(-workers // max(len(self.processors), 1))
        return max(min(self.processors, default=1) // on_each, 1)


def find_cluster(address: str = "auto", device: str | None = None) -> Cluster:
    """Connects to a Ray cluster, for as long as this process lasts; to the one it has joined already, if there is one.

    Args:
        address: HOST:PORT of its head; auto: the one that this machine belongs to.
        device: cpu or cuda; the GPUs if it has any.

    Raises:
        InputError: Ray is not installed, there is no such cluster, or it has no GPU where one is wanted.
    """
    if device not in (None, "cpu", "cuda"):
        raise InputError(f"--device: expected cpu or cuda with --engine ray, found {device}; Ray chooses among several")
    try:
        import ray  # noqa: PLC0415 - an extra
    except ImportError:
        raise InputError("--engine ray needs Ray: pip install 'logotal[ray]'") from None
    if not ray.is_initialized():
        handler = signal.getsignal(signal.SIGTERM)
        try:
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise InputError(
                f"--address {address}: expected a Ray cluster, found none ({reason:.300}); {CURE}"
            ) from error
        finally:
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, handler)  # Ray's own would end the process and say nothing
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    with_gpus = [machine for machine in machines if machine.get("GPU", 0) >= 1]
    if device == "cuda" and not with_gpus:
        raise InputError("--device cuda: expected GPUs in the Ray cluster, found none; leave out --device")
    taking_part = with_gpus if device != "cpu" and with_gpus else [each for each in machines if each.get("CPU", 0) >= 1]
    gpus = sum(int(machine["GPU"]) for machine in with_gpus) if taking_part is with_gpus else 0
    return Cluster(tuple(int(machine.get("CPU", 1)) for machine in taking_part), gpus)


def on_cluster(
    cluster: Cluster,
    videos: Mapping[Path, Path],
    settings: MakesExtractors,
    recipe: Recipe,
    *,
    workers: int,
    progress: Callable[[float], object],
) -> Iterator[Outcome]:
    """Makes features of videos (to the files that are named for them), and gives what becomes of each, as they come.

    A task whose process or machine is lost is tried once more; a video that loses two is an outcome, and the others
    are made. `progress` is told of whole videos only.

    Raises:
        InputError: a machine would make other features than the recipe says, or cannot write them.
    """
    import ray  # noqa: PLC0415 - an extra
    from ray.exceptions import NodeDiedError, OutOfMemoryError, RayTaskError, WorkerCrashedError  # noqa: PLC0415

    threads = cluster.threads(workers)
    # Ray would try a task that ran out of memory for ever, and end a process with a GPU after each.
    task = ray.remote(num_cpus=threads, num_gpus=min(cluster.gpus, 1), max_retries=0, max_calls=0)(_job)
    shared = ray.put((secrets.token_hex(8), settings, recipe, threads))
    left, running, lost = deque(videos), dict[Any, Path](), set[Path]()
    try:
        while left or running:
            while left and len(running) < workers:
                video = left.popleft()
                running[task.remote(shared, video, videos[video])] = video
            for done in ray.wait(list(running))[0]:
                video = running.pop(done)
                try:
                    outcome = ray.get(done)
                except (WorkerCrashedError, NodeDiedError, OutOfMemoryError):
                    clear_leftovers([videos[video]])
                    if video not in lost:
                        lost.add(video)
                        left.append(video)
                        continue
                    outcome = killed_twice(video)
                except RayTaskError as error:
                    raise error.cause from None
                progress(1)
                yield outcome
    finally:
        for each in running:
            ray.cancel(each, force=True)
        clear_leftovers(videos[video] for video in running.values())


_loaded: dict[str, Extractor] = {}
"""The network of a process of Ray, by the extraction that it was loaded for."""


def _job(shared: tuple[str, MakesExtractors, Recipe, int], video: Path, features: Path) -> Outcome:
    token, settings, recipe, threads = shared
    if token not in _loaded:
        extractor = extractor_with(settings, threads)
        if differing := differences(recipe, feature_recipe(extractor)):
            raise InputError(f"a machine of the cluster would make other features: {'; '.join(differing)}")
        _loaded.clear()
        _loaded[token] = extractor
    return extract_one(_loaded[token], video, features, silent)
