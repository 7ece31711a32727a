"""Files are found by digest, and every path that is passed over is told with its reason."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.weights import places, store
from sidecar.weights.manifest import load_manifest
from sidecar.weights.store import ModelMissing, find, find_in, sha256_of
from tests.paths import FIXTURES, needs_shared
from tests.weights.makers import CONTENT, OTHER, make_model

MODEL = make_model()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def rejections(missing: pytest.ExceptionInfo[ModelMissing]) -> list[tuple[str, str]]:
    return [(Path(item.path).name, item.reason) for item in missing.value.rejected]


def test_a_file_of_the_usual_name_is_found(place: Path) -> None:
    (place / MODEL.file).write_bytes(CONTENT)
    assert find_in(MODEL, [place]) == place / MODEL.file


def test_a_file_of_any_name_is_found_by_its_digest(place: Path) -> None:
    (place / MODEL.file).write_bytes(OTHER)
    (place / "a.bin").write_bytes(OTHER)
    (place / "renamed.bin").write_bytes(CONTENT)
    assert find_in(MODEL, [place]) == place / "renamed.bin"


def test_the_first_place_wins_and_wrong_files_are_passed_over(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    for folder, content in ((first, OTHER), (second, CONTENT), (third, CONTENT)):
        folder.mkdir()
        (folder / MODEL.file).write_bytes(content)
    assert find_in(MODEL, [first, second, third]) == second / MODEL.file


def test_a_link_is_followed(place: Path, tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(CONTENT)
    (place / MODEL.file).symlink_to(tmp_path / "real")
    assert find_in(MODEL, [place]) == place / MODEL.file


def test_a_flipped_bit_is_noticed(place: Path) -> None:
    content = bytearray(CONTENT)
    content[5000] ^= 1
    (place / MODEL.file).write_bytes(content)
    with pytest.raises(ModelMissing) as missing:
        find_in(MODEL, [place])
    digest = sha256_of(place / MODEL.file)
    assert rejections(missing) == [(MODEL.file, f"wrong digest (has {digest}, needs {MODEL.sha256})")]


@pytest.mark.parametrize("size", [0, 1, len(CONTENT) - 1])
def test_a_truncated_file_is_told_with_both_sizes(place: Path, size: int) -> None:
    (place / MODEL.file).write_bytes(CONTENT[:size])
    with pytest.raises(ModelMissing) as missing:
        find_in(MODEL, [place])
    assert rejections(missing) == [(MODEL.file, f"truncated ({size} of {len(CONTENT)} bytes)")]


def test_a_longer_file_is_told_with_both_digests(place: Path) -> None:
    (place / MODEL.file).write_bytes(CONTENT + b"!")
    with pytest.raises(ModelMissing) as missing:
        find_in(MODEL, [place])
    assert missing.value.rejected[0].problem == "wrong_digest"


def test_absent_files_and_directories_are_told_apart(place: Path, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_bytes(b"")
    with pytest.raises(ModelMissing) as missing:
        find_in(MODEL, [place, tmp_path / "nowhere", tmp_path / "a-file"])
    assert [item.reason for item in missing.value.rejected] == [
        "absent",
        "absent (no such directory)",
        "absent (Not a directory)",
    ]
    assert {item.problem for item in missing.value.rejected} == {"absent"}


def test_what_is_no_file_is_unreadable_and_does_not_block(place: Path) -> None:
    (place / MODEL.file).mkdir()
    with pytest.raises(ModelMissing) as missing:
        find_in(MODEL, [place])
    assert rejections(missing) == [(MODEL.file, "unreadable (not a regular file)")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="platform: no named pipes")
def test_a_pipe_does_not_block(place: Path) -> None:
    os.mkfifo(place / MODEL.file)
    with pytest.raises(ModelMissing) as missing:
        find_in(MODEL, [place])
    assert rejections(missing) == [(MODEL.file, "unreadable (not a regular file)")]


def test_a_dangling_link_is_unreadable(place: Path) -> None:
    (place / MODEL.file).symlink_to(place / "gone")
    with pytest.raises(ModelMissing) as missing:
        find_in(MODEL, [place])
    assert rejections(missing) == [(MODEL.file, "unreadable (No such file or directory)")]


def test_a_file_that_may_not_be_read_is_passed_over(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / MODEL.file).write_bytes(CONTENT)
    (place / "copy").write_bytes(CONTENT)

    def deny(path: Path) -> str:
        if path.name == MODEL.file:
            raise PermissionError(13, "Permission denied")
        return sha256_of(path)

    monkeypatch.setattr(store, "sha256_of", deny)
    assert find_in(MODEL, [place]) == place / "copy"
    (place / "copy").unlink()
    with pytest.raises(ModelMissing) as missing:
        find_in(MODEL, [place])
    assert rejections(missing) == [(MODEL.file, "unreadable (Permission denied)")]


def test_a_folder_with_too_many_files_is_not_searched_to_the_end(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_FILES_PER_PLACE", 0)
    (place / "renamed.bin").write_bytes(CONTENT)
    with pytest.raises(ModelMissing):
        find_in(MODEL, [place])
    (place / MODEL.file).write_bytes(CONTENT)
    assert find_in(MODEL, [place]) == place / MODEL.file


def test_the_failure_says_all_that_init_failed_needs(place: Path) -> None:
    (place / MODEL.file).write_bytes(b"half")
    with pytest.raises(ModelMissing) as missing:
        find_in(MODEL, [place])
    message = missing.value.to_message("importing")
    assert message["code"] == "MODEL_MISSING"
    assert message["phase"] == "loading"
    assert message["retryable"] is False
    assert message["command"] == f'"{sys.executable}" -m sidecar models pull'
    assert message["hint"] == f"Run: {message['command']}"
    assert f"{place / MODEL.file}: truncated (4 of 10240 bytes)" in message["message"]
    assert message["details"]["rejected"][0]["problem"] == "truncated"


@needs_shared
def test_the_other_build_of_the_detector_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The fixtures hold it under the same name."""
    model = load_manifest().entry("blazepose-detector")
    with pytest.raises(ModelMissing) as missing:
        find_in(model, [FIXTURES / "models"])
    assert rejections(missing) == [
        (model.file, f"wrong digest (has a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85, "
                     f"needs {model.sha256})")
    ]  # fmt: skip


@needs_shared
def test_find_goes_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE_MODELS_DIR", str(FIXTURES / "models"))
    assert find("rtmdet-nano") == (FIXTURES / "models" / "rtmdet_nano_person.onnx").resolve()


class TestSearchPath:
    """The order is part of the contract."""

    def test_order(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("cwd", "service", "checkout"):
            (tmp_path / name).mkdir()
        (tmp_path / "checkout" / "pyproject.toml").touch()
        monkeypatch.chdir(tmp_path / "cwd")
        monkeypatch.setattr(places, "_CHECKOUT", tmp_path / "checkout")
        monkeypatch.setattr(sys, "prefix", str(tmp_path / "project" / ".venv"))
        monkeypatch.setenv("POSE_MODELS_DIR", str(tmp_path / "chosen"))
        monkeypatch.setenv("POSE_SERVICE_PATH", str(tmp_path / "service"))
        assert places.search_path() == (
            tmp_path / "chosen",
            tmp_path / "cwd" / ".models",
            tmp_path / "checkout" / ".models",
            tmp_path / "project" / ".models",
            tmp_path / "service" / ".models",
            tmp_path / "cache" / "models",
        )

    def test_each_place_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("POSE_MODELS_DIR", ".models")
        monkeypatch.setenv("POSE_SERVICE_PATH", str(tmp_path))
        found = places.search_path()
        assert found[0] == tmp_path / ".models"
        assert len(set(found)) == len(found)

    def test_nothing_but_the_project_where_there_is_no_cache(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("POSE_CACHE_DIR", "")
        assert all(place.name == ".models" for place in places.search_path())

    @pytest.mark.skipif(os.name == "nt", reason="platform: Windows does not delete a current directory")
    def test_a_current_directory_that_is_gone_does_not_matter(self, tmp_path: Path) -> None:
        script = "import os; os.rmdir(os.getcwd()); from sidecar.weights import places; print(places.search_path())"
        (tmp_path / "gone").mkdir()
        environment = {**os.environ, "PYTHONPATH": str(Path(places.__file__).parents[2])}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path / "gone", env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


class TestPullTarget:
    """Without --dir a pull goes to the first place of the search path that can be written."""

    def test_the_chosen_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("POSE_MODELS_DIR", str(tmp_path / "deep" / "chosen"))
        assert places.pull_target() == tmp_path / "deep" / "chosen"

    def test_an_installed_package_uses_the_cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(places, "_CHECKOUT", tmp_path)
        assert places.pull_target() == tmp_path / "cache" / "models"

    def test_a_place_that_cannot_be_written_is_passed_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(places, "_CHECKOUT", tmp_path)
        (tmp_path / "a-file").touch()
        monkeypatch.setenv("POSE_MODELS_DIR", str(tmp_path / "a-file" / "models"))
        assert places.pull_target() == tmp_path / "cache" / "models"
        monkeypatch.setenv("POSE_CACHE_DIR", "")
        assert places.pull_target() is None

    def test_what_is_pulled_is_found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for chosen in ("", str(tmp_path / "chosen")):
            monkeypatch.setenv("POSE_MODELS_DIR", chosen)
            assert places.pull_target() in places.search_path()
