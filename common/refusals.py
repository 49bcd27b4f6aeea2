"""What the office's rules do not allow, said so that a person can act on it."""


class Refusal(Exception):
    """A rule says no. `code` is for machines, `str()` is a polite Korean sentence for people.

    Subclasses stand beside the act that raises them and set `code`.
    """

    code = "REFUSED"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code


class Stale(Refusal):
    """Somebody else changed the record since it was read."""

    code = "STALE"
