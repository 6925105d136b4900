"""Models as plain functions of arrays; each takes a bias or None."""
