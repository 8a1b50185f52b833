"""Whatever reads a file is fed with broken ones."""

from pathlib import Path

import pytest

from logotal.formats.form import Source
from logotal.formats.labels import FORMS, form_of
from logotal.importing.streams import READERS as IMPORTED
from reliability.label_seeds import REFUSED, SEEDS, workbook
from reliability.label_targets import FEATURES, SAME
from reliability.readers import EVERY, OURS, READERS, found
from reliability.targets import TARGETS
from reliability.whole import files


def test_every_function_that_reads_a_file_has_a_target_and_none_is_named_that_is_gone() -> None:
    assert set(found()) == set(READERS)


def test_a_reader_that_somebody_adds_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text("class A:\n    def read(self, path):\n        return np.load(path)\n")
    assert list(found(tmp_path)) == ["new.py A.read"]


def test_every_target_that_is_named_is_there() -> None:
    assert {target for targets in READERS.values() for target in targets} - {EVERY, OURS} <= TARGETS.keys()


def test_every_form_of_labels_is_among_the_inputs(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    texts = [(suffix, text.encode()) for kind in (SEEDS, REFUSED) for suffix in kind for text in kind[suffix]]
    names = set()
    for suffix, content in [*texts, (".xlsx", workbook())]:
        (tmp_path / f"input{suffix}").write_bytes(content)
        form = form_of(Source(tmp_path / f"input{suffix}"))
        assert form is not None, content
        names.add(form.name)
    written = {form.name for form in FORMS if form.saved is not None and f"timeline {form.saved.suffix}" in TARGETS}
    assert {form.name for form in FORMS} == names | written


def test_every_form_of_features_is_imported_broken() -> None:
    assert set(IMPORTED) == {*FEATURES, *SAME}
    assert all(IMPORTED[suffix] is IMPORTED[like] for suffix, like in SAME.items())


def test_every_file_of_a_run_is_broken(tmp_path: Path) -> None:
    from reliability.run_targets import whole_run  # noqa: PLC0415 - trains nothing, but takes a second

    names = {path.relative_to(whole_run()).as_posix() for path in files(whole_run())}
    written = {"MODEL_CARD.md"}  # which nothing reads
    assert {f"run {name}" for name in names - written} <= TARGETS.keys()
