"""Faults put to whole runs, and what became of them; a file each."""
