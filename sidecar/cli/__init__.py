"""The commands: arguments in, words on the screen out; what they do lives elsewhere."""
