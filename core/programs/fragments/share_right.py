def share_right(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """1 where the largest of the logits (n_classes, n) is the label's, 1 / k where k classes share it, else 0."""
    best = logits == logits.max(axis=0)
    shares: np.ndarray = best[labels, np.arange(len(labels))] / best.sum(axis=0)
    return shares
