"""What the pages ask for, over HTTP, on real videos."""

import io
import json
import subprocess
import sys
from pathlib import Path

import PIL.Image
import pytest

pytest.importorskip("starlette", reason="needs Starlette, of the extra app")

from starlette.testclient import TestClient

from logotal.app.drafts import write_drafts
from logotal.app.opening import open_store
from logotal.app.results import page_of
from logotal.app.security import Guard
from logotal.app.server import application
from logotal.app.store import LabelStore
from logotal.errors import InputError
from logotal.project.create import create
from logotal.timeline import Action, Timeline
from tests.project.films import film, films

HERE = "http://testserver"
HOSTILE = "<img src=x onerror=alert(1)>"


def asking(folder: Path, store: LabelStore) -> TestClient:
    client = TestClient(Guard(application(folder, store), "secret", ["testserver"]), base_url=HERE)
    client.headers["Origin"] = HERE
    client.get("/?token=secret")
    return client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    films(tmp_path, "a.mp4", "b.mp4", "day 1/c.mp4")
    return tmp_path


@pytest.fixture
def client(folder: Path) -> TestClient:
    return asking(folder, open_store(folder))


def edit(client: TestClient, video: str, **more: object) -> dict[str, object]:
    version = client.get(f"/api/videos/{video}").json()["version"]
    answer = client.post("/api/edits", json={"base": version, "edit": {"video": video, **more}})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


JUMP = {"id": "1", "start": 1.0, "end": 2.0, "label": "jump"}


def test_a_folder_of_videos_is_a_project_at_once(client: TestClient, folder: Path) -> None:
    listed = client.get("/api/videos").json()
    assert [video["id"] for video in listed["videos"]] == ["a", "b", "c"]
    assert {video["state"] for video in listed["videos"]} == {"unlabelled"}
    found = client.get("/api/videos/a").json()
    assert (found["duration"], found["fps"], found["actions"], found["labels"]) == (10.0, 10.0, [], [])
    assert found["playable"]
    assert client.get("/api/next").json()["next"][0]["video"] == "a"


def test_edits_change_the_state_and_others_see_them(client: TestClient) -> None:
    before = client.get("/api/videos").json()["version"]
    edit(client, "a", put=[JUMP | {"label": HOSTILE}])
    edit(client, "b", labelled=[[0.0, 10.0]])
    states = {video["id"]: video["state"] for video in client.get("/api/videos").json()["videos"]}
    assert states == {"a": "started", "b": "labelled", "c": "unlabelled"}
    changes = client.get("/api/changes", params={"since": before}).json()
    assert [change["edit"]["video"] for change in changes["changes"]] == ["a", "b"]
    assert client.get("/api/videos/a").json()["labels"] == [HOSTILE]


def test_the_second_of_two_tabs_is_told_and_gets_what_is_there(client: TestClient) -> None:
    version = client.get("/api/videos/a").json()["version"]
    edit(client, "a", put=[JUMP])
    answer = client.post("/api/edits", json={"base": version, "edit": {"video": "a", "put": [JUMP | {"end": 3.0}]}})
    assert answer.status_code == 409
    assert answer.json()["video"]["actions"][0]["end"] == 2.0


def test_history_comes_back(client: TestClient) -> None:
    edit(client, "a", put=[JUMP])
    edit(client, "a", remove=["1"])
    states = client.get("/api/history/a").json()["states"]
    assert [(state["actions"], state["what"]) for state in states] == [
        *((0, "1 removed"), (1, "1 marked"), (0, "as it came"))
    ]
    client.post("/api/restore", json={"video": "a", "version": states[1]["version"]})
    assert client.get("/api/videos/a").json()["actions"][0]["label"] == "jump"


def test_drafts_go_where_a_person_has_answered(client: TestClient, folder: Path) -> None:
    found = [Action(float(start), start + 1.0, "jump", score=0.9) for start in (1, 3, 5, 8)]
    write_drafts(folder, 1, [Timeline("a", tuple(found))])
    assert len(client.get("/api/videos/a").json()["drafts"]) == 4
    assert client.get("/api/videos").json()["videos"][0]["state"] == "draft"
    edit(client, "a", put=[JUMP | {"start": 1.1}])
    edit(client, "a", rejected=[{"start": 3.0, "end": 4.0, "label": "jump"}])
    edit(client, "a", labelled=[[5.0, 7.0]])
    assert [draft["start"] for draft in client.get("/api/videos/a").json()["drafts"]] == [8.0]
    edit(client, "a", put=[JUMP | {"start": 8.0, "end": 9.0, "label": "run", "id": "2"}])
    assert len(client.get("/api/videos/a").json()["drafts"]) == 1, "another label answers nothing"


def test_pictures_are_of_their_size_and_a_video_is_served_in_ranges(client: TestClient, folder: Path) -> None:
    for address, size in (("/strip/a", (60 * 96, 54)), ("/thumb/a", (160, 90))):
        for _ in range(2):
            assert PIL.Image.open(io.BytesIO(client.get(address).content)).size == size
    assert client.get("/wave/a").json()["peaks"] == []
    part = client.get("/media/a", headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, (folder / "a.mp4").read_bytes()[4:12])


@pytest.mark.parametrize(
    "address",
    ["/media/nothing", "/media/..%2F..%2Fetc%2Fpasswd", "/strip/a%2F..", "/api/videos/x", "/static/..%2Fserver.py"],
)
def test_nothing_but_the_videos_of_the_project_is_served(client: TestClient, address: str) -> None:
    assert client.get(address).status_code in (400, 404)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not valid JSON"),
        (b"\xff", "expected JSON in UTF-8"),
        (b'{"base": 0}', "key 'edit' is missing"),
        (json.dumps({"base": -1, "edit": {"video": "a"}}).encode(), "'base' must be"),
        (json.dumps({"base": 9, "edit": {"video": "z"}}).encode(), "no video 'z'"),
        (json.dumps({"base": 9, "edit": {"video": "a", "putt": []}}).encode(), "did you mean 'put'"),
        (json.dumps({"base": 9, "edit": {"video": "a", "put": [JUMP | {"end": 99}]}}).encode(), "within the 10 s"),
        (b"[" * 100_000, "of a few levels"),
    ],
    ids=["cut short", "no text", "no edit", "no version", "no video", "a typo", "too late", "nested"],
)
def test_what_is_sent_wrong_is_told_and_changes_nothing(client: TestClient, body: bytes, said: str) -> None:
    version = client.get("/api/videos").json()["version"]
    answer = client.post("/api/edits", content=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert client.get("/api/videos").json()["version"] == version


def test_a_request_without_end_is_cut_short(client: TestClient) -> None:
    assert client.post("/api/edits", content=b"x" * (16 * 2**20 + 1)).status_code == 413


def test_a_video_is_added_whole_or_not_at_all(
    client: TestClient, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    new = film(tmp_path_factory.mktemp("new") / "new.mp4").read_bytes()
    assert client.put("/api/files/new.mp4", content=new).json() == {"id": "new"}
    assert (folder / "new.mp4").read_bytes() == new
    for name, content, said in (
        ("new.mp4", new, "is there already"),
        ("A.mkv", new, "is there already"),
        ("noise.mp4", b"noise" * 100, "noise.mp4"),
        ("notes.txt", b"x", "expected a video that ends in"),
        ("..%2Fout.mp4", new, ""),
        (".hidden.mp4", new, "expected the name of a file"),
    ):
        answer = client.put(f"/api/files/{name}", content=content)
        assert answer.status_code in (400, 404), name
        assert said in answer.text
    assert sorted(path.name for path in folder.iterdir()) == ["a.mp4", "app", "b.mp4", "day 1", "new.mp4"]


def test_a_full_disk_is_told_and_leaves_nothing(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = (folder / "a.mp4").read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "rename", full)
    answer = client.put("/api/files/new.mp4", content=new)
    assert (answer.status_code, "No space left" in answer.json()["error"]) == (400, True)
    assert sorted(path.name for path in folder.iterdir()) == ["a.mp4", "app", "b.mp4", "day 1"]


def test_a_label_file_is_imported_once_and_what_nobody_can_know_is_asked(client: TestClient) -> None:
    table = b"video,start,end,label\na.mp4,10,30,jump\nb.mp4,50,95,run\n"
    answer = client.post("/api/import", content=table, headers={"X-File-Name": "labels.csv"})
    assert answer.status_code == 422
    assert answer.json()["question"] == {"option": "unit", "values": ["frames", "ms", "s"]}
    for actions in (2, 0):
        answer = client.post("/api/import?unit=frames", content=table, headers={"X-File-Name": "labels.csv"})
        assert answer.json()["actions"] == actions
    found = client.get("/api/videos/a").json()
    assert [(each["start"], each["end"], each["label"], each["origin"]) for each in found["actions"]] == [
        (1.0, 3.0, "jump", "file")
    ]
    assert found["labelled"] == [[0.0, 10.0]]
    wrong = client.post("/api/import", content=b"video,start,end,label\nz.mp4,1,3,jump\n")
    assert "the labels name 'z.mp4', but the videos are a, b, c" in wrong.json()["error"]


def test_a_label_file_of_which_most_cannot_be_is_refused_as_a_whole(client: TestClient) -> None:
    table = b"video,start,end,label\n" + b"".join(b"a.mp4,%d.5,%d.5,jump\n" % (each + 1, each) for each in range(5))
    answer = client.post("/api/import?unit=s", content=table, headers={"X-File-Name": "swapped.csv"})
    assert answer.json()["error"].startswith("swapped.csv: 5 of 5 actions cannot be, the first: ")
    found = client.get("/api/videos/a").json()
    assert (found["actions"], found["labelled"]) == ([], [])


def test_labels_that_init_read_are_there_and_init_reads_what_was_marked(folder: Path) -> None:
    (folder / "labels.csv").write_text(
        "video,start,end,label\na.mp4,1.5,3.5,jump\nb.mp4,2.5,4.5,jump\nc.mp4,5.5,6.5,jump\n"
    )
    create(folder, backbone="mobilenetv2")
    store = open_store(folder)
    client = asking(folder, store)
    (action,) = client.get("/api/videos/c").json()["actions"]
    assert (action["start"], action["origin"]) == (5.5, "file")
    edit(client, "c", put=[action | {"start": 4.5, "origin": "person"}])
    store.save()
    create(folder, labels=[store.path])
    written = json.loads((folder / "annotations.json").read_text())["database"]["c"]["annotations"]
    assert [each["segment"] for each in written] == [[4.5, 6.5]]


def test_a_video_that_was_moved_away_is_said_and_the_others_stay(client: TestClient, folder: Path) -> None:
    (folder / "a.mp4").unlink()
    first, second, _ = client.get("/api/videos").json()["videos"]
    assert "put it back" in first["broken"]
    assert second["broken"] is None
    assert client.get("/media/a").status_code == 400


def test_a_folder_without_videos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no videos here or below"):
        open_store(tmp_path)


def test_the_server_starts_without_torch() -> None:
    code = "import sys, logotal.app.serve; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", ["report", "diagnosis"])
def test_a_page_about_a_round_runs_nothing(client: TestClient, folder: Path, kind: str) -> None:
    page = page_of(folder, 3, kind)
    page.parent.mkdir(parents=True)
    page.write_text("<p>errors</p>")
    answer = client.get(f"/rounds/3/{kind}")
    assert (answer.status_code, answer.text) == (200, "<p>errors</p>")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    for other in (f"/rounds/4/{kind}", "/rounds/3/..%2F..%2Fedited", "/rounds/3/run"):
        assert client.get(other).status_code in {400, 404}
