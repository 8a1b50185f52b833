"""In a browser, no page runs what a name of a video or a label says, and none asks for anything."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from logotal.ablation.page import Report, page
from logotal.ablation.tables import Line, cells
from logotal.errors import InputError
from logotal.evaluation.diagnosis import diagnose
from logotal.evaluation.diagnosis.characteristics import BINS
from logotal.evaluation.protocols import PROTOCOLS
from logotal.formats.annotations import Annotations, VideoTruth
from logotal.inference.operating_point import OperatingPoint
from logotal.places import LEFT_OUT
from logotal.report.diagnosis_page import diagnosis_page
from logotal.report.page import timeline_page
from logotal.report.run_page import run_page
from logotal.runs.evaluate import evaluate
from logotal.runs.folder import Run
from logotal.runs.train import train
from logotal.timeline import Action, Timeline
from tests.browser import Visit, headless_chromium
from tests.hostile.files import written
from tests.report.test_operating_page import page_of
from tests.training.small import small_config, small_data

FIRE = "window.fired=1"
NAMES = (
    f"</script><img src=x onerror={FIRE}>",
    f"</style><script>{FIRE}</script>",
    f'"><svg onload={FIRE}>',
    f"' onmouseover='{FIRE}' x='",
    f"javascript:{FIRE}",
    f"<a href=javascript:{FIRE}>x</a>",
    f'<iframe src="javascript:{FIRE}"></iframe>',
    "<!--<script>",
    "]]><![CDATA[",
    "${data} $script {{constructor.constructor('window.fired=1')()}}",
    "&lt;script&gt; &#x3c;b&#x3e;",
    "\u2028\u2029\u202e",
    "__proto__",
    "constructor",
    f"<link rel=stylesheet href=http://127.0.0.1:9/{FIRE}>",
)

LOOK = r"""() => {
  const foreign = "img, iframe, object, embed, base, form, link:not([href='data:,'])";
  const acts = (a) => a.name.startsWith("on") || (/href|src|action/.test(a.name) && /^\s*javascript:/i.test(a.value));
  const all = [...document.querySelectorAll("*")];
  return {
    fired: window.fired ?? null,
    foreign: document.querySelectorAll(foreign).length,
    handlers: all.filter((each) => [...each.attributes].some(acts)).length,
  };
}"""


def truths() -> dict[str, VideoTruth]:
    return {
        name: VideoTruth(
            name, "test", tuple(Action(10.0 * i, 10.0 * i + 8, each) for i, each in enumerate(NAMES)), 200.0
        )
        for name in NAMES
    }


def timelines() -> list[Timeline]:
    return [
        Timeline(
            name,
            tuple(Action(10.0 * i + k / 2, 10.0 * i + 8, each, 0.9 - k / 20) for i, each in enumerate(NAMES)),
            200.0,
        )
        for k, name in enumerate(NAMES)
    ]


ANNOTATIONS = Annotations(NAMES, truths(), Path(NAMES[0].replace("/", "")))


def timeline() -> str:
    shown = {name: Timeline(name, truth.actions, truth.duration) for name, truth in truths().items()}
    places = {name: f"missing-{i}.mp4" for i, name in enumerate(NAMES[:1])}
    return timeline_page(timelines(), truths=shown, videos=places, title=NAMES[0])


def diagnosis() -> str:
    return diagnosis_page(diagnose(ANNOTATIONS, timelines(), PROTOCOLS["generic"], bins=BINS["thumos"]), NAMES[0])


def operating() -> str:
    point = OperatingPoint(0.3, dict.fromkeys(NAMES, 0.4), notes=NAMES)
    return page_of(point, list(truths().values()), timelines(), NAMES, NAMES[0])


def ablation() -> str:
    lines = [Line(name, {"seed0": {"0.5": 50.0}}) for name in NAMES]
    tables = [(name, name, cells(lines, ["0.5"])) for name in NAMES[:3]]
    return page(Report(NAMES[0], NAMES[1], NAMES[2], tables, NAMES, dict.fromkeys(NAMES, NAMES[3])))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with headless_chromium() as running:
        yield running


def nothing_fires(browser: Any, path: Path) -> Visit:
    """Opens a page, moves and types over all of it, and looks for what fired."""
    visit = Visit(browser, path)
    dialogs: list[str] = []
    visit.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for x in range(20, 1200, 80):
        visit.page.mouse.move(x, 200)
        visit.page.mouse.click(x, 260)
    for key in ("ArrowRight", "ArrowRight", "Tab", "Enter", "ArrowDown"):
        visit.page.keyboard.press(key)
    visit.page.wait_for_timeout(200)
    assert visit.page.evaluate(LOOK) == {"fired": None, "foreign": 0, "handlers": 0}
    assert dialogs == []
    foreign = [url for url in visit.requests if not url.startswith(("data:", path.parent.as_uri()))]
    assert foreign == []
    return visit


@pytest.mark.parametrize("make", [timeline, diagnosis, operating, ablation], ids=lambda make: make.__name__)
def test_no_name_runs_in_a_page(make: Any, browser: Any, tmp_path: Path) -> None:
    visit = nothing_fires(browser, written(tmp_path / "page.html", make()))
    assert NAMES[0] in visit.page.locator("body").inner_text()
    assert [error for error in visit.errors if "ERR_FILE_NOT_FOUND" not in error] == []
    visit.context.close()


def test_every_video_of_a_timeline_page_can_be_chosen(browser: Any, tmp_path: Path) -> None:
    visit = nothing_fires(browser, written(tmp_path / "page.html", timeline()))
    for i, name in enumerate(NAMES):
        visit.page.locator("#video").select_option(str(i))
        assert visit.texts(".label") != [], name
    assert visit.page.evaluate(LOOK) == {"fired": None, "foreign": 0, "handlers": 0}
    visit.context.close()


@pytest.mark.parametrize(
    "address", ["#%3Cimg%20src=x%20onerror=window.fired=1%3E", "#javascript:window.fired=1", "#__proto__"]
)
def test_the_address_of_a_page_does_not_run(address: str, browser: Any, tmp_path: Path) -> None:
    path = written(tmp_path / "page.html", timeline())
    visit = Visit(browser, path)
    visit.page.goto(path.as_uri() + address)
    visit.settle()
    assert visit.page.evaluate(LOOK) == {"fired": None, "foreign": 0, "handlers": 0}
    visit.context.close()


def test_no_name_runs_in_the_page_of_a_run(browser: Any, tmp_path: Path) -> None:
    run = train(small_config(small_data(tmp_path / "data"), training={"epochs": 1}), tmp_path / "run")
    written(run.folder / "labels.json", json.dumps(NAMES))
    written(run.folder / LEFT_OUT, "\n".join(name for name in NAMES if "\u2028" not in name))
    about = {
        "checkpoint": NAMES[0],
        "logotal": NAMES[1],
        "hardware": NAMES[2],
        "torch": NAMES[3],
        "annotations": {"file": "".join(NAMES)},
    }
    written(run.folder / "provenance.json", json.dumps(about))
    written(run.folder / "features.json", json.dumps({name: name for name in NAMES}))
    evaluation = evaluate(timelines(), ANNOTATIONS, split="test")
    visit = nothing_fires(browser, written(tmp_path / "page.html", run_page(Run(run.folder), evaluation)))
    assert NAMES[0] in visit.page.locator("body").inner_text()
    assert visit.errors == []
    visit.context.close()


def test_a_provenance_that_is_a_list_is_refused(tmp_path: Path) -> None:
    run = train(small_config(small_data(tmp_path / "data"), training={"epochs": 1}), tmp_path / "run")
    written(run.folder / "provenance.json", "[1]")
    with pytest.raises(InputError, match=r"provenance\.json: expected an object, found"):
        run_page(run, None)


@pytest.mark.parametrize(
    "address",
    [
        f"javascript:{FIRE}",
        f"JaVaScRiPt:{FIRE}",
        f" javascript:{FIRE}",
        f"java\nscript:{FIRE}",
        f"\x01javascript:{FIRE}",
        "data:text/html,x",
        "http://x/y.mp4",
        "//x/y.mp4",
        "\\\\x\\y.mp4",
        "/\\x/y.mp4",
        " //x/y.mp4",
        "/\t/x/y.mp4",
        "//[x/y.mp4",
        "file:///etc/passwd",
    ],
)
def test_the_address_of_a_video_that_leads_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="expected an address relative to the page"):
        timeline_page([Timeline("v")], videos={"v": address})
