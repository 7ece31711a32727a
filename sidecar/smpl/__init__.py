"""SMPL bodies in numpy: the model's file, linear blend skinning, rotations, and the joints made of a body's surface.

The formulas are published (Loper et al., SMPL, SIGGRAPH Asia 2015); the code is ours. The model's numbers are not: they
come from a file that the user brings.
"""
