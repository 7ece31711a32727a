"""The domain: people in pictures. Knows nothing of wires, files or engines."""
