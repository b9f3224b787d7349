"""The signature that somebody read how a person wants to be spoken to: for one case, by one key, without a word of it."""

import pytest

from bot.crypto.acknowledgement import sign_wishes_read, verify_wishes_read
from bot.crypto.identity import make_identity
from bot.kernel.errors import RefusedError

CASE, ORGANISATION = "0" * 32, "rs-demo"


def test_it_verifies_for_its_case_and_organisation_and_for_no_other() -> None:
    ana, mo = make_identity(), make_identity()
    signed = sign_wishes_read(ana, case=CASE, organisation=ORGANISATION)

    verify_wishes_read(ana.public, signed, case=CASE, organisation=ORGANISATION)

    for public, signature, case, organisation in (
        (mo.public, signed, CASE, ORGANISATION),
        (ana.public, signed, "1" * 32, ORGANISATION),
        (ana.public, signed, CASE, "rs-other"),
        (ana.public, b"", CASE, ORGANISATION),
        (b"", signed, CASE, ORGANISATION),
        (ana.public, ana.sign("mailbox/signature", CASE.encode(), ORGANISATION.encode()), CASE, ORGANISATION),
    ):
        with pytest.raises(RefusedError, match=r"reply\.wishes"):
            verify_wishes_read(public, signature, case=case, organisation=organisation)
