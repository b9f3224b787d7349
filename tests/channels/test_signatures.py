"""Twilio's signature: the same verdict as Twilio's own validator, and a forged one never passes."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.channels.signatures import TwilioSignatures, same_secret, sign_form

URL = "https://example.org/channels/whatsapp"
VENDORS_FORM = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
)


class Form(dict[str, list[str]]):
    """A form as web frameworks hand it to Twilio's validator."""

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]]) -> "Form":
        form = cls()
        for name, value in pairs:
            form.setdefault(name, []).append(value)
        return form

    def getlist(self, name: str) -> list[str]:
        return self[name]


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
forms = st.lists(st.tuples(st.sampled_from(["Body", "From", "From1", "", "ü"]) | words, words), max_size=8)
hosts = st.sampled_from(["example.org", "a-b.example.org", "127.0.0.1"])
ports = st.sampled_from(["", ":443", ":80", ":8443"])
urls = st.builds(
    "{}://{}{}{}".format, st.sampled_from(["https", "http"]), hosts, ports, st.sampled_from(["", "/", "/a/b"])
)
queries = st.sampled_from(["", "a=1", "a=1&b=%20", "x"])
tokens = st.text(min_size=1, max_size=20)


@given(url=urls, query=queries, form=forms, token=st.sampled_from(["12345", "ключ", "a" * 32]))
def test_what_twilios_validator_signs_and_accepts_we_accept(
    url: str, query: str, form: list[tuple[str, str]], token: str
) -> None:
    signed = f"{url}?{query}" if query else url
    theirs = RequestValidator(token)
    signature = theirs.compute_signature(signed, Form.of(form))

    assert theirs.validate(signed, Form.of(form), signature) is TwilioSignatures(url, [token]).valid(
        form, signature, query
    )
    assert sign_form(signed, form, token) == signature


@given(signing=urls, checking=urls, form=forms, other=forms, change=st.booleans())
def test_we_refuse_whatever_twilios_validator_refuses(
    signing: str, checking: str, form: list[tuple[str, str]], other: list[tuple[str, str]], *, change: bool
) -> None:
    theirs = RequestValidator("12345")
    signature = theirs.compute_signature(signing, Form.of(form))
    given_form = other if change else form

    assert theirs.validate(checking, Form.of(given_form), signature) is TwilioSignatures(
        checking, ["12345"]
    ).valid(given_form, signature)


@given(st.text())
def test_a_made_up_signature_never_passes_and_never_crashes(signature: str) -> None:
    assert not TwilioSignatures(URL, ["12345"]).valid(VENDORS_FORM, signature)


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        ("https://mycompany.com/myapp.php", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:443/myapp.php", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80/myapp.php", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
)
def test_the_vectors_of_twilios_own_tests_pass(url: str, signature: str) -> None:
    assert TwilioSignatures(url, ["12345"]).valid(VENDORS_FORM, signature, "foo=1&bar=2")
    without_port = url.replace(":443", "").replace(":80", "")
    assert TwilioSignatures(without_port, ["12345"]).valid(VENDORS_FORM, signature, "foo=1&bar=2")


def test_both_tokens_count_while_one_is_rotated() -> None:
    both = TwilioSignatures(URL, ["old", "new"])

    assert both.valid(VENDORS_FORM, sign_form(URL, VENDORS_FORM, "old"))
    assert both.valid(VENDORS_FORM, sign_form(URL, VENDORS_FORM, "new"))
    assert not both.valid(VENDORS_FORM, sign_form(URL, VENDORS_FORM, "older"))


def test_a_blank_field_is_part_of_what_was_signed() -> None:
    signature = sign_form(URL, [*VENDORS_FORM, ("Body", "")], "12345")

    assert TwilioSignatures(URL, ["12345"]).valid([*VENDORS_FORM, ("Body", "")], signature)
    assert not TwilioSignatures(URL, ["12345"]).valid([*VENDORS_FORM, ("Extra", "")], signature)


@pytest.mark.parametrize("tokens", [[], [""], ["good", ""]])
def test_an_empty_token_is_no_configuration(tokens: list[str]) -> None:
    with pytest.raises(ValueError, match="token"):
        TwilioSignatures(URL, tokens)


def test_the_token_is_not_shown() -> None:
    assert "12345" not in repr(TwilioSignatures(URL, ["12345"]))


@given(expected=st.text(), given_secret=st.text())
def test_a_secret_header_passes_only_when_equal_and_configured(expected: str, given_secret: str) -> None:
    assert same_secret(expected, given_secret) is (expected != "" and expected == given_secret)
    assert same_secret(expected, expected) is (expected != "")
