"""A file that changes under a run: its result must not lie under the name of what the file was."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from sidecar.media.opening import MediaError
from sidecar.pose.person import Person
from sidecar.video.process import process
from sidecar.video.source import identify
from tests.media.clips import make_clip, picture
from tests.tracking.makers import ScriptedEstimator
from tests.video.makers import OPTIONS, one_person, run


def _cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


CHANGES: list[Callable[[Path], None]] = [_cut, _replace, _append, Path.unlink]


def changing(path: Path, change: Callable[[Path], None]) -> ScriptedEstimator:
    """An estimator during whose first frame the file changes."""

    def answer(call: int, regions: object) -> list[Person]:
        if call == 0:
            change(path)
        return []

    return ScriptedEstimator(answer)


@pytest.mark.parametrize("change", CHANGES, ids=["cut off", "replaced", "grown", "removed"])
@pytest.mark.parametrize("name", ["clip.mp4", "picture.png"])
def test_a_change_during_the_run_is_said_and_leaves_no_result(
    tmp_path: Path, name: str, change: Callable[[Path], None]
) -> None:
    path = make_source(tmp_path / name)
    with pytest.raises(MediaError, match=f"{name} was changed or removed while it was read") as caught:
        run(path, tmp_path / "out", changing(path, change))
    assert caught.value.reason == "changed"
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("change", CHANGES[:3], ids=["cut off", "replaced", "grown"])
def test_a_change_before_the_run_is_said_too(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = make_source(tmp_path / "picture.png")
    source = identify(path)
    change(path)
    with pytest.raises(MediaError, match="was changed or removed"):
        process(source, tmp_path / "out", OPTIONS, one_person())


def make_source(path: Path) -> Path:
    if path.suffix == ".mp4":
        return make_clip(path)
    assert cv2.imwrite(str(path), picture())
    return path
