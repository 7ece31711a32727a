"""Recordings of a daemon's session: the file format, and playing one again."""
