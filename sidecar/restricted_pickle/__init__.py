"""Joblib pickles of numbers and texts, read by a machine that can build those and nothing else.

Python's own unpickler calls what a file names. This one knows the opcodes that such files need, and for the six
names they hold it has constructors of its own: there is nothing in it that looks up or calls anything else.
"""
