import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from logotal.errors import InputError
from logotal.report.page import Film, timeline_page, timeline_svg
from logotal.timeline import Action, Timeline

HOSTILE = "</script><script>alert('&\"')</script><!-- \u2028"
SERVE = Timeline("match", (Action(1.25, 2.5, "serve", 0.75),), duration=10.0)


class Parts(HTMLParser):
    """The elements of a page, and the text inside each <script> and <style>."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.inside, []).append(data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def data_of(page: str) -> Any:
    return json.loads(Parts(page).texts["script"][0])


def test_the_page_holds_no_address_of_elsewhere() -> None:
    page = timeline_page([SERVE], truths={"match": SERVE}, videos={"match": "match.mp4"})
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.[\w./-]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, which nothing fetches
    assert not re.search(r"@import|url\((?!#)", page)
    loaded = [(tag, key) for tag, keys in Parts(page).elements for key in keys if key in ("src", "href", "srcset")]
    assert loaded == [("link", "href")]
    assert '<link rel="icon" href="data:,">' in page


def test_hostile_names_add_no_element_and_come_through_unchanged() -> None:
    plain = timeline_page([SERVE], title="title")
    timeline = Timeline(HOSTILE, (Action(0, 1, HOSTILE),))
    page = timeline_page([timeline], truths={HOSTILE: timeline}, title=HOSTILE)
    assert [tag for tag, _ in Parts(page).elements] == [tag for tag, _ in Parts(plain).elements]
    assert data_of(page)["labels"] == [HOSTILE]
    assert data_of(page)["videos"][0]["id"] == HOSTILE
    assert "".join(Parts(page).texts["title"]) == HOSTILE


def test_placeholders_inside_values_stay() -> None:
    page = timeline_page([Timeline("$script", (Action(0, 1, "${data}"),))], title="$style")
    assert Parts(page).texts["h1"][0] == "$style"
    assert data_of(page)["labels"] == ["${data}"]
    assert not re.search(r"\$(light|dark|inks|policy|version)\b", page)


def test_the_policy_admits_only_the_script_and_style_of_the_page() -> None:
    parts = Parts(timeline_page([SERVE]))
    policy = next(keys["content"] for tag, keys in parts.elements if keys.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    for text in (parts.texts["script"][1], parts.texts["style"][0]):
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy


def test_the_data_holds_what_was_given() -> None:
    truth = Timeline("match", (Action(1, 2, "serve"), Action(4, 5, "volley")), duration=11.0)
    film = Film("videos/match.mp4", fps=25.0, codec="h264")
    data = data_of(timeline_page([SERVE], truths={"match": truth}, videos={"match": film}, learned=["match", "other"]))
    assert data["labels"] == ["serve", "volley"]
    assert data["videos"] == [
        {
            "id": "match",
            "duration": 10.0,
            "source": "videos/match.mp4",
            "fps": 25.0,
            "codec": "h264",
            "learned": True,
            "predictions": [1.25, 2.5, 0, 0, 0.75],
            "truths": [1.0, 2.0, 0, 0, 4.0, 5.0, 1, 0],
        }
    ]


def test_two_subjects_that_do_the_same_have_a_lane_each_on_pages_and_in_pictures() -> None:
    both = Timeline("cage", tuple(Action(1, 2, "groom", 0.5, who) for who in ("m1", "m2", None)), 10.0)
    data = data_of(timeline_page([both], truths={"cage": both}))
    assert sorted(data["labels"]) == ["groom", "groom @ m1", "groom @ m2"]
    assert sorted(data["videos"][0]["predictions"][2::5]) == sorted(data["videos"][0]["truths"][2::4]) == [0, 1, 2]
    assert all(f"groom @ {who}" in timeline_svg(both) for who in ("m1", "m2"))


def test_a_video_with_only_a_truth_is_shown_too() -> None:
    data = data_of(timeline_page([SERVE], truths={"missed": Timeline("missed", (Action(1, 2, "serve"),), 5.0)}))
    assert [video["id"] for video in data["videos"]] == ["match", "missed"]
    assert data["videos"][0]["truths"] is None
    assert data["videos"][1]["predictions"] == []
    assert data["videos"][1]["duration"] == 5.0


@pytest.mark.parametrize("address", ["https://host/a.mp4", "//host/a.mp4", "javascript:alert(1)", "C:\\a.mp4"])
def test_a_video_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"'match'.*relative to the page"):
        timeline_page([SERVE], videos={"match": address})


def test_every_control_has_a_name() -> None:
    parts = Parts(timeline_page([SERVE]))
    labelled = {keys["for"] for tag, keys in parts.elements if tag == "label"}
    for tag, keys in parts.elements:
        if tag in ("select", "input"):
            assert keys.get("aria-label") or keys["id"] in labelled
        if tag == "section":
            assert keys.get("aria-label")
    buttons = [keys.get("aria-label") or keys["id"] for tag, keys in parts.elements if tag == "button"]
    assert buttons == [
        *("Previous video", "Next video", "One frame back", "One frame forth", "follow"),
        *("Zoom out", "Zoom in", "fit", "labels-all", "labels-none"),
    ]
    groups = [keys for _, keys in parts.elements if keys.get("role") == "group"]
    named = [keys.get("aria-label") or keys["id"] for keys in groups]
    assert named == ["Playback", "Zoom", "Scores", "Labels that are shown"]


def test_no_value_can_end_the_script_that_the_data_stands_in() -> None:
    page = timeline_page([Timeline(HOSTILE, (Action(0, 1, HOSTILE),))], videos={HOSTILE: Film("a.mp4", codec=HOSTILE)})
    begin = page.index('id="data">') + len('id="data">')
    text = page[begin : page.index("</script>", begin)]
    assert not set("<>&") & set(text)
    assert json.loads(text)["videos"][0] == data_of(page)["videos"][0]
    assert [video["codec"] for video in json.loads(text)["videos"]] == [HOSTILE]
