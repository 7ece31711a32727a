"""The wire: frames and JSON lines, their limits and their messages. Knows nothing of poses; see protocol/SPEC.md."""
