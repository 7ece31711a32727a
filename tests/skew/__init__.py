"""Old clients with the new daemon: recorded conversations, played again."""
