"""Questions that arithmetic answers: no training, no chance."""
