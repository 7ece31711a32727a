"""Labelled synthetic people: pictures and videos whose joints, ids and visibility are known exactly."""
