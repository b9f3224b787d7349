"""Exceptions that differ by what the caller can do about them. None carries a person's words or address."""


class FenerError(Exception):
    """Root of our exceptions. `code` is stable; `mend` is one sentence for the operator, or empty."""

    def __init__(self, code: str, mend: str = "") -> None:
        """Take a stable code such as `database.unreachable` and what to do about it."""
        super().__init__(f"{code}: {mend}" if mend else code)
        self.code = code
        self.mend = mend


class SendError(FenerError):
    """A message did not reach the provider.

    `retryable`: trying again later can help. `gone`: the person blocked us or left; forget the route.
    """

    def __init__(self, code: str, *, retryable: bool = False, gone: bool = False, after: float = 0.0) -> None:
        """Take a stable code and what can be done; `after` is in seconds."""
        super().__init__(code)
        self.retryable = retryable
        self.gone = gone
        self.after = after


class StorageError(FenerError):
    """The database or the memory store did not do what was asked; nothing was half done."""


class ConflictError(StorageError):
    """Somebody else changed it first; read again and decide anew."""


class RefusedError(FenerError):
    """The rules say no: wrong signature, wrong organisation, lapsed key. Trying again does not help."""


class StartError(FenerError):
    """The process cannot start as configured; `mend` says in one sentence what to change."""
