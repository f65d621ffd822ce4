"""What may go wrong, by what there is to do about it."""


class QihangError(Exception):
    """Any of these."""


class IdTaken(QihangError):
    """The outbox has another event of that id: take another id, or a higher revision."""


class AlreadyAccepted(QihangError):
    """The event was accepted: its row is changed by `correct`, or ended by `void` or `withdraw`."""


class Unavailable(QihangError):
    """No answer for now; what was not answered stays in the outbox.  `retry_after`: seconds that Qihang asks to wait,
    0 where it did not say."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotAllowed(QihangError):
    """The address, the token, the user, the password or the certificate is wrong: ask the operator."""


class BodyRefused(QihangError):
    """The whole body was refused."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail
