"""Metrics of components held against what is known: planted parts, and parts that were deleted."""
