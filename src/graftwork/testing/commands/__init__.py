"""The commands of `python -m graftwork.testing`, a file each."""
