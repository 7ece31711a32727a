"""Weights out of the files that trainers and publishers write, as numpy arrays; nothing in a file is ever run."""
