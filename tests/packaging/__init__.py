"""What users install: the built wheel, alone."""
