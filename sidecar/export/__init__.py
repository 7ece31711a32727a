"""Results in the file formats of other programs, one file per format."""
