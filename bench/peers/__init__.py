"""What a user would otherwise take, each as a program of its own."""
