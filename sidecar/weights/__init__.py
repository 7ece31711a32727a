"""Model files: what there is, where they are on this machine, how they get here. A file is what its digest says."""
