"""One HTML page about a result: who was seen when, how joints moved, where the time went."""
