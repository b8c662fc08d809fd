"""Whose word counts: Microsoft of many directories, Google of its own addresses, and what a token leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from core.accounts.oidc.discovery import forget_providers
from core.accounts.oidc.kinds import Kind, fits_pattern, has_verified, is_issued_by, published_issuer
from core.accounts.oidc.tables import SignInIdentity
from core.people.tables import Person
from tests.accounts.oidc.conftest import Door, add
from tests.accounts.oidc.fake import FakeProvider, jwk, rsa_key
from tests.accounts.oidc.test_signing_in import connect
from tests.portal_fixtures import Portal

TID = "11111111-2222-3333-4444-555555555555"
OTHER_TID = "99999999-2222-3333-4444-555555555555"


async def microsoft(portal: Portal, fake: FakeProvider) -> Door:
    """A provider that publishes Microsoft's pattern, as it does for many directories."""
    fake.path = "/organizations/v2.0"
    fake.metadata = {"issuer": f"http://127.0.0.1:{fake.port}/{{tenantid}}/v2.0"}
    return Door(portal, await add(portal, fake.issuer, kind=Kind.MICROSOFT, name="Microsoft", registers=True), fake)


async def test_of_many_directories_each_speaks_for_itself(portal: Portal, fake: FakeProvider, ana: Person) -> None:
    door = await microsoft(portal, fake)
    base = f"http://127.0.0.1:{fake.port}"
    own = {"iss": f"{base}/{TID}/v2.0", "tid": TID}
    sent = await door.leave(await portal.browser())
    assert sent.asked["prompt"] == "select_account"
    assert (await connect(door, await portal.browser(ana), **own)).status_code == 303
    assert (await door.through(await portal.browser(), **own)).status_code == 303
    for wrong in (
        {"iss": f"{base}/{OTHER_TID}/v2.0", "tid": OTHER_TID},  # somebody else's directory, the same subject
        {"iss": own["iss"], "tid": OTHER_TID},
        {"iss": own["iss"], "tid": None},
        {"iss": f"{base}/{{tenantid}}/v2.0", "tid": "{tenantid}"},
        {"iss": f"{base}/common/v2.0", "tid": "common"},
        {"iss": f"{base}/organizations/v2.0", "tid": TID},
        {"iss": f"https://evil.example/{TID}/v2.0", "tid": TID},
    ):
        status = (await door.through(await portal.browser(), **wrong)).status_code
        assert status == (403 if wrong["tid"] == OTHER_TID and OTHER_TID in str(wrong["iss"]) else 401), wrong


async def test_a_key_of_one_directory_signs_for_no_other(portal: Portal, fake: FakeProvider, ana: Person) -> None:
    door = await microsoft(portal, fake)
    base = f"http://127.0.0.1:{fake.port}"
    fake.keys = [jwk(rsa_key(1), kid="one", issuer=f"{base}/{OTHER_TID}/v2.0")]
    own = {"iss": f"{base}/{TID}/v2.0", "tid": TID}
    assert (await connect(door, await portal.browser(ana), **own)).status_code == 401
    forget_providers()
    fake.keys = [jwk(rsa_key(1), kid="one", issuer=f"{base}/{{tenantid}}/v2.0")]
    assert (await connect(door, await portal.browser(ana), **own)).status_code == 303


def test_issuers() -> None:
    many = "https://login.microsoftonline.com/organizations/v2.0"
    pattern = "https://login.microsoftonline.com/{tenantid}/v2.0"
    one = f"https://login.microsoftonline.com/{TID}/v2.0"
    assert [
        published_issuer(Kind.MICROSOFT, each) for each in (many, many.replace("organizations", "common"), one)
    ] == [
        pattern,
        pattern,
        one,
    ]
    assert published_issuer(Kind.OTHER, many) == many
    assert is_issued_by(one, one, None)
    assert is_issued_by(pattern, one, TID)
    assert not any(is_issued_by(pattern, one, each) for each in (None, OTHER_TID, 7, "", ".*"))
    assert fits_pattern(pattern, one)
    assert not fits_pattern(pattern, f"https://evil.example/{TID}/v2.0")
    assert not fits_pattern(pattern, pattern)


@pytest.mark.parametrize(
    ("kind", "trusts", "claims", "counts"),
    [
        ("google", False, {"email": "ana@gmail.com", "email_verified": True}, True),
        ("google", False, {"email": "ana@acimos.example", "email_verified": True, "hd": "acimos.example"}, True),
        ("google", False, {"email": "ana@acimos.example", "email_verified": True, "hd": "evil.example"}, False),
        ("google", False, {"email": "ana@acimos.example", "email_verified": True}, False),
        ("google", False, {"email": "ana@gmail.com", "email_verified": False}, False),
        ("microsoft", True, {"email": "ana@acimos.example", "email_verified": True}, False),
        ("other", True, {"email": "ana@acimos.example", "email_verified": True}, True),
        ("other", True, {"email": "ana@acimos.example", "email_verified": "true"}, True),
        ("other", True, {"email": "ana@acimos.example", "email_verified": "false"}, False),
        ("other", True, {"email": "ana@acimos.example"}, False),
        ("other", False, {"email": "ana@acimos.example", "email_verified": True}, False),
    ],
)
def test_whose_word_on_an_address_counts(kind: str, trusts: bool, claims: dict[str, Any], counts: bool) -> None:
    assert has_verified(claims, kind=Kind(kind), trusts_email=trusts) is counts


async def test_userinfo_fills_in_what_the_token_leaves_out(door: Door, ana: Person) -> None:
    door.fake.userinfo = {"sub": "subject-1", "email": "ana@userinfo.example", "iss": "https://evil.example"}
    await connect(door, await door.portal.browser(ana), email=None)
    door.fake.userinfo = {"sub": "somebody-else", "email": "eva@userinfo.example"}
    await door.through(await door.portal.browser(), email=None, given_name=None, family_name=None)
    async with door.portal.work():
        (row,) = await SignInIdentity.select()
    assert (row["issuer"], row["subject"], row["label"]) == (door.fake.issuer, "subject-1", "ana@userinfo.example")
