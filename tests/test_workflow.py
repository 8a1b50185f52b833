"""The workflow tests what pyproject.toml promises: each Python, and the lowest release of each dependency."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOW = ROOT / ".github" / "workflows" / "test.yml"
if not WORKFLOW.exists():
    pytest.skip("the workflow is not part of the source distribution", allow_module_level=True)
JOBS: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())["jobs"]
RELEASE: dict[str, Any] = yaml.safe_load(WORKFLOW.with_name("release.yml").read_text())["jobs"]


def numbers(version: str) -> tuple[int, ...]:
    """A version to compare: trailing zeros count for nothing."""
    parts = [int(part) for part in version.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def lowest(requirements: list[str]) -> dict[str, str]:
    """The release after >= of each requirement."""
    found = {re.match(r"[\w-]+", each).group(): re.search(r">=([\d.]+)", each) for each in requirements}  # type: ignore[union-attr]
    return {name: bound.group(1) for name, bound in found.items() if bound}


def test_every_python_that_is_promised_is_tested_and_no_other() -> None:
    promised = [
        found.group(1) for each in PROJECT["classifiers"] if (found := re.search(r"Python :: (\d+\.\d+)$", each))
    ]
    assert JOBS["newest"]["strategy"]["matrix"]["python"] == promised
    assert JOBS["light"]["strategy"]["matrix"]["python"] == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"
    assert JOBS["oldest"]["strategy"]["matrix"]["python"] == promised[:1]


def test_the_three_systems_are_tested() -> None:
    systems = ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert [JOBS[job]["strategy"]["matrix"]["os"] for job in ("newest", "oldest")] == [systems, systems]


def test_the_oldest_dependencies_are_those_that_are_promised() -> None:
    lines = (ROOT / ".github" / "oldest.txt").read_text().splitlines()
    oldest = dict(line.split("==") for line in lines if not line.startswith("#"))
    promised = lowest(PROJECT["dependencies"])
    assert oldest.keys() == promised.keys()
    assert numbers(oldest["torch"]) >= numbers(promised["torch"])
    del oldest["torch"], promised["torch"]
    assert {name: numbers(version) for name, version in oldest.items()} == {
        name: numbers(version) for name, version in promised.items()
    }


def test_every_action_is_pinned_by_its_major_version() -> None:
    used = [step["uses"] for job in JOBS.values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", each) for each in used), used


def test_a_release_is_tried_on_every_python_and_only_its_last_jobs_may_publish() -> None:
    assert RELEASE["try"]["strategy"]["matrix"] == {"python": JOBS["newest"]["strategy"]["matrix"]["python"]}
    needs = {job: about.get("needs") for job, about in RELEASE.items()}
    assert needs == {"build": None, "try": "build", "publish": "try", "images": "try"}
    assert [job for job, about in RELEASE.items() if "permissions" in about] == ["publish", "images"]
    assert RELEASE["publish"]["permissions"] == {"id-token": "write"}


def test_images_have_the_torch_of_the_tests_and_the_files_that_a_wheel_is_built_of() -> None:
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text()
    (pinned,) = set(re.findall(r"torch==[\d.]+", dockerfile))
    assert pinned in (ROOT / "Makefile").read_text()
    copied = {name for line in re.findall(r"^COPY (.*) \S+$", dockerfile, flags=re.MULTILINE) for name in line.split()}
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    assert copied == {line[1:] for line in sent if line.startswith("!")}
    assert {PROJECT["readme"], *PROJECT["license-files"], "pyproject.toml", "logotal"} == copied


@pytest.mark.skipif(os.name == "nt", reason="a script of bash")
@pytest.mark.parametrize(
    ("tag", "changelog", "kept", "passes"),
    [
        ("v1.2.0", "## 1.2.0 (2027-01-05)", "1.2.0", True),
        ("v1.2.1", "## 1.2.0 (2027-01-05)", "1.2.0", False),
        ("v1.2.0", "## Unreleased", "1.2.0", False),
        ("v1.2.0", "## 1.2.0 (2027-01-05)", "1.1.0", False),
    ],
)
def test_a_release_needs_its_tag_its_entry_and_a_kept_run(
    tag: str, changelog: str, kept: str, passes: bool, tmp_path: Path
) -> None:
    (tmp_path / "logotal").mkdir()
    (tmp_path / "logotal" / "__init__.py").write_text('__version__ = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{changelog}\n")
    (tmp_path / "tests" / "runs" / "kept" / kept).mkdir(parents=True)
    (script,) = (step["run"] for step in RELEASE["build"]["steps"] if "the tag is the version" in step.get("name", ""))
    surroundings = os.environ | {"GITHUB_REF_NAME": tag}
    done = subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=surroundings, check=False)
    assert (done.returncode == 0) is passes
