"""The documentation site, which `make docs` builds of these pages as they are, of the docstrings, and of the settings.

The pages are written for GitHub. So the README is the first page, and links out of this folder lead to the repository.
"""

import json
import re
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from docutils import nodes
from pydantic import BaseModel
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import logotal
from logotal.config import Config

REPOSITORY = "https://github.com/logotal/logotal"
README = Path(__file__).parents[1] / "README.md"

project = "logotal"
author = copyright = "The logotal authors"
version = release = logotal.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]

myst_heading_anchors = 4
highlight_language = "text"  # of indented lines, which are commands with words beside them
default_role = "py:obj"  # `name` in a docstring: a link where it is a name of ours, code in any case

autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True  # `silent` instead of its address
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 100
napoleon_use_ivar = True
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"logotal {release}"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_theme_options = {"source_repository": REPOSITORY, "source_branch": "main", "source_directory": "docs/"}


def arranged(app: Sphinx, page: str, source: list[str]) -> None:
    """Puts the README on the first page, settings on theirs, and leads links out of the folder to the repository."""
    if page == "index":
        text = README.read_text(encoding="utf-8") + source[0]
        source[0] = re.sub(r"\]\((docs/|(?!https?:|#))", lambda link: "](" if link[1] else "](../", text)
    if page == "settings":
        source[0] += "".join(settings(name, getattr(Config(), name)) for name in Config.model_fields)
    source[0] = source[0].replace("](../", f"]({REPOSITORY}/blob/main/")


def settings(name: str, section: BaseModel) -> str:
    """A heading and a table of a section, then those of the sections within it."""
    rows, within = "", ""
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        if isinstance(value, BaseModel):
            within += settings(f"{name}.{key}", value)
        else:
            default = json.dumps(section.model_dump(mode="json")[key])
            about = " ".join((field.description or "").split()).replace("|", "\\|")
            rows += f"| `{key}` | {kind(field.annotation)} | `{default}` | {about} |\n"
    about = (type(section).__doc__ or "").strip()
    return f"\n## {name}\n\n{about}\n\n| setting | value | default | meaning |\n|---|---|---|---|\n{rows}{within}"


def kind(annotation: Any) -> str:
    """Which values a setting takes, as Markdown: of float | Literal["auto"] | None it is: float, `"auto"`, `null`."""
    if isinstance(annotation, type):
        return "`null`" if annotation is NoneType else annotation.__name__
    if annotation is Ellipsis:
        return "..."
    if hasattr(annotation, "__metadata__"):
        return kind(annotation.__origin__)
    if getattr(annotation, "__origin__", None) is tuple:
        return f"[{', '.join(kind(each) for each in get_args(annotation))}]"
    return ", ".join(f"`{json.dumps(each)}`" if isinstance(each, str) else kind(each) for each in get_args(annotation))


def uncut(app: Sphinx, what: str, name: str, of: object, options: object, lines: list[str]) -> None:  # noqa: PLR0917
    """Keeps the sentences of fields: of a first line with a colon, Napoleon would take what is before it for a type."""
    if what in ("attribute", "data", "property"):
        lines[:0] = ["..", ""]


def without_addresses(app: Sphinx, page: nodes.document) -> None:
    """Takes AR@AN for what it is, and not for an address of mail."""
    for link in list(page.findall(nodes.reference)):
        if link.get("refuri", "").startswith("mailto:"):
            link.replace_self(link.children)


def by_its_short_name(
    app: Sphinx, env: BuildEnvironment, name: pending_xref, shown: nodes.Element
) -> nodes.Element | None:
    """Links `logotal.timeline.Timeline` to where the page has it: under `logotal.Timeline`."""
    module, _, last = name.get("reftarget", "").rpartition(".")
    if logotal._HOME.get(last) != module:
        return None
    python = env.domains.python_domain
    return python.resolve_xref(env, name["refdoc"], app.builder, "obj", f"logotal.{last}", name, shown)


def setup(app: Sphinx) -> None:
    """Sphinx calls it."""
    app.connect("source-read", arranged)
    app.connect("autodoc-process-docstring", uncut, priority=400)  # before Napoleon
    app.connect("doctree-read", without_addresses)
    app.connect("missing-reference", by_its_short_name)
