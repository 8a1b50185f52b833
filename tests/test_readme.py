"""What the README and the pages in docs tell a reader to type is run, or at least parsed."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from logotal.backbones.weights import UnreachableError, fetch_weights
from logotal.cli import app
from logotal.demo.demo import BACKBONE, SEEN
from logotal.demo.rendered import write_rendered, write_rendered_video
from logotal.extraction.folder import Settings, extract_folder
from logotal.formats.annotations import read_annotations
from logotal.formats.timelines import read_timelines
from logotal.recipes import read_recipe, recipe_names
from logotal.runs.train import train
from logotal.video.files import find_videos

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(page: Path) -> Iterator[str]:
    """Every `logotal ...` command in a page: in code spans, and in indented or fenced lines."""
    text = page.read_text()
    yield from re.findall(r"`(logotal [a-z][^`]*)`", text)
    for line in text.splitlines():
        found = re.search(r"^\s{4,}.*?(logotal [a-z].*?)(?:\s{2,}.*)?$", line)
        if found and "`" not in line:
            yield found[1]


COMMANDS = sorted({(page.name, command) for page in PAGES for command in commands(page)})


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_every_command_that_is_shown_can_be_parsed(page: str, command: str) -> None:
    command = command.split(" > ", maxsplit=1)[0].replace("...", "x")
    words = shlex.split(command)[1:]
    if len(words) == 1:
        assert words[0] in app, f"{page}: {command}"  # the command is only named
        return
    app.parse_args(words, print_error=False, exit_on_error=False)
    if words[0] == "train" and not words[1].startswith("-") and not words[1].endswith(".yaml"):
        assert words[1] in recipe_names() or words[1].isupper() or words[1] == "gym"  # the project of the pages


def test_commands_are_found_at_all() -> None:
    assert len(COMMANDS) > 15


@pytest.mark.slow
def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        fetch_weights("i3d-rgb")  # does nothing where they are there
    except UnreachableError as error:
        pytest.skip(str(error))
    data = tmp_path / "demo" / "data"
    write_rendered(data, training=2, validation=1, workers=1)
    write_rendered_video(data / "new" / "new_video.mp4", seed=0, index=3)
    extract_folder(find_videos([data / "videos"]), data / "features", Settings(BACKBONE, changes=SEEN))
    where = {"data": {"features": data / "features", "annotations": data / "annotations.json"}}
    train(
        read_recipe("rendered", where | {"training": {"epochs": 1, "warmup_epochs": 0, "batch_size": 2}}),
        tmp_path / "demo" / "run",
    )
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert read_timelines(tmp_path / "new_video.vtt")[0].video == "new_video"


def test_the_annotations_that_the_docs_show_can_be_read(tmp_path: Path) -> None:
    block = re.search(r"```json\n(.*?)```", (ROOT / "docs" / "data.md").read_text(), flags=re.DOTALL)
    assert block
    (tmp_path / "shown.json").write_text(block[1])
    assert read_annotations(tmp_path / "shown.json").labels == ("serve",)


def test_every_link_in_the_docs_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
