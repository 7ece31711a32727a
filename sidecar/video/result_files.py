"""What the files of a result are called."""

from __future__ import annotations

POSES, SUMMARY, OVERLAY = "poses.jsonl", "summary.json", "overlay.mp4"
