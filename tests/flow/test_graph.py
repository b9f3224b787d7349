from bot.flow.graph import dot, mermaid
from tests.content.foreign import HOUSING
from tests.flow.written import SHARED, a_flow, drafted


def test_a_flow_is_drawn_for_mermaid() -> None:
    draft, _ = drafted(
        a_flow(
            'one:\n  say: Hi\n  choices:\n    a: Say "A" -> two\n    c: C -> two\n    b: B -> end\ntwo:\n  go: menu\n'
        )
    )

    assert mermaid(draft.flow, SHARED) == (
        "flowchart TD\n"
        '  s_one{{"one"}}\n'
        '  s_two["two"]\n'
        '  s_one -->|"Say #quot;A#quot;"| s_two\n'
        '  s_one -->|"C"| s_two\n'
        '  s_one -->|"B"| s_end\n'
        '  s_two -->|"go"| s_menu\n'
    )


def test_a_flow_is_drawn_for_graphviz_with_its_conditions() -> None:
    draft, _ = drafted(HOUSING, name="housing")
    drawn = dot(draft.flow, SHARED)

    assert drawn.startswith('digraph "housing" {\n')
    assert '  "safety" -> "person" [label="result == \\"in_danger\\""];\n' in drawn
    assert '  "person" -> "leave_message" [label="closed"];\n' in drawn
    assert drawn.endswith("}\n")
