"""A conversion's file is whole or absent, and never somebody else's."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.checkpoints import converting
from sidecar.checkpoints.converting import Chosen, convert
from sidecar.checkpoints.elements import Array
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.safetensors_file import read_safetensors, write_safetensors
from tests.checkpoints.makers import mapping, tensor, write_torch
from tests.restricted_pickle.attacks import opcodes as op


def everything(state: Mapping[str, Array], path: Path) -> Chosen:
    return Chosen(state, {"model": "made by hand"})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return write_torch(tmp_path / "in" / "a.pth", op.pickle(mapping({"w": tensor()})))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "a.safetensors"


def test_it_tells_what_it_wrote(source: Path, target: Path) -> None:
    done = convert(source, target, choose=everything)
    content = target.read_bytes()
    assert (done.tensors, done.bytes, done.sha256) == (1, len(content), hashlib.sha256(content).hexdigest())
    tensors, notes = read_safetensors(target)
    assert notes == done.notes
    assert notes == {
        "model": "made by hand",
        "source_file": "a.pth",
        "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
    }
    np.testing.assert_array_equal(tensors["w"], np.zeros((2, 3), np.float32))
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_the_same_source_gives_the_same_bytes(source: Path, target: Path) -> None:
    first = convert(source, target, choose=everything)
    again = convert(source, target.with_name("b.safetensors"), choose=everything, sha256=first.notes["source_sha256"])
    assert again.sha256 == first.sha256


@pytest.mark.skipif(os.name != "posix", reason="platform: no umask")
def test_others_may_read_it_as_the_umask_says(source: Path, target: Path) -> None:
    before = os.umask(0o027)
    try:
        convert(source, target, choose=everything)
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_file_that_is_there_stays_unless_it_may_go(source: Path, target: Path) -> None:
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="exists already"):
        convert(source, target, choose=everything)
    assert target.read_bytes() == b"mine"
    convert(source, target, choose=everything, overwrite=True)
    assert list(read_safetensors(target)[0]) == ["w"]


@pytest.mark.skipif(os.name != "posix", reason="platform: links need rights")
@pytest.mark.parametrize("to", ["nowhere", "../in/a.pth"])
def test_a_link_is_a_file_that_is_there(source: Path, target: Path, to: str) -> None:
    target.symlink_to(to)
    with pytest.raises(FileExistsError):
        convert(source, target, choose=everything)
    assert target.is_symlink()
    assert source.read_bytes().startswith(b"PK")


def test_the_source_is_never_replaced(source: Path, target: Path) -> None:
    convert(source, target, choose=everything)
    before = target.read_bytes()
    with pytest.raises(FileExistsError, match="is the source itself"):
        convert(target, target, choose=everything, overwrite=True)
    assert target.read_bytes() == before


def test_who_comes_first_keeps_the_name(source: Path, target: Path) -> None:
    def slowly(state: Mapping[str, Array], path: Path) -> Chosen:
        target.write_bytes(b"somebody else's")
        return everything(state, path)

    with pytest.raises(FileExistsError):
        convert(source, target, choose=slowly)
    assert target.read_bytes() == b"somebody else's"
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def refuse(state: Mapping[str, Array], path: Path) -> Chosen:
    raise ModelFileRefused(path, "mismatch", "is of another model")


def test_what_is_refused_leaves_what_was_there(source: Path, target: Path) -> None:
    target.write_bytes(b"mine")
    for given, choose, sha256 in (
        (source, refuse, None),
        (source, everything, "0" * 64),
        (source.with_name("absent"), everything, None),
        (source.parent, everything, None),
    ):
        with pytest.raises(ModelFileRefused):
            convert(given, target, choose=choose, sha256=sha256, overwrite=True)
        assert {path.name: path.read_bytes() for path in target.parent.iterdir()} == {target.name: b"mine"}


@pytest.mark.parametrize(
    "fault", [KeyboardInterrupt(), OSError(28, "No space left on device"), MemoryError()], ids=repr
)
def test_what_breaks_off_leaves_nothing(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def break_off(path: Path, *rest: Any) -> None:
        write_safetensors(path, *rest)
        raise fault

    monkeypatch.setattr(converting, "write_safetensors", break_off)
    with pytest.raises(type(fault)):
        convert(source, target, choose=everything)
    assert list(target.parent.iterdir()) == []


def test_a_folder_in_the_place_of_the_target_stays(source: Path, target: Path) -> None:
    target.mkdir()
    with pytest.raises(OSError, match="directory"):
        convert(source, target, choose=everything, overwrite=True)
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_a_folder_that_is_not_there_is_told(source: Path, target: Path) -> None:
    with pytest.raises(FileNotFoundError):
        convert(source, target.parent / "absent" / "a.safetensors", choose=everything)
