"""Places to stand in: textured ground, something behind it, sky."""
