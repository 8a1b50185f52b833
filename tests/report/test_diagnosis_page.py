"""The page of a diagnosis, and the command that writes it."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from logotal.commands.diagnose import diagnose as command
from logotal.errors import InputError
from logotal.evaluation.diagnosis import Diagnosis, diagnose
from logotal.evaluation.diagnosis.characteristics import BINS
from logotal.evaluation.diagnosis.false_positives import OUTCOMES
from logotal.evaluation.protocols import PROTOCOLS
from logotal.report.diagnosis_page import MEANINGS, diagnosis_page
from logotal.runs.split import Detected
from logotal.timeline import Action, Timeline
from tests.browser import Visit, headless_chromium
from tests.evaluation.cases import annotations, video

TRUTH = annotations(
    video("a", (0, 10, "jump"), (20, 30, "jump"), (50, 52, "run")),
    video("b", (0, 40, "jump"), (60, 61, "run")),
)
FOUND = [
    Timeline(
        "a",
        (Action(0, 10, "jump", 0.9), Action(20, 22, "jump", 0.95), Action(20, 30, "run", 0.8), Action(50, 52, "run")),
    ),
    Timeline("b", (Action(0, 40, "jump", 0.6), Action(90, 99, "run", 0.1))),
]


def found(timelines: list[Timeline] = FOUND) -> Diagnosis:
    return diagnose(TRUTH, timelines, PROTOCOLS["generic"], bins=BINS["thumos"])


def text_of(page: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def test_the_page_names_the_costliest_error_and_has_a_chart_of_every_kind():
    text = text_of(diagnosis_page(found(), "Diagnosis of mine"))

    assert "Diagnosis of mine" in text
    assert "The errors that cost most are of the type 'localization'" in text
    for title in ("The top kG detections", "Without one type of error", "Coverage: found", "Instances: missed"):
        assert title in text


def test_every_outcome_is_explained():
    text = text_of(diagnosis_page(found(), "title"))

    assert len(MEANINGS) == len(OUTCOMES)
    for outcome, meaning in zip(OUTCOMES, MEANINGS, strict=True):
        assert f"{outcome} {meaning}" in text


def test_bins_without_actions_have_a_row_but_no_bar():
    page = diagnosis_page(found(), "title")

    assert "12-18 s" in page[page.index("<table") :]
    for chart in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        assert "12-18 s" not in chart


def test_without_detections_the_page_says_what_is_missed_and_names_no_worst_error():
    text = text_of(diagnosis_page(found([]), "title"))

    assert "miss 100.0 % of the actions" in text
    assert "cost most" not in text
    assert "scored videos without any detection" in text


def test_perfect_detections_have_nothing_to_gain():
    perfect = [Timeline(name, entry.actions) for name, entry in TRUTH.videos.items()]
    text = text_of(diagnosis_page(found(perfect), "title"))

    assert "Of the top G detections 100.0 % are true" in text
    assert "cost most" not in text


def test_a_label_cannot_write_markup_into_the_page():
    odd = annotations(video("a", (0, 10, "<b>jump</b>")), labels=("<b>jump</b>",))
    timelines = [Timeline("a", (Action(0, 9, "<b>jump</b>", 0.5), Action(0, 9, "<script>", 0.5)))]
    page = diagnosis_page(diagnose(odd, timelines, PROTOCOLS["generic"]), "<i>mine</i>")

    assert "<script" not in page
    assert "<i>" not in page


def test_the_page_opens_without_errors_and_fits_a_phone(tmp_path: Path):
    file = tmp_path / "diagnosis.html"
    file.write_text(diagnosis_page(found(), "Diagnosis"), encoding="utf-8")
    with headless_chromium() as browser:
        for width in (1200, 360):
            visit = Visit(browser, file, viewport={"width": width, "height": 800})
            assert visit.page.locator("svg.chart").count() == 10
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
            assert visit.errors == []
            assert visit.requests == [file.as_uri()]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with truth.json and found.json, where the command runs."""
    database = {
        name: {
            "subset": entry.split,
            "duration": entry.duration,
            "annotations": [{"segment": [a.start, a.end], "label": a.label} for a in entry.actions],
        }
        for name, entry in TRUTH.videos.items()
    }
    results = {
        timeline.video: [{"label": a.label, "score": a.score, "segment": [a.start, a.end]} for a in timeline]
        for timeline in FOUND
    }
    (tmp_path / "truth.json").write_text(json.dumps({"database": database}))
    (tmp_path / "found.json").write_text(json.dumps({"results": results}))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_the_command_prints_tables_and_writes_a_page_and_its_numbers(files: Path, capsys: pytest.CaptureFixture[str]):
    command(Path("found.json"), annotations=Path("truth.json"))

    printed = capsys.readouterr()
    assert "double detection" in printed.out  # in the table of gains
    assert "the top kG detections at tIoU 0.5" in printed.out
    assert "diagnosis.html" in printed.err
    assert "Diagnosis of found.json" in (files / "diagnosis.html").read_text()
    assert read(files / "diagnosis.json")["counts"] == {"videos": 2, "truths": 5, "predictions": 6}


def test_the_page_goes_where_it_is_told_and_the_bins_are_those_named(files: Path):
    command(Path("found.json"), annotations=Path("truth.json"), bins="activitynet", save=Path("there/mine.html"))

    assert (files / "there/mine.html").is_file()
    lengths = read(files / "there/mine.json")["characteristics"]["length"]
    assert lengths[0]["range"] == "up to 30 s"
    with pytest.raises(InputError, match=r"must name a page, NAME\.html, found mine\.txt"):
        command(Path("found.json"), annotations=Path("truth.json"), save=Path("mine.txt"))


def test_detections_without_truth_are_an_error_that_says_what_to_give(files: Path):
    with pytest.raises(InputError, match="--annotations FILE"):
        command(files / "found.json")


def a_run(files: Path) -> Path:
    run = files / "run"
    run.mkdir()
    (run / "config.yaml").write_text("data:\n  annotations: truth.json\n  evaluation_split: test\n  protocol: sbhar\n")
    return run


def test_a_run_is_diagnosed_from_the_detections_it_has_by_its_own_protocol(files: Path):
    run = a_run(files)
    (run / "detections.json").write_bytes((files / "found.json").read_bytes())
    command(run)

    assert read(run / "diagnosis.json")["protocol"]["name"] == "sbhar"
    assert "Diagnosis of run" in (run / "diagnosis.html").read_text()


def test_the_split_and_the_protocol_are_those_that_the_detections_were_made_for(files: Path):
    run = a_run(files)
    (run / "config.yaml").write_text("data:\n  annotations: truth.json\n  evaluation_split: another\n")
    (run / "detections.json").write_bytes((files / "found.json").read_bytes())
    kept = {"protocol": {"name": "thumos14", "split": "test"}, "counts": {"videos": 1, "truths": 1}}
    (run / "evaluation.json").write_text(json.dumps(kept))
    command(run)

    assert read(run / "diagnosis.json")["protocol"]["name"] == "thumos14"
    (run / "evaluation.json").write_text("[]")
    with pytest.raises(InputError, match=r"with the key 'protocol', found .*; run `logotal evaluate"):
        command(run)


def test_a_run_without_detections_detects_first(files: Path, monkeypatch: pytest.MonkeyPatch):
    run = a_run(files)

    def detect_split(folder: Path, *, annotations: Path | None, split: str | None, **_: object) -> Detected:
        assert (folder, annotations, split) == (run, None, "test")
        return Detected(FOUND, TRUTH, "generic", "test")

    (run / "labels.json").write_text(json.dumps(list(TRUTH.labels)))
    monkeypatch.setattr("logotal.runs.evaluate.detect_split", detect_split)
    command(run, split="test")

    assert (run / "diagnosis.html").is_file()


def test_a_run_that_names_no_annotations_asks_for_them(files: Path):
    run = a_run(files)
    (run / "config.yaml").write_text("data:\n  protocol: generic\n")
    (run / "detections.json").write_bytes((files / "found.json").read_bytes())

    with pytest.raises(InputError, match="does not say where its annotations are"):
        command(run)
    command(run, annotations=files / "truth.json", split="test")
    assert (run / "diagnosis.json").is_file()
