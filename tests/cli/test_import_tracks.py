"""`python -m sidecar import-tracks`: flags, exit codes, and words for people."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.cli import import_tracks
from tests.paths import ROOT
from tests.phalp.makers import entry, frozen, walk, write_file


def test_it_says_what_became_of_the_copies_and_prints_the_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = walk(1, 6)
    people[2] = frozen(people[1], 1)
    file = write_file(tmp_path / "a.pkl", [[person] for person in people] + [[entry(1, 5.0), entry(1, 6.0)]])
    assert import_tracks.main([str(file), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    directory = Path(said.out.strip())
    assert directory.parent == tmp_path / "out"
    assert sorted(path.name for path in directory.iterdir()) == ["poses.jsonl", "summary.json"]
    assert said.err.splitlines() == [
        "7 frames, 1 tracks, 7 people",
        "1 entries were copies of an earlier pose, and none of them was kept",
        "1 people between sightings were filled in",
        "1 had an id that was in the frame already, and were left out",
        "times count 30 frames a second (--fps F)",
    ]


@pytest.mark.parametrize(
    ("flags", "code", "names"),
    [
        (["a.pkl"], 2, "--out"),
        (["--out", "out"], 2, "FILE"),
        (["a.pkl", "--out", "out", "--fps", "0"], 2, "'0'"),
        (["a.pkl", "--out", "out", "--fps", "nan"], 2, "'nan'"),
        (["a.pkl", "--out", "out", "--size", "640"], 2, "'640'"),
        (["a.pkl", "--out", "out", "--size", "0x5"], 2, "'0x5'"),
        (["nowhere.pkl", "--out", "out"], 1, "nowhere.pkl cannot be read"),
        ([".", "--out", "out"], 1, "cannot be read"),
        (["b.pkl", "--out", "out"], 1, "b.pkl: this is no pickle"),
        (["a.pkl", "--out", "b.pkl/out"], 1, "cannot write results to b.pkl/out"),
    ],
)
def test_what_is_wrong_is_named_and_coded(
    flags: list[str], code: int, names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    write_file(tmp_path / "a.pkl", [[entry(1, 0)]])
    (tmp_path / "b.pkl").write_bytes(b"something else")
    monkeypatch.chdir(tmp_path)
    assert import_tracks.main(flags) == code
    said = capsys.readouterr()
    assert names in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_help_answers_without_heavy_imports() -> None:
    probe = (
        "import sys, sidecar.cli.import_tracks as c; c.main(['--help']); "
        "sys.exit(bool({'numpy', 'cv2', 'av', 'orjson'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "--fps" in ran.stdout


def test_the_command_is_reached_by_its_name() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "sidecar", "import-tracks", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "python -m sidecar import-tracks" in ran.stdout
