"""A folder of pictures is a video: counted as people count, one size, and damage costs its own frame."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from sidecar.media.image_folder import list_pictures
from sidecar.media.opening import MediaError
from sidecar.video.process import process
from sidecar.video.source import Unchanged, identify
from tests.media.clips import picture
from tests.tracking.makers import ScriptedEstimator, make_person
from tests.video.makers import OPTIONS, read_poses


def make_folder(folder: Path, count: int = 12, *, size: tuple[int, int] = (64, 48)) -> Path:
    folder.mkdir()
    for index in range(count):
        cv2.imwrite(str(folder / f"{index}.png"), picture(index, width=size[0], height=size[1]))
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def run(folder: Path, out: Path, *, fps: float | None = None):  # type: ignore[no-untyped-def]
    estimator = ScriptedEstimator(lambda call, regions: [make_person(20, 24)], follows_one_person=False)
    return process(identify(folder, fps=fps), out, OPTIONS, estimator)


def test_pictures_are_frames_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    outcome = run(make_folder(tmp_path / "frames"), tmp_path / "out", fps=25)
    header, frames = read_poses(outcome.directory)
    assert [frame["time_s"] for frame in frames] == [index / 25 for index in range(12)]
    assert (header["source"]["kind"], header["source"]["container"], header["fps"]) == ("images", "images", 25)
    assert header["size"] == {"width": 64, "height": 48}
    assert outcome.summary["message"] is None


def test_the_rate_is_30_and_part_of_the_result(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "frames")
    default, slow = identify(folder), identify(folder, fps=25)
    assert default.fps == 30
    assert default.sha256 == identify(folder, fps=30).sha256 != slow.sha256


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda folder: (folder / "3.png").rename(folder / "33.png"), id="renamed"),
        pytest.param(lambda folder: (folder / "3.png").unlink(), id="removed"),
        pytest.param(lambda folder: (folder / "4.png").write_bytes((folder / "5.png").read_bytes()), id="other pixels"),
    ],
)
def test_another_content_is_another_result(tmp_path: Path, change) -> None:  # type: ignore[no-untyped-def]
    folder = make_folder(tmp_path / "frames")
    before = identify(folder)
    change(folder)
    assert identify(folder).sha256 != before.sha256
    with pytest.raises(MediaError, match="was changed or removed"):
        before.require_unchanged()


def test_what_a_segment_is_read_from_must_stay_as_it_was(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "frames")
    source = identify(folder)
    unchanged = Unchanged(source)
    (folder / "4.png").write_bytes((folder / "5.png").read_bytes())
    (folder / "9.png").unlink()
    unchanged.require(0, 4)
    unchanged.require(10, 2**62)
    for start, stop in ((4, 5), (0, 12), (9, 12)):
        with pytest.raises(MediaError, match=r"[49]\.png was changed or removed"):
            unchanged.require(start, stop)
    with pytest.raises(MediaError, match="frames was changed or removed"):
        Unchanged(source)


def test_listing_a_folder_can_be_given_up(tmp_path: Path) -> None:
    folder, looked = make_folder(tmp_path / "frames"), [0]

    def check() -> None:
        looked[0] += 1
        if looked[0] == 5:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        list_pictures(folder, check=check)


def test_a_damaged_picture_costs_its_own_frame_and_is_said(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "frames", 40)
    damaged = folder / "20.png"
    damaged.write_bytes(damaged.read_bytes()[:60])
    outcome = run(folder, tmp_path / "out")
    assert outcome.summary["frames"] == 39
    assert outcome.summary["message"] == "frames: 1 pictures could not be decoded, and their frames are missing"
    _, frames = read_poses(outcome.directory)
    assert [frame["frame"] for frame in frames] == list(range(39))
    assert frames[20]["time_s"] == 0.7  # that of the twenty-second picture


def test_pictures_of_two_sizes_are_refused_with_both(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "frames")
    cv2.imwrite(str(folder / "7.png"), picture(7, width=32, height=24))
    with pytest.raises(MediaError, match=r"7.png is 32x24, the first picture of its folder is 64x48"):
        run(folder, tmp_path / "out")


@pytest.mark.parametrize(
    ("fps", "match"), [(0.0, "fps must be over 0"), (float("nan"), "fps must be"), (1001.0, "at most 1000")]
)
def test_a_rate_out_of_range_is_refused(tmp_path: Path, fps: float, match: str) -> None:
    with pytest.raises(MediaError, match=match):
        identify(make_folder(tmp_path / "frames"), fps=fps)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(MediaError, match=r"holds no pictures \(1 files\)"):
        identify(tmp_path)


def test_a_folder_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_folder(tmp_path / "frames")

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(MediaError, match="cannot be read: Permission denied"):
        identify(folder)
