"""Every error that Driftline raises on purpose, and what to do about it.

* DriftlineError
  x SettingsError       a setting is missing or wrong
  x QueryError          a question to the telemetry that cannot be answered as it is put
  x SourceError         the place where the data lie could not be read
    + Unreachable       no answer: name, network, time-out
    + NotAuthenticated  the key, token or identity was refused
    + NotAllowed        known identity, missing role
    + NotFound          no such account, container or blob
    + Throttled         the service asks for patience
    + Changed           a blob was replaced while it was read
    + NotReadable       a file is not what its name says
    + BlobUnreadable    one blob is closed to reading; others may be open
    + UnexpectedAnswer  what came back is no answer of the service that was asked

Errors of Azure, HTTP and files are translated into these where they arise, so
nothing further on needs to know which library was asked.
"""


class DriftlineError(Exception):
    """Something went wrong that a reader can act on.

    `message` says what, `next_step` says what to do. Neither ever holds a secret.
    """

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}"


class SettingsError(DriftlineError):
    """A setting is missing or wrong; `key` names it, `example` shows it right (TOML)."""

    def __init__(self, message: str, next_step: str, key: str, example: str) -> None:
        super().__init__(message, next_step)
        self.key = key
        self.example = example


class QueryError(DriftlineError):
    """A query that cannot be answered as it is put; `line` and `column` (from 1) where known."""

    def __init__(
        self, message: str, next_step: str, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message, next_step)
        self.line = line
        self.column = column


class SourceError(DriftlineError):
    """The place where the data lie could not be read."""


class Unreachable(SourceError):
    """There was no answer: wrong name, no network, or a time-out."""


class NotAuthenticated(SourceError):
    """The key, token or identity was refused."""


class NotAllowed(SourceError):
    """The identity is known and lacks the role."""


class NotFound(SourceError):
    """There is no such account, container, folder or blob."""


class Throttled(SourceError):
    """The service asked for fewer requests."""


class Changed(SourceError):
    """A blob was replaced while it was being read."""


class NotReadable(SourceError):
    """A file is not what its name says, or is damaged."""


class BlobUnreadable(SourceError):
    """One blob cannot be read for a reason of its own, such as an archive tier; others may be."""


class UnexpectedAnswer(SourceError):
    """What came back is not an answer of the service that was asked: a proxy's page, or half."""


OF_ONE_BLOB = (NotFound, Changed, NotReadable, NotAllowed, BlobUnreadable)
"""What reading one blob may meet and another need not: it costs that blob alone."""
