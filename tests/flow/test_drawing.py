from dataclasses import replace
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow.drawing import svg
from tests.content.foreign import HOUSING
from tests.flow.written import SHARED, a_flow, drafted

SVG = "{http://www.w3.org/2000/svg}"


def drawn(source: str, name: str = "") -> Element:
    draft, _ = drafted(source, name=name) if name else drafted(source)
    picture: Element = fromstring(svg(draft.flow, SHARED))
    return picture


def texts(picture: Element) -> list[str]:
    return [str(text.text) for text in picture.iter(f"{SVG}text")]


def test_each_step_is_a_box_that_says_every_way_out_of_it() -> None:
    picture = drawn(
        a_flow("one:\n  say: Hi\n  choices:\n    a: A -> two\n    b: B -> end\ntwo:\n  go: menu\n")
    )

    assert texts(picture) == ["one", "A → two", "B ↗ end", "two", "go ↗ menu"]
    assert len(list(picture.iter(f"{SVG}path"))) == 1


def test_a_way_back_is_said_and_not_drawn() -> None:
    picture = drawn(
        a_flow("one:\n  say: Hi\n  next: two\ntwo:\n  say: Ha\n  choices:\n    a: Again -> one\n")
    )

    assert "Again ↩ one" in texts(picture)
    assert len(list(picture.iter(f"{SVG}path"))) == 1


def test_boxes_lie_within_the_picture_and_apart_from_each_other() -> None:
    picture = drawn(HOUSING, "housing")
    sizes = [
        {name: float(box.attrib[name]) for name in ("x", "y", "width", "height")}
        for box in picture.iter(f"{SVG}rect")
        if "x" in box.attrib
    ]

    assert all(box["x"] + box["width"] <= float(picture.attrib["width"]) for box in sizes)
    assert all(box["y"] + box["height"] <= float(picture.attrib["height"]) for box in sizes)
    for at, one in enumerate(sizes):
        for other in sizes[at + 1 :]:
            beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            below = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
            assert beside or below


def test_a_long_label_is_cut_in_the_box_and_whole_behind_it() -> None:
    label = "I would like to ask a lawyer about a letter that came today"
    picture = drawn(a_flow(f"one:\n  say: Hi\n  choices:\n    a: {label} -> end\n"))

    assert not any(label in text for text in texts(picture))
    assert f"{label} ↗ end" in [str(title.text) for title in picture.iter(f"{SVG}title")]


@settings(max_examples=60, deadline=None)
@given(label=st.text(min_size=1, max_size=80))
def test_no_label_breaks_the_picture(label: str) -> None:
    flow = drafted(a_flow("one:\n  say: Hi\n  choices:\n    a: A -> end\n"))[0].flow
    step = flow.steps["one"]
    choice = replace(step.choices[0], label=replace(step.choices[0].label, source=label))

    picture = fromstring(svg(replace(flow, steps={"one": replace(step, choices=(choice,))}), SHARED))

    assert len(texts(picture)) == 2
