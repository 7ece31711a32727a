"""Tracks of the previous service (PHALP results) as results of ours: every number in our units, every copy found out.

Source of the file's layout and of the camera formulas: the public PHALP and 4D-Humans repositories
(phalp/trackers/PHALP.py, hmr2/utils/renderer.py).
"""
