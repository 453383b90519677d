"""One file a command: its NAME and what `run` does. Nothing heavy is imported before a command runs."""
