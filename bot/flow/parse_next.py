"""Where a step goes: one step, `end`, or branches that are read from the top."""

from bot.flow.definition import END, Branch
from bot.flow.step_form import StepForm
from bot.kernel.problems import Fields, Node, Scalar


def parse_next(step: StepForm) -> tuple[Branch, ...]:
    """The branches in order; a `next` that cannot be read counts as the end, so that it is reported once."""
    node = step.get("next")
    if node is None:
        return ()
    if isinstance(node, Scalar):
        return (Branch(step.target(node, "next") or END, node.mark),)
    if isinstance(node, Fields):
        step.form.fault(
            "F112",
            node.mark,
            "'next' is neither a step nor a list",
            "write '- if: ...' and 'go: ...' below each other",
        )
        return (Branch(END, node.mark),)
    if not node.values:
        step.form.fault("F103", node.mark, "'next' is empty", "write a step, or 'end'")
    branches = [_branch(step, item, last=item is node.values[-1]) for item in node.values]
    return tuple(branch for branch in branches if branch is not None) or (Branch(END, node.mark),)


def _branch(step: StepForm, item: Node, *, last: bool) -> Branch | None:
    if last and isinstance(item, Scalar):
        target = step.target(item, "next")
        return Branch(target, item.mark) if target is not None else None
    fields = step.form.fields(item, "a branch of 'next'", {"if", "go"})
    if fields is None:
        return None
    go = step.form.required(fields, "go", "a branch of 'next'")
    condition = fields.get("if")
    if last and condition is not None:
        step.form.fault(
            "F112",
            fields.mark,
            "the last branch has an 'if', so there may be no next step",
            "add '- go: ...' as the last",
        )
    if not last and condition is None:
        step.form.fault(
            "F112",
            fields.mark,
            "the branches below this one are never reached",
            "give it an 'if', or put it last",
        )
    expression = step.condition(condition, 3) if condition is not None else None
    target = step.target(go, "go") if go is not None else None
    return Branch(target, go.mark, expression) if go is not None and target is not None else None
