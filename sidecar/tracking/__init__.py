"""People through time: who is who, cleaned and filled in, with a bounded delay."""
