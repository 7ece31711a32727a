"""Every frame of a video: plan segments, find people, assemble, write."""
