"""`python -m sidecar video` and `where`: flags, exit codes, interruption, two at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.cli import video, where
from sidecar.cli.frames_display import Pace
from tests.media.clips import cut_off, make_clip
from tests.paths import ROOT

NULL = ["--estimator", "null", "--option", "persons=2"]

posix_only = pytest.mark.skipif(os.name == "nt", reason="platform: no POSIX signals")


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sidecar", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_it_prints_the_directory_that_where_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip, out = make_clip(tmp_path / "clip.mp4"), tmp_path / "out"
    assert video.main([str(clip), "--out", str(out), *NULL]) == 0
    directory = Path(capsys.readouterr().out.strip())
    assert where.main([str(clip), *NULL]) == 0
    assert capsys.readouterr().out.strip() == directory.name
    assert directory.parent == out
    assert sorted(path.name for path in directory.iterdir()) == ["overlay.mp4", "poses.jsonl", "summary.json"]
    lines = (directory / "poses.jsonl").read_text().splitlines()
    assert len(lines) == 13
    assert [person["id"] for person in json.loads(lines[1])["persons"]] == [1, 2]


def test_a_second_run_says_that_it_was_there_and_force_works_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [str(make_clip(tmp_path / "clip.mp4")), "--out", str(tmp_path / "out"), "--no-overlay", *NULL]
    said = []
    for more in ([], [], ["--force"]):
        assert video.main([*command, *more]) == 0
        said.append("was there already" in capsys.readouterr().err)
    assert said == [False, True, False]


def test_the_threshold_changes_the_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = str(make_clip(tmp_path / "clip.mp4"))
    names = []
    for more in ([], ["--min-score", "0.5"], ["--min-score", "0.6"]):
        assert where.main([clip, *NULL, *more]) == 0
        names.append(capsys.readouterr().out)
    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize(
    ("flags", "code", "names"),
    [
        (["clip.mp4"], 2, "--out"),
        (["--out", "out"], 2, "INPUT"),
        (["clip.mp4", "--out", "out", "--min-score", "2"], 2, "'2'"),
        (["clip.mp4", "--out", "out", "--threads", "0"], 2, "'0'"),
        (["clip.mp4", "--out", "out", "--option", "persons"], 2, "'persons'"),
        (["clip.mp4", "--out", "out", "--fast"], 2, "--fast"),
        (["missing.mp4", "--out", "out", *NULL], 1, "missing.mp4 does not exist"),
        ([".", "--out", "out", *NULL], 1, ". holds no pictures (1 files)"),
        (["clip.mp4", "--out", "clip.mp4/out", *NULL], 1, "cannot write results to clip.mp4/out"),
        (["clip.mp4", "--out", "out", "--estimator", "nul"], 3, "unknown estimator 'nul'; known: blazepose"),
        (["clip.mp4", "--out", "out", "--estimator", "null", "--option", "a=1"], 3, "unknown option 'a'"),
        (["clip.mp4", "--out", "out", "--estimator", "null", "--detector", "x"], 3, "unknown option 'detector'"),
    ],
)
def test_what_is_wrong_is_named_and_coded(
    flags: list[str], code: int, names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    make_clip(tmp_path / "clip.mp4")
    monkeypatch.chdir(tmp_path)
    assert video.main(flags) == code
    said = capsys.readouterr()
    assert names in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_truncation_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = cut_off(make_clip(tmp_path / "cut.mp4", frames=100, faststart=True))
    assert video.main([str(clip), "--out", str(tmp_path / "out"), *NULL]) == 0
    assert "cut.mp4 is truncated: it ends at" in capsys.readouterr().err


@posix_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminate"])
def test_an_interrupted_run_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    clip, out = make_clip(tmp_path / "clip.mp4", frames=100), tmp_path / "out"
    said = ""
    with start("video", clip, "--out", out, *NULL, "--option", "delay_ms=300") as process:
        assert process.stderr is not None
        for line in process.stderr:
            said += line
            if "of 100 frames" in line:
                process.send_signal(number)
    assert process.returncode == 130
    assert "interrupted; finished segments are kept" in said
    assert list(out.iterdir()) == []


def test_two_runs_at_once_share_one_result(tmp_path: Path) -> None:
    clip, out = make_clip(tmp_path / "clip.mp4", frames=20), tmp_path / "out"
    pair = [start("video", clip, "--out", out, *NULL, "--option", "delay_ms=20") for _ in range(2)]
    ended = [(process.communicate(timeout=50), process.returncode) for process in pair]
    assert [code for _, code in ended] == [0, 0]
    (directory,) = {Path(said[0].strip()) for said, _ in ended}
    assert sum("was there already" in said[1] for said, _ in ended) == 1
    assert [path.name for path in out.iterdir()] == [directory.name]


def test_help_answers_without_heavy_imports() -> None:
    for command in ("video", "where"):
        probe = (
            f"import sys, sidecar.cli.{command} as c; c.main(['--help']); "
            "sys.exit(bool({'numpy', 'cv2', 'av', 'openvino', 'rich'} & set(sys.modules)))"
        )
        ran = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        assert "--estimator" in ran.stdout


def test_pace_tells_speed_and_what_is_left() -> None:
    pace = Pace()
    assert pace.text(0, 300) == "0 of 300 frames"
    for second in range(10):
        pace.add(second * 20, now_s=float(second))
    assert pace.text(180, 300) == "180 of 300 frames, 20.0 fps, 6 s left"
    assert pace.text(180, None) == "180 frames, 20.0 fps"
    assert pace.text(180, 180 + 20 * 60 * 61) == "180 of 73380 frames, 20.0 fps, 1 h 1 min left"
    pace.add(180, now_s=60.0)
    assert pace.text(180, 300) == "180 of 300 frames"
