"""The two sides of every comparison, always in the same words."""

WITH, WITHOUT = ARMS = ("with bias", "without bias")
DIMMED = "biases dimmed along"
"""The first twin, every bias times the light k: f(k x; W, k b) = k f(x; W, b)."""
