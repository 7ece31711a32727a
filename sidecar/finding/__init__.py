"""The people of a video's frames, segment by segment: nobody lost who can be seen, nobody reported who is not there."""
