"""The programs here work as soon as they are imported, so pytest must not look into them for doctests."""

collect_ignore_glob = ["*.py"]
