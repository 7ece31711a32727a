"""Load and run a model, and print what a daemon must not do: `python -m tests.runtimes.watched_load CACHE MODEL`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

CACHE, MODEL = sys.argv[1:]


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith("socket.") and event != "socket.__new__":
        print("network:", event, arguments)
    if event == "open" and isinstance(arguments[0], str) and isinstance(arguments[1], str):
        path, mode = arguments[:2]
        if set(mode) & set("wax+") and not path.startswith(CACHE):
            print("written:", path)


def open_sockets() -> list[str]:
    folder = Path("/proc/self/fd")
    links = [str(entry.readlink()) for entry in folder.iterdir() if entry.exists()] if folder.is_dir() else []
    return [link for link in links if link.startswith("socket:")]


def pinned_threads() -> list[set[int]]:
    folder = Path("/proc/self/task")
    masks = [os.sched_getaffinity(int(task.name)) for task in folder.iterdir()] if folder.is_dir() else []
    return [mask for mask in masks if mask != os.sched_getaffinity(0)]


sys.addaudithook(watch)

from sidecar.runtimes.openvino import load_model  # noqa: E402  # the hook watches this import

model = load_model(Path(MODEL), "0" * 64, outputs=("product",), threads=2, cache_dir=Path(CACHE), warn=print)
model.input.fill(1)
model()
for what, found in (("sockets", open_sockets()), ("pinned", pinned_threads())):
    if found:
        print(f"{what}: {found}")
