"""Drives any daemon over its standard streams and names the requirement of protocol/SPEC.md that it breaks."""
