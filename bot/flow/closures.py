"""What an expression becomes: closures over a lookup of slots. None of them raises; an empty slot compares false."""

from collections.abc import Callable, Collection

from bot.flow.definition import Value

Lookup = Callable[[str], Value | None]
Compiled = Callable[[Lookup], Value | None]


def constant(value: Value) -> Compiled:
    """Always the same."""
    return lambda _: value


def slot(name: str) -> Compiled:
    """What a slot holds, or None."""
    return lambda get: get(name)


def is_filled(name: str) -> Compiled:
    """Whether a slot holds anything."""

    def filled(get: Lookup) -> bool:
        value = get(name)
        return value is not None and value != "" and value is not False

    return filled


def is_yes(name: str) -> Compiled:
    """Whether a `yes no` slot says yes."""
    return lambda get: get(name) in ("yes", True)


def yes_or_no(condition: Compiled) -> Compiled:
    """A condition as the answer of a `yes no` slot."""
    return lambda get: "yes" if condition(get) else "no"


def negated(inner: Compiled) -> Compiled:
    """Whether a condition does not hold."""
    return lambda get: not inner(get)


def every(parts: list[Compiled]) -> Compiled:
    """Whether all conditions hold."""
    first, *rest = parts
    if len(rest) == 1:  # the common case, without a loop
        second = rest[0]
        return lambda get: bool(first(get) and second(get))
    return lambda get: all(part(get) for part in parts)


def either(parts: list[Compiled]) -> Compiled:
    """Whether any condition holds."""
    first, *rest = parts
    if len(rest) == 1:  # the common case, without a loop
        second = rest[0]
        return lambda get: bool(first(get) or second(get))
    return lambda get: any(part(get) for part in parts)


def equals(name: str, literal: Value) -> Compiled:
    """Whether a slot holds just this."""
    return lambda get: get(name) == literal


def differs(name: str, literal: Value) -> Compiled:
    """Whether a filled slot holds something else."""

    def different(get: Lookup) -> bool:
        value = get(name)
        return value is not None and value != literal

    return different


def same(a: Compiled, b: Compiled, *, wanted: bool) -> Compiled:
    """Whether two filled values are equal, or where not `wanted`, are not."""

    def compare(get: Lookup) -> bool:
        first, second = a(get), b(get)
        return first is not None and second is not None and (first == second) is wanted

    return compare


def ordered(a: Compiled, b: Compiled, holds: Callable[[int, int], bool]) -> Compiled:
    """Whether two filled values of one type are in an order: `holds(order, 0)` with order -1, 0 or 1."""

    def compare(get: Lookup) -> bool:
        first, second = a(get), b(get)
        if isinstance(first, str) and isinstance(second, str):
            return holds((first > second) - (first < second), 0)
        if isinstance(first, int) and isinstance(second, int):
            return holds((first > second) - (first < second), 0)
        return False

    return compare


def in_literals(value: Compiled, literals: Collection[Value], *, wanted: bool) -> Compiled:
    """Whether a filled value is, or where not `wanted`, is not, one of these."""

    def member(get: Lookup) -> bool:
        found = value(get)
        return found is not None and (found in literals) is wanted

    return member


def in_options(value: Compiled, options: list[Compiled], *, wanted: bool) -> Compiled:
    """The same with options that are slots themselves."""

    def member(get: Lookup) -> bool:
        found = value(get)
        return found is not None and any(option(get) == found for option in options) is wanted

    return member
