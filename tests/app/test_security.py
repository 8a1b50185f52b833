"""Nobody but the browser with the token reaches the app, on whatever page it is."""

import pytest

pytest.importorskip("starlette", reason="needs Starlette, of the extra app")

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from logotal.app.security import Guard

HERE = "http://127.0.0.1:8000"
OURS = {"Origin": HERE}


def client(*, by_number: bool = False, **cookies: str) -> TestClient:
    inside = Starlette(routes=[Route("/{path:path}", lambda request: PlainTextResponse("in"), methods=["GET", "POST"])])
    guard = Guard(inside, "secret", ["127.0.0.1:8000", "localhost:8000"], by_number=by_number)
    return TestClient(guard, base_url=HERE, cookies=cookies, follow_redirects=False)


def inside(*, by_number: bool = False) -> TestClient:
    return client(by_number=by_number, **{"logotal-8000": "secret"})


def test_the_address_with_the_token_opens_the_app_once_and_a_cookie_from_then_on() -> None:
    asking = client()
    assert asking.get("/").status_code == 403
    answer = asking.get("/edit?video=a%20b&token=secret")
    assert (answer.status_code, answer.headers["location"]) == (303, "/edit?video=a+b")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert asking.get("/").text == "in"


@pytest.mark.parametrize("given", ["", "wrong", "secre", "secret2", "é"])
def test_another_token_is_refused(given: str) -> None:
    assert client().get("/", params={"token": given}).status_code == 403
    assert client(**{"logotal-8000": given.encode().hex()}).get("/").status_code == 403
    assert client(**{"logotal-9000": "secret"}).get("/").status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example:8000", "127.0.0.1", "127.0.0.1:9000", "127.0.0.1.evil.example:8000", ""]
)
def test_another_name_of_this_machine_is_refused_even_with_the_token(host: str) -> None:
    assert inside().get("/?token=secret", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["192.168.1.5:9000", "[::1]:8000", "localhost:9000", "127.0.0.1", "LOCALHOST:8000"])
def test_a_server_that_listens_at_all_addresses_may_be_called_by_a_number_and_through_another_port(host: str) -> None:
    assert inside(by_number=True).get("/", headers={"Host": host}).text == "in"
    answer = inside(by_number=True).post("/", headers={"Host": host, "Origin": f"http://{host.casefold()}"})
    assert answer.text == "in"
    assert inside(by_number=True).post("/", headers={"Host": host, "Origin": HERE + "1"}).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example:8000", "127.0.0.1.evil.example:8000", "evil.example", "2130706433:8000", "[::1", ""]
)
def test_a_server_that_listens_at_all_addresses_is_no_server_of_other_names(host: str) -> None:
    assert inside(by_number=True).get("/?token=secret", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8000"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "http://127.0.0.1:9000"},
        {**OURS, "Sec-Fetch-Site": "cross-site"},
        {**OURS, "Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_page_of_another_site_changes_nothing(headers: dict[str, str]) -> None:
    assert inside().post("/api/edits", headers=headers).status_code == 403


def test_a_page_of_another_site_reads_nothing_and_frames_nothing() -> None:
    assert inside().get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    answer = inside().get("/")
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers


def test_our_own_page_may_ask_for_changes() -> None:
    assert inside().post("/api/edits", headers=OURS).text == "in"
    assert inside().post("/api/edits", headers={"Sec-Fetch-Site": "same-origin"}).text == "in"


def test_a_path_cannot_lead_to_another_site() -> None:
    assert client().get(f"{HERE}//evil.example/?token=secret").headers["location"] == "/evil.example/"
