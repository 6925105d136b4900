"""Other starts, other rules of learning, other lights: each an experiment over many seeds."""
