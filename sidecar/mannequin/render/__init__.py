"""Parts to pixels: quadrics, a depth buffer, light and shadow. Knows nothing of people."""
