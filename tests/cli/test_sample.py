"""`python -m sidecar sample`: flags, exit codes, and words for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sidecar.cli.sample import main

SMALL = ["--seconds", "0.1", "--size", "64x48"]


def test_it_writes_video_and_truth_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "walk.mp4"), "--people", "2", *SMALL]) == 0
    said = capsys.readouterr().out
    assert "walk.mp4  3 frames, 64x48, 30 fps" in said
    assert "walk.truth.json" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["walk.mp4", "walk.truth.json"]


def test_flags_reach_the_scene(tmp_path: Path) -> None:
    flags = ["--people", "3", "--seconds", "0.5", "--seed", "9", "--fps", "10", "--size", "96x64", "--motion", "jump"]
    assert main([str(tmp_path / "a.mp4"), *flags, "--yaw", "30", "--place", "hall", "--lossless"]) == 0
    truth = json.loads((tmp_path / "a.truth.json").read_text())
    found = [truth[key] for key in ("people", "frame_count", "seed", "fps", "width", "height", "motion", "lossless")]
    assert found == [3, 5, 9, 10, 96, 64, "jump", True]


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        (["a.mp4", "--people", "0"], "people"),
        (["a.mp4", "--size", "640"], "--size"),
        (["a.mp4", "--size", "641x360"], "641"),
        (["a.mp4", "--seconds", "nan"], "seconds"),
        (["a.mp4", "--motion", "fly"], "fly"),
        (["a.mov"], "a.mov"),
        (["nowhere/a.mp4"], "nowhere"),
        ([], "OUT"),
        (["a.mp4", "--peolpe", "2"], "--peolpe"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_wrong_usage_is_exit_2_and_names_the_value(
    flags: list[str], names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(flags) == 2
    assert names in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_video_is_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "walk.mp4").mkdir()
    assert main([str(tmp_path / "walk.mp4"), *SMALL]) == 1
    assert "cannot write" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["walk.mp4"]


def test_help_answers_and_lists_the_flags(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    for flag in (
        "OUT", "--people", "--seconds", "--seed", "--motion", "--fps", "--size", "--yaw", "--place", "--lossless",
    ):  # fmt: skip
        assert flag in said
