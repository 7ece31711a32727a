"""Writes every file that is made from the schemas, errors.json and the vectors. Run by scripts/gen."""
