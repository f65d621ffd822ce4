"""A decision against a command, as data: a code, and the column at fault where there is one."""


class Refused(Exception):
    """`code` is told to programs, `detail` names the ids at fault; sentences for people are made at the edge."""

    def __init__(self, code: str, column: str = "", detail: str = "") -> None:
        super().__init__(code)
        self.code, self.column, self.detail = code, column, detail
