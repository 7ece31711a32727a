"""What mannequins do: paths over the ground, gait, gestures, and who does what in a scene."""
