"""Bytes, text or a seed in; arrays and tables out, within stated limits."""
