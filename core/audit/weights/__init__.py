"""A file of weights: read, judged, and written anew without what is redundant."""
