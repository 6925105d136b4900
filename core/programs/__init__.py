"""Whole small programs that a visitor takes away; each runs alone, and none imports anything of ours."""
