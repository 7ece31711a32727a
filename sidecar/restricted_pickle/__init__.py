"""Pickles of numbers and texts, read by a machine that can build those and nothing else.

Python's own unpickler calls what a file names. This one knows the opcodes that such files need, and a vocabulary says
what their names stand for: that of joblib's files refuses every name but six; that of trainers' files keeps unknown
objects as inert descriptions. There is nothing in either that looks up or calls anything.
"""
