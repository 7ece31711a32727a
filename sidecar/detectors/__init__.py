"""Person detectors: where in a picture people are, one file each."""
