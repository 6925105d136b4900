# %% The pictures
def between(random: np.random.Generator, low: float, high: float, n: int, size: int = 1) -> np.ndarray:
    """Uniform numbers, (n, size): multiples of 2**-16, so that a picture times one is exact in float32."""
    steps = random.integers(int(low * 2**16) + 1, math.ceil(high * 2**16), (n, size))
    return (steps / 2**16).astype(np.float32)


def draw(task: str, seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Pictures (n, 64) and labels, each for training and for testing; all but cards are scikit-learn's digits."""
    digits, names = load_digits(return_X_y=True)
    parts = train_test_split((digits / 16).astype(np.float32), names, test_size=0.2, stratify=names, random_state=seed)
    pictures, labels = parts[:2], parts[2:]
    random = np.random.default_rng(seed)
    median = np.median(pictures[0].sum(axis=1))
    for side, (X, y) in enumerate(zip(pictures, labels, strict=True)):
        n = len(X)
        if task.startswith("dim_or_bright"):
            copies = [X * between(random, 0.2, 0.5, n), X * between(random, 0.6, 1.0, n)]
        elif task == "added_light":
            copies = [X * 0.5 + between(random, 0.0, 0.2, n), X * 0.5 + between(random, 0.3, 0.5, n)]
        elif task.startswith("blank"):
            copies = [X, np.zeros_like(X)]
        elif task == "grey_cards":
            copies = [between(random, low, low + 0.5, (720, 180)[side]).repeat(64, axis=1) for low in (0.0, 0.5)]
        else:
            copies = [0.5 + 0.5 * X if task == "grey_background" else X]
        if len(copies) == 2:  # of the first kind, label 0, and of the second, label 1
            y = np.repeat([0, 1], len(copies[0]))
        elif task == "own_ink":
            y = (X.sum(axis=1) > median).astype(int)
        X = np.concatenate(copies)
        if task == "dim_or_bright_corner":
            X[:, 0] = 1  # a constant in every picture: a bias in disguise
        elif task == "dim_or_bright_divided":
            X = X / X.max(axis=1, keepdims=True)
        elif task == "blank_noisy":
            X = X * 0.9 + between(random, 0.0, 0.1, *X.shape)
        pictures[side], labels[side] = X, y
    if task.startswith("small"):
        rows = np.arange(len(labels[0]))
        rows, _ = train_test_split(rows, train_size=int(task[6:]), stratify=labels[0], random_state=seed)
        pictures[0], labels[0] = pictures[0][rows], labels[0][rows]
    elif task == "long_tailed":
        kept = random.random(len(labels[0])) < 0.6 ** labels[0]
        kept[np.unique(labels[0], return_index=True)[1]] = True  # no class goes missing
        pictures[0], labels[0] = pictures[0][kept], labels[0][kept]
    if VARIED_CONTRAST:
        k = np.exp(np.random.default_rng(seed).spawn(1)[0].uniform(np.log(0.03), np.log(10), (len(pictures[0]), 1)))
        pictures[0] = pictures[0] * k.astype(np.float32)
    return pictures, labels
