"""A tidy frame in, an Altair chart out."""
