"""An ablation under way: which numbers there are, what failed, and the two files that show it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from logotal.ablation.costs import FILE as COSTS
from logotal.ablation.costs import KIND, Costs, network_key
from logotal.ablation.jobs import Job, finished
from logotal.ablation.page import Report, evaluated_on, markdown, page
from logotal.ablation.plan import Plan, Variant, identity, measures
from logotal.ablation.tables import Line, cells
from logotal.errors import InputError
from logotal.files.lock import alone_in
from logotal.files.target import check_target, marked, write_target
from logotal.places import LEFT_OUT
from logotal.report.sheet import PAGE as SHEET
from logotal.report.sheet import write_page
from logotal.runs.provenance import Provenance, read_provenance

MARKDOWN = "ablation.md"
PAGE = "ablation.html"
TABLES = marked("the tables of an ablation", b"# Ablation of ", within=64)


@dataclass
class Session:
    """The tables of an ablation and what is known of their jobs.

    Attributes:
        folder: of the ablation.
        title: of the pages.
        plans: the tables.
        jobs: those that the tables need, settled.
        costs: of every job's network.
        notes: sentences that say what the numbers are.
        numbers: percent by measure, of the jobs that are finished.
        failures: why a job has none, by its name.
    """

    folder: Path
    title: str
    plans: Sequence[Plan]
    jobs: Sequence[Job]
    costs: Costs
    notes: Sequence[str]
    numbers: dict[Path, Mapping[str, float]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def look(self, job: Job) -> None:
        """Takes note of a job's numbers, or of why they cannot be taken."""
        try:
            numbers = finished(job)
        except InputError as error:
            self.fail(job, str(error))
            return
        if numbers is not None:
            self.numbers[job.folder] = numbers
            self.failures.pop(job.name, None)

    def fail(self, job: Job, reason: str) -> None:
        """Takes note of why a job failed."""
        self.failures[job.name] = reason

    def remaining(self) -> list[Job]:
        """The jobs that have neither numbers nor a reason for having none."""
        return [job for job in self.jobs if job.folder not in self.numbers and job.name not in self.failures]

    def write(self) -> None:
        """Writes ablation.md and ablation.html anew."""
        report = self.report()
        write_target(self.folder / MARKDOWN, markdown(report).encode(), TABLES)
        write_page(self.folder / PAGE, page(report))

    @property
    def page(self) -> Path:
        """The page with the tables."""
        return self.folder / PAGE

    def report(self) -> Report:
        """What the pages say."""
        done, failed = len(self.numbers), len(self.failures)
        trouble = f", {failed} failed" if failed else ""
        data = self.jobs[0].config.data
        return Report(
            title=self.title,
            caption=f"mAP in percent by protocol {data.protocol!r} on {evaluated_on(data)}",
            state=f"{done} of {len(self.jobs)} trainings are finished{trouble}.",
            tables=[(plan.title, plan.about, self._cells(plan)) for plan in self.plans],
            notes=[*self.notes, self.costs.about, *hardware([job for job in self.jobs if job.folder in self.numbers])],
            failures=self.failures,
        )

    def _cells(self, plan: Plan) -> list[list[str]]:
        shown = measures(self.jobs[0].config.data.protocol)
        return cells([self._line(variant) for variant in plan.variants], shown, comparable=plan.comparable)

    def _line(self, variant: Variant) -> Line:
        key = identity(variant.config)
        jobs = [job for job in self.jobs if job.key == key]
        scores = {job.folder.name: self.numbers[job.folder] for job in jobs if job.folder in self.numbers}
        cost = self.costs.by_network.get(network_key(jobs[0].config.model))
        return Line(variant.name, scores, variant.paper, cost)


def hardware(jobs: Sequence[Job]) -> list[str]:
    """A sentence for each kind of machine that trained some of the jobs, as their provenance.json says."""
    kinds: dict[str, int] = {}
    for job in jobs:
        about = read_provenance(job.folder) or Provenance()
        kind = (
            f"{about.hardware or 'an unknown machine'} with {about.versions('logotal', 'torch') or 'unknown versions'}"
        )
        kinds[kind] = kinds.get(kind, 0) + 1
    return [f"{count} of the trainings ran on {kind}." for kind, count in sorted(kinds.items())]


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Makes sure that no second ablation writes into the folder; what a killed one leaves does not count.

    Raises:
        InputError: another one does, or files lie there that are of no ablation.
    """
    for name, kind in ((MARKDOWN, TABLES), (PAGE, SHEET), (COSTS, KIND)):
        check_target(folder / name, kind)
    if (folder / LEFT_OUT).exists() and not (folder / COSTS).exists():
        raise InputError(f"{folder / LEFT_OUT}: is of no ablation; choose another folder with --out")
    with alone_in(folder) as alone:
        if not alone:
            raise InputError(
                f"{folder}: another ablation is writing here; wait for it, or choose another folder with --out "
                "(--jobs trains several at once)"
            )
        yield
