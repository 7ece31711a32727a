"""Pulling: a wrong file never lands, sources are tried in order, twice at once is safe."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from filelock import FileLock

from sidecar.weights import landing
from sidecar.weights.fetch import add, offline_by_environment, pull
from sidecar.weights.manifest import UrlSource
from sidecar.weights.transfer import PullError
from tests.paths import ROOT
from tests.weights.makers import CONTENT, OTHER, Server, body, make_model, make_wheel_source, names_in, pull_all


class TestSeveralSources:
    def test_the_first_that_delivers_wins(self, tmp_path: Path) -> None:
        answers = {
            "/gone": body(b"", status=404),
            "/wrong": body(OTHER),
            "/good": body(CONTENT),
            "/late": body(CONTENT),
        }
        with Server(answers).serving() as server:
            sources = tuple(UrlSource(server.url + path) for path in answers)
            done = pull_all(make_model(sources=sources), into=tmp_path)
        assert [item.source for item in done] == [f"{server.url}/good"]
        assert server.asked == ["/gone", "/wrong", "/good"]
        assert (tmp_path / "tiny.tflite").read_bytes() == CONTENT

    def test_every_reason_is_reported(self, tmp_path: Path) -> None:
        answers = {"/gone": body(b"", status=404), "/wrong": body(OTHER)}
        with Server(answers).serving() as server:
            model = make_model(sources=tuple(UrlSource(server.url + path) for path in answers))
            with pytest.raises(PullError) as caught:
                pull_all(model, into=tmp_path)
        assert str(caught.value).splitlines() == [
            "tiny could not be fetched. Tried, in order:",
            f"  {server.url}/gone",
            "    answered 404 Not Found",
            f"  {server.url}/wrong",
            f"    brought a file with sha256 {make_model(OTHER).sha256} instead of {model.sha256}; it was thrown away",
            f"Bring tiny.tflite (10240 bytes, sha256 {model.sha256}) from tests and put it into {tmp_path}, "
            "or run: models add FILE",
        ]
        assert names_in(tmp_path) == []

    def test_one_model_that_fails_does_not_keep_the_others_away(self, tmp_path: Path) -> None:
        with Server({"/good": body(CONTENT)}).serving() as server:
            bad = make_model(OTHER, name="bad", sources=(UrlSource(f"{server.url}/bad"),))
            good = make_model(sources=(UrlSource(f"{server.url}/good"),))
            with pytest.raises(PullError, match="bad could not be fetched"):
                pull_all(bad, good, into=tmp_path)
        assert names_in(tmp_path) == ["tiny.tflite"]


class TestTarget:
    def test_a_wrong_file_in_its_place_is_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "tiny.tflite").write_bytes(CONTENT[:77])
        with Server({"/good": body(CONTENT)}).serving() as server:
            pull_all(make_model(sources=(UrlSource(f"{server.url}/good"),)), into=tmp_path)
        assert (tmp_path / "tiny.tflite").read_bytes() == CONTENT

    def test_a_failed_pull_leaves_what_was_there(self, tmp_path: Path) -> None:
        (tmp_path / "tiny.tflite").write_bytes(b"mine")
        with pytest.raises(PullError):
            pull_all(make_model(), into=tmp_path)
        assert (tmp_path / "tiny.tflite").read_bytes() == b"mine"

    def test_what_cannot_be_replaced_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "tiny.tflite").mkdir()
        (tmp_path / "tiny.tflite" / "content").touch()
        with (
            Server({"/good": body(CONTENT)}).serving() as server,
            pytest.raises(PullError, match=r"tiny.tflite cannot be replaced \(.*\); move it away and pull again"),
        ):
            pull_all(make_model(sources=(UrlSource(f"{server.url}/good"),)), into=tmp_path)

    def test_a_place_that_cannot_be_written_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "a-file").touch()
        with pytest.raises(PullError, match=r"a-file/models cannot be written \(.*\); choose another place with --dir"):
            pull_all(make_model(), into=tmp_path / "a-file" / "models")

    def test_what_a_killed_pull_left_is_cleared(self, tmp_path: Path) -> None:
        (tmp_path / ".pull-dead").mkdir()
        (tmp_path / ".pull-dead" / "tiny.tflite").write_bytes(CONTENT[:5])
        with pytest.raises(PullError):
            pull_all(make_model(), into=tmp_path)
        assert names_in(tmp_path) == []


class TestCopies:
    def test_a_file_of_another_place_is_copied_not_fetched(self, tmp_path: Path) -> None:
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache" / "renamed").write_bytes(CONTENT)
        with Server({"/good": body(CONTENT)}).serving() as server:
            model = make_model(sources=(UrlSource(f"{server.url}/good"),))
            done = list(pull([model], tmp_path / "out", places=[tmp_path / "cache"], offline=True))
        assert [item.how for item in done] == ["copied"]
        assert (tmp_path / "out" / "tiny.tflite").read_bytes() == CONTENT
        assert server.asked == []

    def test_offline_fetches_nothing_and_says_where_to_put_the_file(self, tmp_path: Path) -> None:
        with Server({"/good": body(CONTENT)}).serving() as server:
            model = make_model(sources=(UrlSource(f"{server.url}/good"), make_wheel_source()))
            with pytest.raises(PullError) as caught:
                pull_all(model, into=tmp_path, offline=True)
        assert server.asked == []
        assert str(caught.value).startswith(
            "tiny is not on this machine, and offline mode fetches nothing.\nBring tiny"
        )
        assert f"put it into {tmp_path}" in str(caught.value)

    @pytest.mark.parametrize(("value", "expected"), [("1", True), ("yes", True), ("0", False), ("", False)])
    def test_offline_by_environment(self, monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
        monkeypatch.setenv("POSE_OFFLINE", value)
        assert offline_by_environment() is expected

    def test_a_brought_file_is_added_under_its_name(self, tmp_path: Path) -> None:
        (tmp_path / "download (1).bin").write_bytes(CONTENT)
        added = add(tmp_path / "download (1).bin", tmp_path / "out", [make_model(OTHER, name="other"), make_model()])
        assert (added.model.name, added.path) == ("tiny", tmp_path / "out" / "tiny.tflite")
        assert added.path.read_bytes() == CONTENT

    def test_an_unknown_file_is_not_added(self, tmp_path: Path) -> None:
        (tmp_path / "virus").write_bytes(OTHER)
        with pytest.raises(PullError, match=r"virus has sha256 [0-9a-f]{64}, which is no known model \(tiny "):
            add(tmp_path / "virus", tmp_path / "out", [make_model()])
        with pytest.raises(PullError, match="absent cannot be read"):
            add(tmp_path / "absent", tmp_path / "out", [make_model()])
        assert not (tmp_path / "out").exists()


PULL_IN_A_PROCESS = textwrap.dedent(
    """
    import json, sys
    from pathlib import Path
    from sidecar.weights.fetch import pull
    from sidecar.weights.manifest import UrlSource
    from tests.weights.makers import make_model

    url, into = sys.argv[1:]
    [done] = pull([make_model(sources=(UrlSource(url),))], Path(into), places=[])
    print(json.dumps(done.how))
    """
)


class TestTwoAtOnce:
    def test_two_processes_fetch_once_and_both_succeed(self, tmp_path: Path) -> None:
        with Server({"/good": body(CONTENT)}).serving() as server:
            command = [sys.executable, "-c", PULL_IN_A_PROCESS, f"{server.url}/good", str(tmp_path / "out")]
            running = [
                subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
            ]
            outputs = [process.communicate() for process in running]
        assert [process.returncode for process in running] == [0, 0], outputs
        assert sorted(json.loads(out) for out, _ in outputs) == ["fetched", "present"]
        assert server.asked == ["/good"]
        assert names_in(tmp_path / "out") == ["tiny.tflite"]

    def test_a_killed_pull_does_not_lock_out_the_next(self, tmp_path: Path) -> None:
        with Server({}).serving() as server:
            stalled, good = f"{server.url}/stall", f"{server.url}/good"
            asked = server.stall_when_asked("/stall")
            server.answers["/good"] = body(CONTENT)
            command = [sys.executable, "-c", PULL_IN_A_PROCESS, stalled, str(tmp_path)]
            victim = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            assert asked.wait(30)
            assert len(names_in(tmp_path)) == 1  # its work folder
            victim.kill()
            victim.wait()
            done = pull_all(make_model(sources=(UrlSource(good),)), into=tmp_path)
        assert [item.how for item in done] == ["fetched"]
        assert names_in(tmp_path) == ["tiny.tflite"]

    def test_waiting_is_reported_and_bounded(self, tmp_path: Path) -> None:
        seen: list[str] = []

        def report(doing: str, done: int = 0, total: int | None = None) -> None:
            seen.append(doing)

        with (
            FileLock(tmp_path / landing.LOCK_FILE),
            pytest.raises(PullError, match=r"another pull holds .*\.pull\.lock for 0 s; end it and try again"),
            landing.work_folder(tmp_path, report, lock_timeout_s=0),
        ):
            pass
        assert seen == []

    def test_who_waits_says_so_and_goes_on_when_the_other_is_done(self, tmp_path: Path) -> None:
        other = FileLock(tmp_path / landing.LOCK_FILE)
        other.acquire()
        seen: list[str] = []

        def report(doing: str, done: int = 0, total: int | None = None) -> None:
            seen.append(doing)
            other.release(force=True)

        with landing.work_folder(tmp_path, report) as work:
            assert work.is_dir()
        assert seen == [f"waiting for another pull that holds {tmp_path / landing.LOCK_FILE}"]
