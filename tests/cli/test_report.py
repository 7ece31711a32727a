"""`python -m sidecar report`: flags and exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.cli import report
from tests.paths import ROOT
from tests.report.makers import make_result, one_track
from tests.results.makers import make_header, write_result


def test_it_writes_beside_the_result_and_prints_the_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_result(tmp_path, one_track("ddd"))
    assert report.main([str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'report.html'}\n"
    assert said.err.endswith(" kB\n")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>\n<html")


@pytest.mark.parametrize(
    ("flags", "code", "names"),
    [
        ([], 2, "DIR"),
        (["result", "--theme", "dark"], 2, "--theme"),
        (["nowhere"], 1, "nowhere does not exist"),
        (["newer"], 1, "schema_version is 9"),
        (["result", "--out", "nowhere/a.html"], 1, "cannot write nowhere/a.html"),
    ],
)
def test_what_is_wrong_is_named_and_coded(
    flags: list[str], code: int, names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    make_result(tmp_path / "result", one_track("ddd"))
    write_result(tmp_path / "newer", [], header=make_header(schema_version=9))
    monkeypatch.chdir(tmp_path)
    assert report.main(flags) == code
    said = capsys.readouterr()
    assert names in said.err
    assert said.out == ""


def test_help_answers_without_heavy_imports() -> None:
    probe = (
        "import sys, sidecar.cli.report as c; c.main(['--help']); "
        "sys.exit(bool({'numpy', 'cv2', 'av', 'orjson'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "HTML" in ran.stdout
