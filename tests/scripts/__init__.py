"""The scripts that people run first."""
