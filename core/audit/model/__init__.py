"""A model in memory, judged by its modules, and decided by numbers where there is an example of its input."""
