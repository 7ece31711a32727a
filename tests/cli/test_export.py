"""`python -m sidecar export`: flags, exit codes and where things go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.cli import export
from sidecar.export.formats import FORMATS
from sidecar.results.reading import open_result
from tests.export.makers import make_result
from tests.paths import ROOT
from tests.results.makers import make_frames, make_header, write_result


@pytest.mark.parametrize(
    ("name", "default"),
    [("coco", "coco.json"), ("openpose", "openpose"), ("mot", "mot.txt"), ("csv", "poses.csv")],
)
def test_it_writes_beside_the_result_and_prints_the_path(
    tmp_path: Path, name: str, default: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_result(tmp_path)
    assert export.main([str(tmp_path), "--format", name]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == (f"{tmp_path / default}\n", "5 people\n")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(["poses.jsonl", "summary.json", default])
    assert sum(1 for _ in open_result(tmp_path).frames()) == 4


def test_every_format_is_offered_and_explained() -> None:
    assert list(export.FORMATS) == list(FORMATS)
    for name, text in export.FORMATS.items():
        assert text.startswith(f"DIR/{FORMATS[name].default_name}")


def test_filled_people_and_the_path_are_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_result(tmp_path / "result")
    out = tmp_path / "boxes.txt"
    flags = ["--format", "mot", "--out", str(out), "--filled", "exclude"]
    assert export.main([str(tmp_path / "result"), *flags]) == 0
    assert capsys.readouterr().err == "4 people, filled ones left out\n"
    assert len(out.read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("flags", "code", "names"),
    [
        (["result"], 2, "--format"),
        (["--format", "mot"], 2, "DIR"),
        (["result", "--format", "bvh"], 2, "bvh"),
        (["result", "--format", "mot", "--filled", "maybe"], 2, "maybe"),
        (["nowhere", "--format", "mot"], 1, "nowhere does not exist"),
        (["newer", "--format", "mot"], 1, "schema_version is 9"),
        (["corners", "--format", "coco"], 1, "skeleton blazepose_33 has no nose"),
        (["result", "--format", "mot", "--out", "nowhere/a.txt"], 1, "cannot write nowhere/a.txt"),
        (["result", "--format", "mot", "--out", "result"], 1, "result is a folder"),
    ],
)
def test_what_is_wrong_is_named_and_coded(
    flags: list[str], code: int, names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    make_result(tmp_path / "result")
    write_result(tmp_path / "newer", [], header=make_header(schema_version=9))
    bare = make_header()["skeleton"] | {"keypoints": ["tip"], "edges": []}
    write_result(tmp_path / "corners", make_frames([[]]), header=make_header() | {"skeleton": bare})
    monkeypatch.chdir(tmp_path)
    assert export.main(flags) == code
    said = capsys.readouterr()
    assert names in said.err
    assert said.out == ""
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["corners", "newer", "result"]


def test_help_answers_without_heavy_imports() -> None:
    probe = (
        "import sys, sidecar.cli.export as c; c.main(['--help']); "
        "sys.exit(bool({'numpy', 'cv2', 'av', 'orjson'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "openpose" in ran.stdout
