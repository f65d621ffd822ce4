"""The refusal of a command as data: a code, and the column at fault if there is one."""


class Refused(Exception):
    """`code` is for programs, `detail` has the ids at fault; the messages for people are in refusal_messages.py."""

    def __init__(self, code: str, column: str = "", detail: str = "") -> None:
        super().__init__(code)
        self.code, self.column, self.detail = code, column, detail
