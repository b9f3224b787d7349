"""Conditions and values of flows: a small typed language over Python's own syntax tree, never `eval`.

Comparison, `and`, `or`, `not`, `in` with a list, literals and slots; nothing else. A source is compiled once into
closures. A comparison with an empty slot is false. A slot alone is true when it is filled, and a `yes no` slot
when its answer is yes.
"""

import ast
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Final, Literal

from bot.flow.definition import Expression, SlotType, Value
from bot.flow.nearest import nearest, one_of
from bot.kernel.problems import Mark, Problem, Scalar

MAX_LENGTH: Final = 500
_QUOTED: Final = 60  # characters of a source in a message
_LISTED: Final = 6  # names in a mend

BUILT_IN: Final[Mapping[str, SlotType]] = {"result": "text", "crisis_kind": "text"}
"""Names the engine fills: the word a called flow ended with, and the kind of the last crisis words."""

SEALED: Final[frozenset[SlotType]] = frozenset({"sealed text", "phone"})
"""Slots that only a handoff may carry; nothing else reads them."""

Lookup = Callable[[str], Value | None]
Compiled = Callable[[Lookup], Value | None]
Kind = Literal["text", "number", "date", "yes no", "condition"]

_KINDS: Final[Mapping[SlotType, Kind]] = {
    "text": "text",
    "choice": "text",
    "age group": "text",
    "place": "text",
    "language": "text",
    "need": "text",
    "yes no": "yes no",
    "number": "number",
    "date": "date",
}

_WORDED: Final[frozenset[Kind]] = frozenset({"text", "date", "yes no"})
_WORDS_FOR_TRUTH: Final = frozenset({"true", "false", "True", "False", "yes", "no", "None", "null"})


class _RefusedError(Exception):
    """Carries the problem out of the tree."""

    def __init__(self, code: str, node: ast.AST | None, message: str, mend: str) -> None:
        super().__init__(code)
        self.code = code
        self.node = node
        self.message = message
        self.mend = mend


def compile_condition(
    written: Scalar, slots: Mapping[str, SlotType], shared: Collection[str] = ()
) -> tuple[Expression | None, list[Problem]]:
    """The condition of an `if`, or the problem that keeps it from being one.

    `slots` are those the flow may read; `shared` are names of flows/shared.yaml that it does not use.
    """
    return _compile(written, slots, shared, lambda compiler, tree: compiler.truth(tree))


def compile_value(
    written: Scalar, target: SlotType, slots: Mapping[str, SlotType], shared: Collection[str] = ()
) -> tuple[Expression | None, list[Problem]]:
    """The value of a `set`, typed for a slot of type `target`. A condition set on a `yes no` slot gives yes or no.

    YAML takes the quotes off `urgency: "soon"`, so what was quoted and is no condition is a text.
    """
    if not written.plain and not _is_expression(written.value):
        written = replace(written, value=_quoted(written.value))
    return _compile(written, slots, shared, lambda compiler, tree: compiler.value(tree, target))


def _is_expression(source: str) -> bool:
    """Whether a quoted value is an expression: a condition, or a text in quotes of its own."""
    try:
        tree = _tree(" ".join(source.split()))
    except _RefusedError:
        return False
    return isinstance(tree, ast.Compare | ast.BoolOp) or _is_not(tree) or isinstance(_literal(tree), str)


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def _compile(
    written: Scalar,
    slots: Mapping[str, SlotType],
    shared: Collection[str],
    build: "Callable[[_Compiler, ast.expr], Compiled]",
) -> tuple[Expression | None, list[Problem]]:
    source = " ".join(written.value.split())
    compiler = _Compiler({**BUILT_IN, **slots}, shared)
    try:
        evaluate = build(compiler, _tree(source))
    except _RefusedError as fault:
        mark = _place(written, source, fault.node)
        return None, [Problem(fault.code, mark, fault.message, fault.mend)]
    return Expression(source, written.mark, tuple(compiler.names), evaluate, tuple(compiler.compared)), []


def _tree(source: str) -> ast.expr:
    if not source:
        raise _RefusedError("F103", None, "a condition is empty", 'write for example: city == "Lisbon"')
    if len(source) > MAX_LENGTH:
        raise _RefusedError(
            "F404", None, f"this is longer than {MAX_LENGTH} characters", "use several branches"
        )
    if "\\" in source:
        raise _RefusedError("F404", None, "a backslash is not used here", "remove it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        if "=" in source.replace("==", "").replace("!=", "").replace("<=", "").replace(">=", ""):
            mend = "compare with two equal signs: =="
        else:
            mend = 'write for example: urgency == "now" and not country'
        raise _RefusedError("F404", None, f"'{_short(source)}' cannot be read", mend) from None


def _short(source: str) -> str:
    return source if len(source) <= _QUOTED else source[: _QUOTED - 3] + "..."


def _place(written: Scalar, source: str, node: ast.AST | None) -> Mark:
    if not written.plain or source != written.value or not isinstance(node, ast.expr):
        return written.mark
    before = source.encode()[: node.col_offset].decode(errors="ignore")
    return Mark(written.mark.file, written.mark.line, written.mark.column + len(before))


class _Compiler:
    """Walks one tree once, checking names and types as it builds the closures."""

    def __init__(self, slots: Mapping[str, SlotType], shared: Collection[str]) -> None:
        self._slots = slots
        self._shared = shared
        self.names: dict[str, None] = {}
        self.compared: list[tuple[str, Value]] = []

    def truth(self, node: ast.expr) -> Compiled:
        match node:
            case ast.BoolOp(op=ast.And(), values=parts):
                return _all([self.truth(part) for part in parts])
            case ast.BoolOp(values=parts):
                return _any([self.truth(part) for part in parts])
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return _not(self.truth(inner))
            case ast.Compare():
                return self._comparison(node)
            case ast.Name():
                kind = self._kind_of_slot(node)
                return _is_yes(node.id) if kind == "yes no" else _is_filled(node.id)
            case ast.Constant():
                raise _RefusedError(
                    "F402", node, "this is always the same, not a condition", "compare a slot with it"
                )
            case _:
                raise self._not_allowed(node)

    def value(self, node: ast.expr, target: SlotType) -> Compiled:
        wanted = _KINDS.get(target, "text")
        if isinstance(node, ast.BoolOp | ast.Compare) or _is_not(node):
            if wanted != "yes no":
                raise _RefusedError(
                    "F402", node, f"a condition does not fit a slot of type '{target}'", "use a 'yes no' slot"
                )
            return _yes_or_no(self.truth(node))
        kind, compiled = self._operand(node)
        literal = _literal(node)
        if not _fits(kind, wanted, literal):
            raise _RefusedError(
                "F402", node, f"{_named(kind)} does not fit a slot of type '{target}'", _mend_for(wanted)
            )
        return compiled

    def _comparison(self, node: ast.Compare) -> Compiled:
        steps: list[Compiled] = []
        left = node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            steps.append(self._one_comparison(left, sign, right))
            left = right
        return steps[0] if len(steps) == 1 else _all(steps)

    def _one_comparison(self, left: ast.expr, sign: ast.cmpop, right: ast.expr) -> Compiled:
        if isinstance(sign, ast.In | ast.NotIn):
            return self._membership(left, right, wanted=isinstance(sign, ast.In))
        if isinstance(sign, ast.Is | ast.IsNot):
            raise _RefusedError("F405", left, "'is' is not used here", "write == or !=")
        left_kind, left_value = self._operand(left)
        right_kind, right_value = self._operand(right)
        if not _comparable(left_kind, right_kind):
            raise _RefusedError(
                "F402",
                right,
                f"{_named(left_kind)} is compared with {_named(right_kind)}",
                _mend_for(left_kind if _literal(left) is None else right_kind),
            )
        if isinstance(sign, ast.Eq | ast.NotEq):
            self._note(left, right)
            self._note(right, left)
            return _equality(left, left_value, right, right_value, wanted=isinstance(sign, ast.Eq))
        if not {left_kind, right_kind} & {"number", "date"}:
            raise _RefusedError(
                "F402", left, "only numbers and dates are smaller or larger", "use ==, != or in [...]"
            )
        return _ordered(left_value, sign, right_value)

    def _membership(self, left: ast.expr, right: ast.expr, *, wanted: bool) -> Compiled:
        if not isinstance(right, ast.List | ast.Tuple):
            raise _RefusedError(
                "F405", right, "after 'in' stands a list", 'write for example: city in ["rs-beograd", "pt"]'
            )
        kind, value = self._operand(left)
        options = []
        for item in right.elts:
            item_kind, option = self._operand(item)
            if not _comparable(kind, item_kind):
                raise _RefusedError(
                    "F402", item, f"{_named(kind)} is compared with {_named(item_kind)}", _mend_for(kind)
                )
            options.append(option)
            self._note(left, item)
        literals = [_literal(item) for item in right.elts]
        if all(literal is not None for literal in literals):
            return _in_literals(value, frozenset(literals), wanted=wanted)
        return _in(value, options, wanted=wanted)

    def _note(self, slot: ast.expr, other: ast.expr) -> None:
        value = _literal(other)
        if isinstance(slot, ast.Name) and value is not None:
            self.compared.append((slot.id, value))

    def _operand(self, node: ast.expr) -> tuple[Kind, Compiled]:
        literal = _literal(node)
        if literal is not None:
            return ("number" if isinstance(literal, int) else "text"), _constant(literal)
        match node:
            case ast.Name():
                return self._kind_of_slot(node), _slot(node.id)
            case ast.Constant(value=bool() | None):
                raise self._unknown(node, str(node.value))
            case ast.Constant():
                raise _RefusedError(
                    "F405",
                    node,
                    "only texts in quotes and whole numbers stand here",
                    'write for example "now" or 18',
                )
            case ast.BoolOp() | ast.Compare():
                raise _RefusedError(
                    "F405", node, "a condition is compared", "join conditions with 'and', 'or', 'not'"
                )
            case _:
                raise self._not_allowed(node)

    def _kind_of_slot(self, node: ast.Name) -> Kind:
        name = node.id
        if name not in self._slots:
            raise self._unknown(node, name)
        slot_type = self._slots[name]
        if slot_type in SEALED:
            raise _RefusedError(
                "F403",
                node,
                f"'{name}' is sealed and cannot be read here",
                "ask a question with choices and use its answer; a sealed answer only goes into 'share'",
            )
        self.names[name] = None
        return _KINDS[slot_type]

    def _unknown(self, node: ast.expr, name: str) -> _RefusedError:
        if name in self._shared:
            return _RefusedError(
                "F201", node, f"this flow does not use the shared slot '{name}'", f"add it: uses: [{name}]"
            )
        close = nearest(name, self._slots)
        if name in _WORDS_FOR_TRUTH:
            word = "no" if name.lower() in {"false", "no"} else "yes"
            mend = f'compare with a word in quotes: == "{word}"'
        elif close is not None:
            mend = f"write '{close}', or \"{name}\" in quotes if it is a word"
        else:
            own = [slot for slot in self._slots if slot not in BUILT_IN]
            known = f"; the slots here are {one_of(own)}" if 0 < len(own) <= _LISTED else ""
            mend = f"write \"{name}\" in quotes if it is a word, or name it under 'remember'{known}"
        return _RefusedError("F201", node, f"there is no slot '{name}'", mend)

    def _not_allowed(self, node: ast.expr) -> _RefusedError:
        match node:
            case ast.Call():
                what = "a call"
            case ast.Attribute():
                what = "a dot between names"
            case ast.Subscript():
                what = "an index in brackets"
            case ast.BinOp():
                what = "arithmetic"
            case ast.List() | ast.Tuple() | ast.Set():
                what = "a list outside 'in'"
            case _:
                what = "this form"
        return _RefusedError(
            "F405", node, f"{what} is not used here", "compare slots with texts and numbers only"
        )


def _literal(node: ast.expr) -> str | int | None:
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=str() | int() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)) if not isinstance(
            number, bool
        ):
            return -number
    return None


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _comparable(left: Kind, right: Kind) -> bool:
    return left == right or (left in _WORDED and right in _WORDED)


def _fits(kind: Kind, wanted: Kind, literal: str | int | None) -> bool:
    if wanted == "yes no":
        return kind == "yes no" or literal in {"yes", "no", ""}
    if wanted == "date":
        return kind == "date" or isinstance(literal, str)
    if wanted == "number":
        return kind == "number"
    return kind in _WORDED


def _named(kind: Kind) -> str:
    return {
        "text": "a text",
        "number": "a number",
        "date": "a date",
        "yes no": "yes or no",
        "condition": "a condition",
    }[kind]


def _mend_for(kind: Kind) -> str:
    return {
        "text": 'write a text in quotes: "now"',
        "number": "write a number without quotes: 18",
        "date": 'write a date in quotes: "2026-11-21"',
        "yes no": 'write "yes" or "no" in quotes',
        "condition": "compare a slot with something",
    }[kind]


# The closures. Each takes the lookup of slots and never raises.


def _constant(value: Value) -> Compiled:
    return lambda _: value


def _slot(name: str) -> Compiled:
    return lambda get: get(name)


def _is_filled(name: str) -> Compiled:
    def filled(get: Lookup) -> bool:
        value = get(name)
        return value is not None and value != "" and value is not False

    return filled


def _is_yes(name: str) -> Compiled:
    return lambda get: get(name) in ("yes", True)


def _yes_or_no(condition: Compiled) -> Compiled:
    return lambda get: "yes" if condition(get) else "no"


def _not(inner: Compiled) -> Compiled:
    return lambda get: not inner(get)


def _all(parts: list[Compiled]) -> Compiled:
    first, *rest = parts
    if len(rest) == 1:  # the common case, without a loop
        second = rest[0]
        return lambda get: bool(first(get) and second(get))
    return lambda get: all(part(get) for part in parts)


def _any(parts: list[Compiled]) -> Compiled:
    first, *rest = parts
    if len(rest) == 1:  # the common case, without a loop
        second = rest[0]
        return lambda get: bool(first(get) or second(get))
    return lambda get: any(part(get) for part in parts)


def _equality(left: ast.expr, a: Compiled, right: ast.expr, b: Compiled, *, wanted: bool) -> Compiled:
    literal = _literal(right)
    if isinstance(left, ast.Name) and literal is not None:
        name = left.id
        if wanted:
            return lambda get: get(name) == literal

        def differs(get: Lookup) -> bool:
            value = get(name)
            return value is not None and value != literal

        return differs

    def compare(get: Lookup) -> bool:
        first, second = a(get), b(get)
        return first is not None and second is not None and (first == second) is wanted

    return compare


def _ordered(a: Compiled, sign: ast.cmpop, b: Compiled) -> Compiled:
    def compare(get: Lookup) -> bool:
        first, second = a(get), b(get)
        if isinstance(first, str) and isinstance(second, str):
            order = (first > second) - (first < second)
        elif isinstance(first, str) or isinstance(second, str) or first is None or second is None:
            return False
        else:
            order = (first > second) - (first < second)
        match sign:
            case ast.Lt():
                return order < 0
            case ast.LtE():
                return order <= 0
            case ast.Gt():
                return order > 0
            case _:
                return order >= 0

    return compare


def _in_literals(value: Compiled, literals: frozenset[str | int | None], *, wanted: bool) -> Compiled:
    def member(get: Lookup) -> bool:
        found = value(get)
        return found is not None and (found in literals) is wanted

    return member


def _in(value: Compiled, options: list[Compiled], *, wanted: bool) -> Compiled:
    def member(get: Lookup) -> bool:
        found = value(get)
        return found is not None and any(option(get) == found for option in options) is wanted

    return member
