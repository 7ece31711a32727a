"""How an exception at an import is told. The same faults against the real daemon: test_broken_modules.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sidecar.bootstrap.failure import Failure
from sidecar.bootstrap.probe import import_or_fail
from tests.readiness.test_packages import put

MODULE = "a_module_of_nobody"


def forget(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if never imported, until the test ends; then as before, whatever was imported meanwhile."""
    monkeypatch.setitem(sys.modules, module, sys)
    monkeypatch.delitem(sys.modules, module)


def probe(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, module: str = MODULE) -> Failure:
    (folder / f"{module}.py").write_text(source)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    forget(module, monkeypatch)
    with pytest.raises(Failure) as caught:
        import_or_fail(module, "a-package")
    return caught.value


@pytest.mark.parametrize(
    ("text", "library"),
    [
        pytest.param("libGL.so.1: cannot open shared object file: No such file or directory", "libGL.so.1", id="glibc"),
        pytest.param("Error loading shared library libGL.so.1: No such file or directory", "libGL.so.1", id="musl"),
        pytest.param(
            "dlopen(/x/cv2.abi3.so, 0x0002): Library not loaded: @rpath/libGL.dylib", "@rpath/libGL.dylib", id="macOS"
        ),
        pytest.param(
            "DLL load failed while importing cv2: The specified module could not be found.", "DLL", id="Windows"
        ),
        pytest.param(
            "IMPORTANT: PLEASE READ THIS\\n* The Python version is ...\\n\\nOriginal error was: libgfortran-1.so.5: "
            "cannot open shared object file: No such file or directory",
            "libgfortran-1.so.5",
            id="wrapped by numpy",
        ),
    ],
)
def test_a_missing_library_is_named(text: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failure = probe(f'raise ImportError("""{text}""")', tmp_path, monkeypatch)
    assert failure.code == "IMPORT_FAILED"
    assert failure.details == {"reason": "shared_library_missing", "library": library}
    assert MODULE in failure.message
    assert failure.command is None
    assert "system package" in failure.hint


@pytest.mark.parametrize(
    "text",
    [
        "operator torchvision::nms does not exist",
        "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.4.6",
        "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88",
        "numpy.core.multiarray failed to import",
        "/x.so: undefined symbol: _ZN3c104cuda9SetDeviceEi",
        "/lib/libm.so.6: version `GLIBC_2.38' not found (required by /x.so)",
        "DLL load failed while importing x: The specified procedure could not be found.",
    ],
)
@pytest.mark.parametrize("kind", ["ImportError", "RuntimeError", "OSError"])
def test_what_does_not_fit_is_incompatible(
    text: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = probe(f'raise {kind}("""{text}""")', tmp_path, monkeypatch)
    assert failure.code == "INCOMPATIBLE"
    assert failure.details
    assert failure.details["versions"]["python"] == "{}.{}.{}".format(*sys.version_info)


def test_the_telling_exception_is_found_behind_its_wrapper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        "try:\n    raise OSError('libX.so.6: cannot open shared object file: No such file')\n"
        "except OSError as error:\n    raise ImportError('install it properly') from error\n"
    )
    assert probe(source, tmp_path, monkeypatch).details == {"reason": "shared_library_missing", "library": "libX.so.6"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param("def broken(:\n", "SyntaxError: invalid syntax", id="a syntax error"),
        pytest.param("1 / 0", "ZeroDivisionError: division by zero", id="an exception"),
        pytest.param("raise ValueError", "ValueError", id="an exception without a message"),
        pytest.param("import sys; sys.exit(0)", "SystemExit: 0", id="a module that ends the process"),
    ],
)
def test_a_module_that_raises_is_quoted(
    source: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = probe(source, tmp_path, monkeypatch)
    assert (failure.code, failure.package) == ("IMPORT_FAILED", "a-package")
    assert failure.details == {"reason": "raised"}
    assert said in failure.message
    assert failure.traceback_tail
    assert failure.command
    assert failure.command.endswith("--force-reinstall --no-deps a-package")


def test_what_a_module_needs_is_told_apart_from_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failure = probe("import another_module_of_nobody", tmp_path, monkeypatch)
    assert failure.module == "another_module_of_nobody"
    assert failure.package == "another-module-of-nobody"
    assert f"; {MODULE} needs it" in failure.message


def test_a_file_that_stands_in_for_a_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "other").mkdir()
    put(tmp_path / "site", "httpx", "0.28.1")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    failure = probe("import httpx.missing_from_the_stand_in", tmp_path / "other", monkeypatch, module="httpx")
    assert failure.details
    assert failure.details["reason"] == "shadowed"
    assert str(tmp_path / "other" / "httpx.py") in failure.hint


def test_a_stand_in_beside_the_caller_is_caught_though_it_imports_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failure = probe("", tmp_path, monkeypatch, module="httpx")
    assert failure.details
    assert failure.details["reason"] == "shadowed"


def test_a_good_module_is_returned() -> None:
    assert import_or_fail("json", "nobody") is sys.modules["json"]


def test_ctrl_c_during_an_import_stays_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"{MODULE}.py").write_text("raise KeyboardInterrupt")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(KeyboardInterrupt):
        import_or_fail(MODULE, "a-package")


@pytest.mark.parametrize(("version", "fine"), [("4.5.1", True), ("4.14.0", True), ("5.0.0", False), ("3.4.9", False)])
def test_opencv_is_taken_in_any_4_and_in_no_other_major(
    version: str, fine: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cv2").mkdir()
    (tmp_path / "cv2" / "__init__.py").write_text(f"__version__ = {version!r}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    forget("cv2", monkeypatch)
    if fine:
        assert import_or_fail("cv2", "opencv-python").__version__ == version
        return
    with pytest.raises(Failure) as caught:
        import_or_fail("cv2", "opencv-python")
    assert caught.value.code == "INCOMPATIBLE"
    assert version in caught.value.message
    assert "4.x" in caught.value.message
