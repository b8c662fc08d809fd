"""Providers that lie, answers that were meant for others, and browsers that come back with somebody else's."""

from __future__ import annotations

import base64
import json
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

from core.accounts.oidc.discovery import forget_providers
from core.accounts.oidc.tables import SignInIdentity
from core.clock import later, now
from core.people.tables import Person
from tests.accounts.conftest import happenings
from tests.accounts.oidc.conftest import Door
from tests.accounts.oidc.fake import CLIENT, FakeProvider, Sent, ec_key, jwk, pem, rsa_key
from tests.accounts.oidc.test_signing_in import connect
from tests.portal_fixtures import Browser

Sign = Callable[[dict[str, Any]], str]


@pytest.fixture
async def known(door: Door, ana: Person) -> Door:
    """Somebody signs in with subject-1: what follows would sign in as her, if it counted."""
    await connect(door, await door.portal.browser(ana))
    return door


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any], algorithm: str = "none", kid: str = "one") -> str:
    return f"{encoded({'alg': algorithm, 'kid': kid})}.{encoded(claims)}."


def with_key(key: Any, algorithm: str = "RS256", **header: Any) -> Sign:
    return lambda claims: jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "one"} | header)


def confused(claims: dict[str, Any]) -> str:
    """HS256 with the public key as the secret, which PyJWT refuses to make: by hand."""
    import hashlib  # noqa: PLC0415 -- for this one attack
    import hmac  # noqa: PLC0415 -- as above

    text = f"{encoded({'alg': 'HS256', 'kid': 'one'})}.{encoded(claims)}"
    mac = hmac.digest(pem(rsa_key(1)), text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def tampered(claims: dict[str, Any]) -> str:
    head, _body, mac = with_key(rsa_key(1))({**claims, "sub": "somebody-else"}).split(".")
    return f"{head}.{encoded(claims)}.{mac}"


AGO = timedelta(minutes=20).total_seconds()
CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "an issuer with a slash more": {"iss": "+/"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another-client"},
    "no audience": {"aud": None},
    "several audiences, no party": {"aud": [CLIENT, "another-client"]},
    "another party": {"azp": "another-client"},
    "several audiences, another party": {"aud": [CLIENT, "another-client"], "azp": "another-client"},
    "another nonce": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "a nonce that is no text": {"nonce": 7},
    "expired": {"exp": -61},
    "no end": {"exp": None},
    "an end that is no number": {"exp": "tomorrow"},
    "issued in the future": {"iat": 120},
    "issued long ago": {"iat": -AGO},
    "no date": {"iat": None},
    "not yet": {"nbf": 120},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is no text": {"sub": 1},
    "a subject without end": {"sub": "s" * 256},
}
SIGNATURES: dict[str, Sign] = {
    "alg none": unsigned,
    "alg None": lambda claims: unsigned(claims, "None"),
    "HS256 with the public key": confused,
    "HS256 with the client's secret": with_key("a secret with a % and a + in it, made longer", "HS256"),
    "another key under the same id": with_key(rsa_key(2)),
    "a key that nobody publishes": with_key(rsa_key(2), kid="two"),
    "a key that comes along": with_key(rsa_key(2), jwk=jwk(rsa_key(2)), jku="http://127.0.0.1:1/jwks"),
    "a body of one's own": tampered,
    "another algorithm than the key's": with_key(rsa_key(1), "PS256"),
    "an algorithm that does not count": with_key(rsa_key(1), "RS512"),
    "RS256 with a curve's id": with_key(rsa_key(1), kid="curve"),
    "no token at all": lambda _claims: "not.a.token",
    "an empty one": lambda _claims: "",
}


def shifted(changes: dict[str, Any], issuer: str) -> dict[str, Any]:
    """Times are from now on, `+` goes behind the issuer."""
    present = int(now().timestamp())
    found = {
        name: present + value if name in {"exp", "iat", "nbf"} and isinstance(value, int | float) else value
        for name, value in changes.items()
    }
    return found | ({"iss": issuer + found["iss"][1:]} if str(found.get("iss", "")).startswith("+") else {})


async def refused(door: Door, browser: Browser, answer: Any, status: int = 401) -> None:
    assert answer.status_code == status, answer.text
    assert (await browser.get("/profile")).headers["location"] == "/?next=%2Fprofile"
    async with door.portal.work():
        assert await SignInIdentity.count() == 1


async def test_claims_that_do_not_fit(known: Door) -> None:
    for number, (what, changes) in enumerate(CLAIMS.items()):
        with later(timedelta(minutes=number)):  # one network may not try more in a moment
            browser = await known.portal.browser()
            answer = await known.through(browser, **shifted(changes, known.fake.issuer))
            assert (what, answer.status_code) == (what, 401)
            await refused(known, browser, answer)
    assert "has not confirmed who you are" in answer.text
    told = await happenings(known.portal, "core.provider_sign_in_failed")
    assert [facts for _, _, facts in told] == [{"provider": "Acme ID", "network": "127.0.0.1"}] * len(CLAIMS)


async def test_signatures_that_do_not_count(known: Door) -> None:
    for number, (what, sign) in enumerate(SIGNATURES.items()):
        with later(timedelta(minutes=number)):
            browser = await known.portal.browser()
            sent = await known.leave(browser)
            code = known.fake.grant(sent, sign=sign)
            answer = await known.back(browser, code=code, state=sent.asked["state"])
            assert (what, answer.status_code) == (what, 401)
            await refused(known, browser, answer)


async def test_what_honest_providers_may_do_as_well(known: Door) -> None:
    present = int(now().timestamp())
    for changes in (
        {"exp": present - 30},  # clocks differ
        {"iat": present + 30},
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "another-client"], "azp": CLIENT},
        {"azp": CLIENT},
        {"nbf": present - 5},
    ):
        assert (await known.through(await known.portal.browser(), **changes)).status_code == 303
    browser = await known.portal.browser()
    sent = await known.leave(browser)
    code = known.fake.grant(sent, sign=with_key(ec_key(), "ES256", kid="curve"))
    assert (await known.back(browser, code=code, state=sent.asked["state"])).status_code == 303


async def test_short_keys_do_not_count(known: Door) -> None:
    weak = with_key(rsa_key(3, 1024), kid="weak")
    known.fake.keys = [jwk(rsa_key(3, 1024), kid="weak", alg="RS256")]
    forget_providers()
    browser = await known.portal.browser()
    sent = await known.leave(browser)
    with warnings.catch_warnings(action="ignore", category=jwt.warnings.InsecureKeyLengthWarning):
        code = known.fake.grant(sent, sign=weak)
    answer = await known.back(browser, code=code, state=sent.asked["state"])
    await refused(known, browser, answer)


# -- answers that belong elsewhere -------------------------------------------------------------------------------------


async def test_an_answer_counts_once(known: Door) -> None:
    browser = await known.portal.browser()
    sent = await known.leave(browser)
    first = known.fake.grant(sent)
    second = known.fake.grant(sent)
    assert (await known.back(browser, code=first, state=sent.asked["state"])).status_code == 303
    answer = await known.back(browser, code=second, state=sent.asked["state"])
    assert answer.status_code == 410


async def test_a_refused_answer_is_used_up_too(known: Door) -> None:
    browser = await known.portal.browser()
    sent = await known.leave(browser)
    assert (await known.back(browser, code="made-up", state=sent.asked["state"])).status_code == 401
    answer = await known.back(browser, code=known.fake.grant(sent), state=sent.asked["state"])
    await refused(known, browser, answer, 410)


async def test_an_answer_counts_in_the_browser_that_asked(known: Door) -> None:
    """Login CSRF: Mallory has the victim's browser finish what Mallory began; and the other way round."""
    mallory, victim = await known.portal.browser(), await known.portal.browser()
    sent = await known.leave(mallory)
    code = known.fake.grant(sent)
    await refused(known, victim, await known.back(victim, code=code, state=sent.asked["state"]), 410)
    own = await known.leave(victim)  # she is on her way herself, with a cookie of her own
    await refused(known, victim, await known.back(victim, code=code, state=sent.asked["state"]), 410)
    # a code of Mallory's in her way: PKCE's verifier and the nonce are others
    await refused(known, victim, await known.back(victim, code=code, state=own.asked["state"]), 401)


async def test_an_answer_comes_in_time(known: Door) -> None:
    browser = await known.portal.browser()
    sent = await known.leave(browser)
    with later(timedelta(minutes=10, seconds=1)):
        answer = await known.back(browser, code=known.fake.grant(sent), state=sent.asked["state"])
    await refused(known, browser, answer, 410)


async def test_made_up_states(known: Door) -> None:
    browser = await known.portal.browser()
    await known.leave(browser)
    for state in ("", "x", "x" * 43, "\u00e9" * 43):
        await refused(known, browser, await known.back(browser, code="x", state=state), 410)


async def test_one_provider_s_answer_is_not_another_s(known: Door) -> None:
    """Mix-up: the honest provider's code, brought to the address of the tenant's other provider."""
    async with known.portal.work():
        from core.accounts.oidc.tables import SignInProvider  # noqa: PLC0415 -- for this one attack

        evil = SignInProvider(name="Evil", kind="other", issuer="https://evil.example", client_id="x")
        await SignInProvider.insert(evil)
    browser = await known.portal.browser()
    sent = await known.leave(browser)
    answer = await browser.get(
        f"/sign-in/with/{evil.id}/callback", params={"code": known.fake.grant(sent), "state": sent.asked["state"]}
    )
    await refused(known, browser, answer, 410)


async def test_the_answer_says_who_sends_it(known: Door) -> None:
    """RFC 9207: where a provider says that it names itself, it must; and what it says must be right."""
    for said in ("https://evil.example", known.fake.issuer + "/"):
        browser = await known.portal.browser()
        sent = await known.leave(browser)
        code = known.fake.grant(sent)
        await refused(known, browser, await known.back(browser, code=code, state=sent.asked["state"], iss=said))
    known.fake.metadata = {"authorization_response_iss_parameter_supported": True}
    forget_providers()
    browser = await known.portal.browser()
    sent = await known.leave(browser)
    code = known.fake.grant(sent)
    await refused(known, browser, await known.back(browser, code=code, state=sent.asked["state"]))
    sent = await known.leave(browser)
    code, state = known.fake.grant(sent), sent.asked["state"]
    assert (await known.back(browser, code=code, state=state, iss=known.fake.issuer)).status_code == 303


async def test_connecting_ends_in_the_session_that_began_it(known: Door, ana: Person) -> None:
    """Trojan identifier: whoever is signed in when the answer comes gets nothing connected that another began."""
    browser = await known.portal.browser(ana)
    sent = await known.leave(browser, "/account/sign-in/connect", page="/account/sign-in", provider=str(known.id))
    code = known.fake.grant(sent, sub="subject-9")
    await browser.post("/logout", page="/profile")
    await refused(known, browser, await known.back(browser, code=code, state=sent.asked["state"]), 410)


# -- what providers publish --------------------------------------------------------------------------------------------


async def test_a_configuration_that_does_not_fit(door: Door) -> None:
    wrong: list[dict[str, Any]] = [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": "https://user:password@evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ]
    browser = await door.portal.browser()
    for metadata in wrong:
        door.fake.metadata = metadata
        forget_providers()
        assert (await browser.post(f"/sign-in/with/{door.id}")).status_code == 409


async def test_keys_are_asked_for_once_an_hour_and_for_unknown_ones_once_a_minute(known: Door) -> None:
    async def in_with(kid: str) -> int:
        browser = await known.portal.browser()
        sent = await known.leave(browser)
        code = known.fake.grant(sent, sign=with_key(rsa_key(1), kid=kid))
        return (await known.back(browser, code=code, state=sent.asked["state"])).status_code

    known.fake.asked.clear()
    assert [await in_with("one"), await in_with("unknown"), await in_with("unknown")] == [303, 401, 401]
    assert known.fake.asked.count("/jwks") == 0  # they are known from the connecting, a moment ago
    with later(timedelta(seconds=61)):
        assert [await in_with("unknown"), await in_with("unknown")] == [401, 401]
        assert known.fake.asked.count("/jwks") == 1
        known.fake.keys.append(jwk(rsa_key(1), kid="unknown"))
        assert await in_with("unknown") == 401
    with later(timedelta(seconds=125)):
        assert await in_with("unknown") == 303
        assert known.fake.asked.count("/jwks") == 2
        assert known.fake.asked.count("/.well-known/openid-configuration") == 0
    with later(timedelta(minutes=70)):
        assert await in_with("one") == 303
        assert known.fake.asked.count("/jwks") == 3
        assert known.fake.asked.count("/.well-known/openid-configuration") == 1


def test_the_attacks_are_the_ones_meant() -> None:
    """What is sent as an attack is well made but for the one thing: else it would be refused for another reason."""
    fake = FakeProvider(port=1)
    sent = Sent("http://127.0.0.1:1/authorize?nonce=n")
    claims = fake.claims(sent)
    key = rsa_key(1).public_key()
    assert jwt.decode(fake.sign(claims), key, algorithms=["RS256"], audience=CLIENT)["sub"] == "subject-1"
    algorithms = {
        what: jwt.get_unverified_header(sign(claims))["alg"]
        for what, sign in SIGNATURES.items()
        if len(sign(claims)) > 20
    }
    assert algorithms["HS256 with the public key"] == "HS256"
    assert algorithms["alg none"] == "none"
