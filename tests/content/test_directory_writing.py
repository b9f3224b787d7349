"""Services put into a file: the other lines stay as they are, comments too."""

from textwrap import dedent

import pytest

from bot.content.directory_writing import CannotPlaceError, with_services
from bot.content.marks import read_yaml
from bot.directory.model import Organisation
from bot.directory.parse import parse_organisation
from tests.directory.hsds.world import full
from tests.directory.samples import a_service

FILE = """\
# of our own
organisation: rs-house
name: {en: House}   # a name
country: RS
services:
  # the first
  - service: first
    name:
      en: |
        One
    needs: [legal_asylum]
  # the second
  - service: second
    name: {en: Two}
    needs: [legal_asylum]   # needs
    # behind the second

sources:
  - {field: name, source: here}
"""


HEAD, _, SERVICES = FILE.partition("services:\n")
FLUSH = HEAD + "services:\n" + dedent(SERVICES.partition("\n\n")[0]) + "\n"


def read(text: str) -> Organisation:
    node, problems = read_yaml(text.encode(), "directory/rs/rs-house.yaml")
    assert problems == []
    assert node is not None
    organisation, problems = parse_organisation(node, "rs-house")
    assert problems == []
    assert organisation is not None
    return organisation


def test_a_new_service_stands_behind_the_last_and_nothing_else_moves() -> None:
    text = with_services(FILE, [full("third")])

    assert [one.id for one in read(text).services] == ["first", "second", "third"]
    assert read(text).services[:2] == read(FILE).services
    before, _, after = FILE.partition("\n\n")
    assert text.startswith(before)
    assert text.endswith(after)


@pytest.mark.parametrize("ident", ["first", "second"])
def test_a_service_takes_the_place_of_the_one_with_its_id(ident: str) -> None:
    text = with_services(FILE, [full(ident)])

    services = {one.id: one for one in read(text).services}
    assert list(services) == ["first", "second"]
    assert services[ident] == full(ident)
    other = "second" if ident == "first" else "first"
    assert services[other] == {one.id: one for one in read(FILE).services}[other]
    for remark in ("# of our own", "# a name", "# the first", "# the second", "# behind the second"):
        assert remark in text


@pytest.mark.parametrize(
    "text",
    [FILE.partition("services:")[0], FLUSH, FILE.replace("\n", "\r\n"), FILE.rstrip()],
)
def test_other_ways_to_write_a_file_are_kept(text: str) -> None:
    made = with_services(text, [a_service("third")])

    assert made.startswith(text.rstrip()[:20])
    assert read(made).services[-1] == a_service("third")


@pytest.mark.parametrize(
    "services", ["services: []\n", "services: [{service: x, name: X, needs: [y]}]\n", "services:\n"]
)
def test_a_list_that_lines_cannot_be_put_into_is_left_to_a_person(services: str) -> None:
    with pytest.raises(CannotPlaceError):
        with_services(FILE.partition("services:")[0] + services, [a_service("x")])
