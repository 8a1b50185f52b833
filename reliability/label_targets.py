"""Readers of what people bring: label files of every form, tables of groups, projects, features of other programs."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from reliability import bombs
from reliability.label_seeds import REFUSED, SEEDS, workbook
from reliability.material import JSON, Material, Payload, canary
from reliability.mutation import Mutation, byte_level, in_archive, in_npy, token_level

TEXT: tuple[Mutation, ...] = (byte_level, token_level, token_level)
RATE, SECONDS = 25.0, 100.0


def labels(suffix: str) -> Callable[[Path], Material]:
    """Label files that end so, in all their forms; every action is asked for its seconds."""

    def material(folder: Path) -> Material:
        from logotal.formats.labels import read_labels  # noqa: PLC0415 - a process loads what it needs

        def read(path: Path) -> object:
            file = read_labels(path)
            return [found.at(RATE, SECONDS) for video in file.videos for found in video.actions]

        if suffix == ".xlsx":
            broken = (byte_level, in_archive(".xml"), in_archive("sheet1.xml"))
            return Material(suffix, read, [workbook()], broken, [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18])
        hostile = [each.encode() for each in REFUSED.get(suffix, ())]
        hostile += {".json": bombs.of_json("%s"), ".xml": bombs.of_text(".eaf")}.get(suffix, bombs.of_text(".csv"))
        hostile += [f"{start} x{' ' * 100_000}x\n".encode() for start in ("0:00", "1-25", "a 1 2")]
        mutations = tuple(JSON) if suffix == ".json" else TEXT
        return Material(suffix, read, [each.encode() for each in SEEDS[suffix]], mutations, hostile)

    return material


def groups(folder: Path) -> Material:
    """Tables that say which videos belong together."""
    from logotal.project.grouping import read_groups  # noqa: PLC0415
    from logotal.project.video_files import VideoFile  # noqa: PLC0415

    videos = [VideoFile(name, Path(f"{name}.mp4"), Path(f"{name}.mp4")) for name in ("a", "b")]  # type: ignore[arg-type]
    seeds = [b"video,group\na.mp4,Ann\nb.mp4,Bo\n", b"video\tday\na\t1\n"]
    return Material(".csv", lambda path: read_groups(path, videos, path.parent), seeds, TEXT, bombs.of_text(".csv"))


def project(folder: Path) -> Material:
    """The annotations of a project, as the next `init` reads them, and every command that works on a project."""
    from logotal.formats.annotations import VideoTruth  # noqa: PLC0415
    from logotal.formats.options import Options  # noqa: PLC0415
    from logotal.places import ANNOTATIONS  # noqa: PLC0415
    from logotal.project.earlier import read_earlier  # noqa: PLC0415
    from logotal.project.folder import project_videos  # noqa: PLC0415
    from logotal.project.writing import annotations_text  # noqa: PLC0415
    from logotal.timeline import Action  # noqa: PLC0415

    names = ("video_1", "video_2")
    files = {name: folder.parent / "in" / f"{name}.mp4" for name in names}
    truths = [VideoTruth(name, "training", (Action(0.5, 2.0, "jump"),), 33.8, 25.0, group="Ann") for name in names]
    options = Options(columns={"label": "verb"}, unit="frames@25", group="actor")
    text = annotations_text(truths, files, out=folder.parent / "in", options=options, held_back=0.2)

    def read(path: Path) -> object:
        for file in files.values():
            file.touch()
        place = path.with_name(ANNOTATIONS)
        place.write_bytes(path.read_bytes())
        found = read_earlier(path.parent)
        project_videos(path.parent, place)
        return None if found is None else [said.to_json() for said in found.said.values()]

    return Material(".json", read, [text.encode()], JSON, bombs.of_json('{"version": "logotal 1", "database": %s}'))


def provenance(folder: Path) -> Material:
    """What says whether a project's run is outdated."""
    from logotal.project.next_steps import is_outdated  # noqa: PLC0415

    def read(path: Path) -> object:
        path.with_name("provenance.json").write_bytes(path.read_bytes())
        return is_outdated(path.parent, path)

    seed = json.dumps({"annotations": {"file": "annotations.json", "sha256": "0f" * 32}}).encode()
    return Material(".json", read, [seed], JSON, bombs.of_json("%s"))


def costs(folder: Path) -> Material:
    """The costs of an ablation that went before."""
    from logotal.ablation import costs as module  # noqa: PLC0415
    from logotal.errors import InputError  # noqa: PLC0415

    def read(path: Path) -> object:
        if (found := module._read(path)) is None:
            raise InputError("measured again")  # which is what an ablation makes of a broken file
        return [f"{cost.milliseconds:.1f} {cost.parameters + cost.macs}" for cost in found.by_network.values()]

    network = {"parameters": 5, "macs": 10**9, "milliseconds": 1.5}
    seed = json.dumps({"about": "measured", "by_network": {"0f0f0f0f": network}}).encode()
    return Material(".json", read, [seed], JSON, bombs.of_json("%s"))


def imports(suffix: str) -> Callable[[Path], Material]:
    """Features and poses of other programs, imported into a folder."""

    def material(folder: Path) -> Material:
        from logotal.importing import import_features  # noqa: PLC0415

        out = folder.parent / "in" / "out"

        def read(path: Path) -> object:
            return import_features(path, out, fps=25, stride=4, layout="TC", overwrite=True)

        folder.mkdir(parents=True, exist_ok=True)
        seeds, mutations, hostile = FEATURES[suffix](folder)
        return Material(suffix, read, seeds, mutations, hostile)

    return material


Parts = tuple[list[bytes], tuple[Mutation, ...], list[bytes]]
ARRAY = np.linspace(-1, 1, 120, dtype=np.float32).reshape(20, 6)


def _npy(folder: Path) -> Parts:
    buffer, objects = io.BytesIO(), io.BytesIO()
    np.save(buffer, ARRAY)
    np.save(objects, np.array([Payload(canary(folder.parent))], object), allow_pickle=True)
    return [buffer.getvalue()], (byte_level, in_npy, in_npy), [objects.getvalue(), *bombs.of_npy()]


def _npz(folder: Path) -> Parts:
    buffer = io.BytesIO()
    np.savez(buffer, features=ARRAY)
    return [buffer.getvalue()], (byte_level, in_archive(".npy"), in_archive(".npy")), [*bombs.of_checkpoint(), _zeros()]


def _zeros() -> bytes:
    """An archive of two megabytes that unpacks to one and a half gigabytes."""
    header, made = io.BytesIO(), io.BytesIO()
    about = {"descr": "<f4", "fortran_order": False, "shape": (2**26, 6)}
    np.lib.format.write_array_header_1_0(header, about)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file, file.open("features.npy", "w") as member:
        for block in (header.getvalue(), *[bytes(2**24)] * 96):
            member.write(block)
    return made.getvalue()


def _torch(folder: Path) -> Parts:
    import torch  # noqa: PLC0415

    buffer = io.BytesIO()
    torch.save({"features": torch.from_numpy(ARRAY)}, buffer)
    bare = pickle.dumps(Payload(canary(folder.parent)), protocol=2)
    strange = []
    for tensor in (torch.zeros(1).expand(10**12, 4), torch.eye(3).to_sparse(), torch.zeros(3, 3, device="meta")):
        file = io.BytesIO()
        torch.save(tensor, file)
        strange.append(file.getvalue())
    return [buffer.getvalue()], (byte_level, in_archive("data.pkl")), [bare, *strange, *bombs.of_checkpoint()]


def _hdf(folder: Path) -> Parts:
    import h5py  # noqa: PLC0415 - an extra

    with h5py.File(folder / "whole.h5", "w") as file:
        file["features"] = ARRAY
    with h5py.File(folder / "deep.h5", "w") as file:
        group = file
        for _ in range(2000):
            group = group.create_group("g")
        group["features"] = ARRAY
    with h5py.File(folder / "large.h5", "w") as file:
        file.create_dataset("features", shape=(10**7, 64), dtype="f4", chunks=(1000, 64))
        file["elsewhere"], file["round"] = h5py.ExternalLink("/etc/passwd", "/a"), h5py.SoftLink("/")
    whole, *hostile = ((folder / f"{name}.h5").read_bytes() for name in ("whole", "deep", "large"))
    return [whole], (byte_level,), [*hostile, b"", b"\x89HDF\r\n\x1a\n" + b"\xff" * 200]


def _table(folder: Path) -> Parts:
    plain = "\n".join(",".join(f"{value:.3f}" for value in row) for row in ARRAY)
    points = ["scorer,net,net,net,net,net,net", "bodyparts,nose,nose,nose,tail,tail,tail"]
    points += ["coords,x,y,likelihood,x,y,likelihood"]
    points += [f"{i},{i}.5,{2 * i},0.99,{i + 9},{i},0.9" for i in range(20)]
    tracks = ["track,frame_idx,nose.x,nose.y,nose.score,tail.x,tail.y,tail.score"]
    tracks += [f"ann,{i},{i}.5,{2 * i},0.99,{i + 9},{i},0.9" for i in range(20)]
    landmarks = ["frame,landmark,x,y,z,visibility", *(f"{i},{k},{i},{k},1.5,0.9" for i in range(6) for k in range(3))]
    seeds = ["\n".join([*lines, ""]).encode() for lines in ([plain], points, tracks, landmarks)]
    late = [seed.replace(b"\n5,", b"\n19999999,").replace(b"ann,5,", b"ann,19999999,") for seed in seeds]
    return seeds, TEXT, [*bombs.of_text(".csv"), *late, *(seed[:-12] for seed in seeds)]


FEATURES: dict[str, Callable[[Path], Parts]] = {
    ".npy": _npy,
    ".npz": _npz,
    ".pt": _torch,
    ".h5": _hdf,
    ".csv": _table,
}
SAME = {".pth": ".pt", ".hdf5": ".h5", ".tsv": ".csv", ".txt": ".csv"}
"""Ends of names that are read as others are."""

TARGETS: dict[str, Callable[[Path], Material]] = {
    **{f"labels {suffix}": labels(suffix) for suffix in (*SEEDS, ".xlsx")},
    **{f"import {suffix}": imports(suffix) for suffix in FEATURES},
    "groups": groups,
    "project annotations": project,
    "project provenance": provenance,
    "ablation costs": costs,
}
