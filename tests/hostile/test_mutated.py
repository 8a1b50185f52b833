"""A few hundred broken files for each reader; `python -m reliability.fuzz` tries ten thousand, in watched processes."""

import os
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from random import Random

import pytest

from logotal.errors import InputError
from reliability import fuzz
from reliability.figures import fuzz_table
from reliability.material import Material
from reliability.mutation import byte_level, json_level, token_level
from reliability.targets import TARGETS
from tests.hostile.limits import within

COUNT = 120
SLOW = {"recipe": 30, "published settings": 30, "annotations, gzip": 30, "exported model": 30}
"""Inputs where one takes longer, beside the bombs: PyYAML and onnxruntime read slowly."""
ANYTHING = {"run left_out.txt", "run left_out_evaluation.txt", "ablation costs"}
"""Files of sentences, in which anything is a sentence, and numbers that are measured anew where they are broken."""


@pytest.mark.parametrize("target", TARGETS)
def test_broken_files_are_read_or_refused_in_one_line(target: str, tmp_path: Path) -> None:
    for extra in {"exported model": ("onnx", "onnxruntime")}.get(target, ()):
        pytest.importorskip(extra)
    material = TARGETS[target](tmp_path / "seeds")
    path = tmp_path / "in" / f"input{material.suffix}"
    path.parent.mkdir()
    read, messages = 0, []
    for index in range(len(material.bombs) + len(material.seeds) + SLOW.get(target, COUNT)):
        path.write_bytes(fuzz.broken_input(material, target, seed=1, index=index))
        try:
            with within(fuzz.HANG), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of damaged packets, and of numpy about its old headers
                material.read(path)
            read += 1
        except InputError as error:
            messages.append(str(error))
    assert read >= len(material.seeds)
    if target not in ANYTHING:
        assert len(messages) > read / 4
    assert max((len(message.encode()) for message in messages), default=0) < 5000
    assert {each.name for each in tmp_path.iterdir()} <= {"seeds", "in"}


@pytest.mark.parametrize("mutation", [byte_level, token_level, json_level])
def test_a_mutation_is_a_function_of_its_seed_and_changes_the_input(mutation: fuzz.Any) -> None:
    seeds = [b'{"a": [1, 2.5, {"b": "text"}], "c": null}']
    made = [mutation(Random(i), seeds) for i in range(50)]
    assert made == [mutation(Random(i), seeds) for i in range(50)]
    assert sum(each != seeds[0] for each in made) > 40


def misbehave(path: Path) -> None:
    """Does what the content of a file says."""
    match path.read_text():
        case "refuse":
            raise InputError("no")
        case "raise":
            raise KeyError("x")
        case "die":
            os.abort()
        case "write":
            (path.parent.parent / "stray").mkdir()
        case "hang":
            time.sleep(60)
        case "grow":
            time.sleep(len(bytearray(fuzz.MOST_MEMORY * 5 // 4)) and 60)
        case "tell":
            raise InputError("\ud800")


def misbehaving(folder: Path) -> Material:
    ways = ("refuse", "raise", "die", "write", "hang", "grow", "tell")
    return Material(".txt", misbehave, [b"whole"], bombs=[way.encode() for way in ways])


@pytest.mark.slow
def test_the_trial_counts_what_must_not_happen_and_goes_on(tmp_path: Path) -> None:
    row = fuzz.fuzz("misbehaving", 8, 0, tmp_path / "kept", make=misbehaving, hang=12)
    counts = (row.inputs, row.accepted, row.refused, row.crashes, row.hangs, row.blow_ups)
    assert counts == (8, 1, 1, 4, 1, 1), row.faults
    assert not row.sound
    kept = {path.read_text() for path in (tmp_path / "kept").iterdir() if path.suffix != ".txt"}
    assert kept == {"raise", "die", "write", "hang", "grow", "tell"}
    assert fuzz_table({row.target: asdict(row)}).splitlines()[-1].startswith("| misbehaving | 8 | 1 | 1 | 4 | 1 | 1 | ")
