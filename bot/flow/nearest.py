"""What somebody probably meant: the nearest known name, for the mend of an unknown one."""

from collections.abc import Iterable, Mapping

from rapidfuzz.distance import DamerauLevenshtein

from bot.kernel.problems import Mark

_LISTED = 6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name within a third of the letters of `name` (at least two), or None."""
    wanted = _plain(name)
    best: tuple[int, str] | None = None
    for candidate in known:
        far = DamerauLevenshtein.distance(wanted, _plain(candidate))
        if (
            far <= max(2, len(wanted) // 3)
            and far < len(candidate)
            and (best is None or (far, candidate) < best)
        ):
            best = (far, candidate)
    return best[1] if best else None


def mend_name(name: str, known: Mapping[str, Mark | None], *, otherwise: str) -> str:
    """A mend for `name`: the nearest known name with its place, a short list, or `otherwise`."""
    close = nearest(name, known)
    if close is not None:
        place = known[close]
        return f"write '{close}' (defined at {place})" if place else f"write '{close}'"
    if known and len(known) <= _LISTED:
        return f"write {one_of(known)}, or {otherwise}"
    return otherwise


def one_of(names: Iterable[str]) -> str:
    """`'a'`, `'a' or 'b'`, `'a', 'b' or 'c'`."""
    quoted = [f"'{name}'" for name in names]
    if len(quoted) <= 1:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _plain(name: str) -> str:
    return name.casefold().replace(" ", "_").replace("-", "_")
