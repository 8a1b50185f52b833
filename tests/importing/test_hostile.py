"""Files of features that would fill the memory, take minutes, or break off in a row: a sentence, at once."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logotal.errors import InputError
from logotal.importing import import_features
from tests.hostile.limits import within

BLOCK = bytes(2**24)
POINTS = ("snout", "ear", "tail")
SLEAP = "track,frame_idx," + ",".join(f"{node}.{axis}" for node in POINTS for axis in ("x", "y", "score"))
DEEPLABCUT = "\n".join(
    ["scorer" + ",net" * 9, "bodyparts," + ",".join(np.repeat(POINTS, 3)), "coords" + ",x,y,likelihood" * 3]
)
LANDMARKS = "frame,landmark,x,y,z,visibility"


def refused(path: Path, out: Path) -> str:
    """What is said about a file, within the time and the memory of a small one."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (min(2**33, limits[1]) if limits[1] > 0 else 2**33, limits[1]))
    try:
        with within(5), pytest.raises(InputError) as caught:
            import_features(path, out, fps=25, stride=1, layout="TC")
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, limits)
    assert not out.exists()
    return str(caught.value)


def far(header: str, before: str, row: str) -> str:
    """A table of twelve rows, of which one is of a frame some days later."""
    return "\n".join([header, *(f"{before}{i if i != 5 else 19_999_999},{row}" for i in range(12))])


TABLES = {
    "a row of SLEAP breaks off": (f"{SLEAP}\nann,0,1,2,0.9,1,2,0.9,1,2,0.9\nann\n", "expected 11 cells in each row"),
    "a row of landmarks breaks off": (f"{LANDMARKS}\n0,0,1,2,3,1\n0,1,1,2,3,1\n7\n", "expected 6 cells in each row"),
    "all rows of DeepLabCut break off": (f"{DEEPLABCUT}\n0,1,1\n1,1,1\n", "expected 10 cells in each row"),
    "SLEAP after days": (far(SLEAP, "ann,", "1,2,0.9,1,2,0.9,1,2,0.9"), "is too far for 12 rows"),
    "DeepLabCut after days": (far(DEEPLABCUT, "", "1,2,0.9,1,2,0.9,1,2,0.9"), "is too far for 12 rows"),
    "a cell without end": (f"a,b\n1,{'9' * 140_000}\n", "field larger than field limit"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_beyond_reason_is_refused(name: str, tmp_path: Path) -> None:
    text, said = TABLES[name]
    (tmp_path / "a.csv").write_text(text)
    assert said in refused(tmp_path / "a.csv", tmp_path / "out")


def test_frames_without_a_body_are_steps_as_long_as_there_are_rows_for_them(tmp_path: Path) -> None:
    rows = "\n".join(f"ann,{i},1,2,0.9,3,4,0.9,5,7,0.9" for i in (0, 1, 50_000))
    (tmp_path / "a.csv").write_text(f"{SLEAP}\n{rows}\n")
    assert import_features(tmp_path / "a.csv", tmp_path / "out", fps=25, stride=1).steps == {"a": 50_001}


def test_an_archive_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    array = io.BytesIO()
    np.lib.format.write_array_header_1_0(array, {"descr": "<f4", "fortran_order": False, "shape": (2**28, 4)})
    with (
        zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as file,
        file.open("features.npy", "w") as member,
    ):
        for block in (array.getvalue(), *[BLOCK] * 100):
            member.write(block)
    assert "a.npz:features: expected at most 100 times the" in refused(tmp_path / "a.npz", tmp_path / "out")


def tensors() -> dict[str, Callable[[Any], Any]]:
    return {
        "one number said to be a trillion": lambda torch: torch.zeros(1).expand(10**12)[:, None].expand(10**12, 4),
        "sparse and endless": lambda torch: torch.sparse_coo_tensor(
            torch.zeros(2, 0).long(), torch.zeros(0), (10**9,) * 2
        ),
        "sparse": lambda torch: torch.eye(3).to_sparse(),
        "without values": lambda torch: torch.zeros(3, 3, device="meta"),
    }


@pytest.mark.parametrize("name", tensors())
@pytest.mark.filterwarnings("ignore:Sparse invariant checks")
def test_a_tensor_that_is_no_plain_one_is_refused(name: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save({"features": tensors()[name](torch)}, tmp_path / "a.pt")
    assert "a.pt:features: expected " in refused(tmp_path / "a.pt", tmp_path / "out")


def test_groups_without_end_and_arrays_that_were_never_written_are_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "deep.h5", "w") as file:
        group = file
        for _ in range(500):
            group = group.create_group("g")
        group["features"] = np.ones((4, 3))
    with h5py.File(tmp_path / "large.h5", "w") as file:
        file.create_dataset("features", shape=(10**7, 64), dtype="f4", chunks=(1000, 64))
    assert "expected a few groups inside each other, found more than 64" in refused(
        tmp_path / "deep.h5", tmp_path / "out"
    )
    assert "large.h5:features: expected at most 100 times the" in refused(tmp_path / "large.h5", tmp_path / "out")


def test_links_in_hdf5_lead_neither_out_of_the_file_nor_in_circles(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["secret"] = np.ones((5, 3))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["features"] = np.ones((4, 3))
        file["out"] = h5py.ExternalLink("other.h5", "/secret")
        file["round"], file["itself"], file["again"] = h5py.SoftLink("/"), h5py.SoftLink("/itself"), file["features"]
    found = import_features(tmp_path / "a.h5", tmp_path / "out", fps=25, stride=1, layout="TC")
    assert found.steps == {"a": 4}


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(50), b"PK\x05\x06" + bytes(18)], ids=["broken", "empty"])
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_an_archive_is_refused_and_not_left_open(suffix: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / f"a{suffix}").write_bytes(content)
    assert f"a{suffix}: " in refused(tmp_path / f"a{suffix}", tmp_path / "out")
