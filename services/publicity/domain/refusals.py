"""A decision against a command, as data: a code, and the column at fault where there is one."""


class Refused(Exception):
    """`code` is for programs, `detail` names the ids at fault; refusal_messages.py has the sentences for people."""

    def __init__(self, code: str, column: str = "", detail: str = "") -> None:
        super().__init__(code)
        self.code, self.column, self.detail = code, column, detail
