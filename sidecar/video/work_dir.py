"""Where unfinished work on a result lies: the blueprint and the finished parts, for this run or the next."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import orjson

from sidecar.video.blueprint import Blueprint, read_blueprint, write_blueprint
from sidecar.video.parts import PartStore
from sidecar.video.result_dir import cannot_write

ABANDONED_S = 7 * 24 * 3600.0  # work that nobody went on with for so long is dropped

_SUFFIX = ".work"


def work_path(out: Path, name: str) -> Path:
    """The folder for the work on `out/name`."""
    return out / f".{name}{_SUFFIX}"


def prepare_work(out: Path, blueprint: Blueprint, *, afresh: bool) -> Path:
    """Make the folder, or keep the one that is there if it holds work on the same blueprint.

    Only for the sole writer of the result.

    Raises:
        OutputError: it cannot be made.
    """
    work = work_path(out, blueprint.name)
    if afresh or not _continues(work, blueprint):
        shutil.rmtree(work, ignore_errors=True)
    try:
        work.mkdir(exist_ok=True)
        write_blueprint(blueprint, work)
    except OSError as error:
        raise cannot_write(out, error) from error
    return work


@contextmanager
def working(out: Path, blueprint: Blueprint, *, afresh: bool) -> Iterator[PartStore]:
    """Yield the parts, new or left by an interrupted run; they are dropped when the block ends without an error.

    After an error they are kept if there are any. Only for the sole writer of the result.

    Raises:
        OutputError: the folder cannot be made.
    """
    parts = PartStore(prepare_work(out, blueprint, afresh=afresh))
    try:
        yield parts
    except BaseException:
        if not parts.any():
            drop_work(out, blueprint.name)
        raise
    drop_work(out, blueprint.name)


def drop_work(out: Path, name: str) -> None:
    """Nobody needs the parts any more."""
    shutil.rmtree(work_path(out, name), ignore_errors=True)


def drop_abandoned(out: Path) -> None:
    """Remove work that nobody went on with."""
    for work in out.glob(f".*{_SUFFIX}"):
        with suppress(OSError):
            if time.time() - work.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(work, ignore_errors=True)


def _continues(work: Path, blueprint: Blueprint) -> bool:
    try:
        before = read_blueprint(work)
    except (OSError, ValueError, TypeError, KeyError):  # none, or one of another version
        return False
    return _work_of(before) == _work_of(blueprint)


def _work_of(blueprint: Blueprint) -> bytes:
    """What parts depend on."""
    facts = (blueprint.version, blueprint.effort, [asdict(one) for one in blueprint.segments], blueprint.header)
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)
