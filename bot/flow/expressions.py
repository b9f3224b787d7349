"""Conditions and values of flows: a small typed language over Python's own syntax tree, never `eval`.

Comparison, `and`, `or`, `not`, `in` with a list, literals and slots; nothing else. A source is compiled once into
closures. A comparison with an empty slot is false. A slot alone is true when it is filled, and a `yes no` slot
when its answer is yes.
"""

import ast
import operator
import warnings
from collections.abc import Callable, Collection, Mapping
from typing import Final

from bot.flow.closures import (
    Compiled,
    constant,
    differs,
    either,
    equals,
    every,
    in_literals,
    in_options,
    is_filled,
    is_yes,
    negated,
    ordered,
    same,
    slot,
    yes_or_no,
)
from bot.flow.definition import Expression, SlotType, Value
from bot.flow.kinds import KINDS, Kind, comparable, fits, is_day, mend_for, named
from bot.flow.nearest import nearest, one_of
from bot.kernel.problems import Mark, Problem, Scalar

MAX_LENGTH: Final = 500
_QUOTED: Final = 60  # characters of a source in a message
_LISTED: Final = 6  # names in a mend

BUILT_IN: Final[Mapping[str, SlotType]] = {"result": "text", "crisis_kind": "text"}
"""Names the engine fills: the word a called flow ended with, and the kind of the last crisis words."""

SEALED: Final[frozenset[SlotType]] = frozenset({"sealed text", "phone"})
"""Slots that only a handoff may carry; nothing else reads them."""

_ORDERS: Final[Mapping[type[ast.cmpop], Callable[[int, int], bool]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
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
        written = Scalar(_quoted(written.value), written.mark, plain=False, lost=written.lost)
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
                return every([self.truth(part) for part in parts])
            case ast.BoolOp(values=parts):
                return either([self.truth(part) for part in parts])
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return negated(self.truth(inner))
            case ast.Compare():
                return self._comparison(node)
            case ast.Name():
                kind = self._kind_of_slot(node)
                return is_yes(node.id) if kind == "yes no" else is_filled(node.id)
            case ast.Constant():
                raise _RefusedError(
                    "F402", node, "this is always the same, not a condition", "compare a slot with it"
                )
            case _:
                raise self._not_allowed(node)

    def value(self, node: ast.expr, target: SlotType) -> Compiled:
        wanted = KINDS.get(target, "text")
        if isinstance(node, ast.BoolOp | ast.Compare) or _is_not(node):
            if wanted != "yes no":
                raise _RefusedError(
                    "F402", node, f"a condition does not fit a slot of type '{target}'", "use a 'yes no' slot"
                )
            return yes_or_no(self.truth(node))
        kind, compiled = self._operand(node)
        literal = _literal(node)
        if not fits(kind, wanted, literal):
            raise _RefusedError(
                "F402", node, f"{named(kind)} does not fit a slot of type '{target}'", mend_for(wanted)
            )
        return compiled

    def _comparison(self, node: ast.Compare) -> Compiled:
        steps: list[Compiled] = []
        left = node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            steps.append(self._one_comparison(left, sign, right))
            left = right
        return steps[0] if len(steps) == 1 else every(steps)

    def _one_comparison(self, left: ast.expr, sign: ast.cmpop, right: ast.expr) -> Compiled:
        if isinstance(sign, ast.In | ast.NotIn):
            return self._membership(left, right, wanted=isinstance(sign, ast.In))
        if isinstance(sign, ast.Is | ast.IsNot):
            raise _RefusedError("F405", left, "'is' is not used here", "write == or !=")
        left_kind, left_value = self._operand(left)
        right_kind, right_value = self._operand(right)
        if not comparable(left_kind, right_kind):
            raise _RefusedError(
                "F402",
                right,
                f"{named(left_kind)} is compared with {named(right_kind)}",
                mend_for(left_kind if _literal(left) is None else right_kind),
            )
        self._need_day(left_kind, right)
        self._need_day(right_kind, left)
        if isinstance(sign, ast.Eq | ast.NotEq):
            self._note(left, right)
            self._note(right, left)
            return _equality(left, left_value, right, right_value, wanted=isinstance(sign, ast.Eq))
        if not {left_kind, right_kind} & {"number", "date"}:
            raise _RefusedError(
                "F402", left, "only numbers and dates are smaller or larger", "use ==, != or in [...]"
            )
        return ordered(left_value, right_value, _ORDERS[type(sign)])

    def _membership(self, left: ast.expr, right: ast.expr, *, wanted: bool) -> Compiled:
        if not isinstance(right, ast.List | ast.Tuple):
            raise _RefusedError(
                "F405", right, "after 'in' stands a list", 'write for example: city in ["rs-beograd", "pt"]'
            )
        kind, value = self._operand(left)
        options = []
        for item in right.elts:
            item_kind, option = self._operand(item)
            if not comparable(kind, item_kind):
                raise _RefusedError(
                    "F402", item, f"{named(kind)} is compared with {named(item_kind)}", mend_for(kind)
                )
            options.append(option)
            self._note(left, item)
        literals = frozenset(literal for item in right.elts if (literal := _literal(item)) is not None)
        if all(_literal(item) is not None for item in right.elts):
            return in_literals(value, literals, wanted=wanted)
        return in_options(value, options, wanted=wanted)

    def _need_day(self, kind: Kind, other: ast.expr) -> None:
        literal = _literal(other)
        if kind == "date" and isinstance(literal, str) and not is_day(literal):
            raise _RefusedError("F402", other, f"'{literal}' is no day", mend_for("date"))

    def _note(self, slot: ast.expr, other: ast.expr) -> None:
        value = _literal(other)
        if isinstance(slot, ast.Name) and value is not None:
            self.compared.append((slot.id, value))

    def _operand(self, node: ast.expr) -> tuple[Kind, Compiled]:
        literal = _literal(node)
        if literal is not None:
            return ("number" if isinstance(literal, int) else "text"), constant(literal)
        match node:
            case ast.Name():
                return self._kind_of_slot(node), slot(node.id)
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
        return KINDS[slot_type]

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


def _equality(left: ast.expr, a: Compiled, right: ast.expr, b: Compiled, *, wanted: bool) -> Compiled:
    """The common case, a slot and a literal, without a detour."""
    literal = _literal(right)
    if isinstance(left, ast.Name) and literal is not None:
        return equals(left.id, literal) if wanted else differs(left.id, literal)
    return same(a, b, wanted=wanted)
