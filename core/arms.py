"""The two sides of every comparison, always in the same words."""

WITH, WITHOUT = ARMS = ("with bias", "without bias")
