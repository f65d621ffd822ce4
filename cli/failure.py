"""What an operator may expect to go wrong: one clear line and an exit code, never a traceback."""


class Failure(Exception):
    """An expected failure; its text is shown as the last line on stderr."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class WrongUsage(Failure):
    """The command was called in a way that cannot work (exit code 2)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=2)
