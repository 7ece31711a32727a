"""Pictures and videos: bytes in, upright RGB pixels out, and back."""
