"""The one error that a visitor's input can cause."""


class InputError(ValueError):
    """An input broke a rule: the message names the parameter, the rule and the value in one sentence.

    Take one name for the package in a process: the `InputError` of `core` is not the one of the installed `bias_lab`.

    Parameters
    ----------
    message : str
        One sentence, for example "`kernel` must have odd sides, got (2, 3)".
    hint : str
        What to do next, in one sentence; empty where the message already says it.

    Examples
    --------
    >>> error = InputError("`kernel` must have odd sides, got (2, 3)", hint="Add a row.")
    >>> str(error), error.hint
    ('`kernel` must have odd sides, got (2, 3)', 'Add a row.')
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
