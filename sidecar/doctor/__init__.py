"""Everything that can be found out about an installation without starting the daemon. Runs where nothing else does.

Standard library at the top of each file, and Python 3.8: the doctor must see a patient that has neither numpy nor a
new interpreter.
"""
