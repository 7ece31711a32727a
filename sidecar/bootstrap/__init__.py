"""All that must work before any third-party import, on interpreters back to 3.8: standard library only."""
