"""One person through many frames: the next region, smoothing, ids."""
