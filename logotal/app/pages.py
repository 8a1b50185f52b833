"""The pages: a frame that all share, with the steps at its top, and what each holds."""

from dataclasses import dataclass
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Page:
    """A page: `name` is that of its file and of its script, `styles` are the names of its style sheets."""

    name: str
    title: str
    styles: tuple[str, ...] = ("app",)

    def text(self) -> str:
        """The whole page."""
        frame = Template((STATIC / "frame.html").read_text(encoding="utf-8"))
        body = (STATIC / f"{self.name}.html").read_text(encoding="utf-8")
        styles = "\n".join(f'<link rel="stylesheet" href="/static/{style}.css">' for style in self.styles)
        return frame.substitute(name=self.name, title=self.title, styles=styles, body=body)

    async def answer(self, request: Request) -> Response:
        """The page as an answer."""
        return HTMLResponse(self.text())


PAGES = {
    "/": Page("videos", "Videos"),
    "/edit": Page("editor", "Mark", ("app", "editor")),
    "/train": Page("train", "Train"),
    "/results": Page("results", "Results"),
}
"""By their paths."""
