"""Measurements: ratios in one run, medians, the command beside the number."""
