"""Drawing people over pictures."""
