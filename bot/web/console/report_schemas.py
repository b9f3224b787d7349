"""The JSON of the calls that tell numbers of a whole network. A count that is null is held back."""

from pydantic import BaseModel, ConfigDict

from bot.usecases.watch_network import Band, Stuck


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RowOut(_Strict):
    """One line of a table: its words, then its counts, each 'or more'."""

    words: tuple[str, ...]
    counts: tuple[int | None, ...]
    is_total: bool


class TableOut(_Strict):
    """`columns` names the words and then the counts; `empty` stands where there is no row."""

    key: str
    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[RowOut, ...]
    empty: str


class ReportOut(_Strict):
    """One quarter, and which can be asked for, newest first."""

    quarter: str
    quarters: tuple[str, ...]
    is_over: bool
    title: str
    standing: str
    tables: tuple[TableOut, ...]
    method: tuple[str, ...]


class FileOut(_Strict):
    """A file to save: base64url without padding."""

    name: str
    media: str
    content: str


class WaitingOut(_Strict):
    """A queue, and how many wait there for a first answer in whole tens; 0: fewer than ten."""

    name: str
    cases: int


class WatchedOut(_Strict):
    """One organisation of the network."""

    name: str
    own: bool
    queues: tuple[WaitingOut, ...]
    first_answer: Band
    stuck: Stuck


class NetworkOut(_Strict):
    """Everybody in the network; a case is stuck after so many hours without an answer."""

    hours: int
    organisations: tuple[WatchedOut, ...]
