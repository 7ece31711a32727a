"""Result directories as others see them: read line by line, and files that appear whole or not at all."""
