"""One trained pair: with biases and without, from the same data, seed and start."""
