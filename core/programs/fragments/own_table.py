def own_table() -> pd.DataFrame:
    """The columns of numbers in a text file, whatever its delimiter, and of these the rows without a gap."""
    tables = []
    for decimal in (".", ","):
        cells = pd.read_csv(TABLE, sep=None, engine="python", decimal=decimal, skipinitialspace=True)
        numbers = cells.apply(pd.to_numeric, errors="coerce").replace([np.inf, -np.inf], np.nan)
        tables.append(numbers.loc[:, numbers.notna().mean() >= 0.5])
    read: pd.DataFrame = max(tables, key=lambda table: table.shape[1])  # the wrong decimal mark makes text of numbers
    return read.dropna()
