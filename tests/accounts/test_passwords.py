"""What is an acceptable password: the rows LK-17 to LK-21, X3, and ASVS 6.2."""

from __future__ import annotations

import statistics
import string
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts.hashing import fits, hash_password, needs_rehash, verify_password
from core.accounts.passwords import Context, advice, check, rules
from core.accounts.policies import LINK, MEMOQ, NIST, POLICIES, Policy
from core.i18n import LazyString


def messages(found: list[LazyString]) -> list[str]:
    return [str(text) for text in found]


SHORT = "Write at least 6 characters."
SYMBOL = "Use a character that is neither a letter nor a digit."
LOWER = "Use a small letter (a–z)."
UPPER = "Use a capital letter (A–Z)."
GUESSABLE = "This is easy to guess. Take several words that do not belong together."


@pytest.mark.parametrize(
    ("password", "refused"),
    [
        ("Abcd!", [SHORT]),
        ("Abcde!", []),
        ("Abcdef", [SYMBOL]),
        ("Abcde1", [SYMBOL]),
        ("ABCDE!", [LOWER]),
        ("ABCDñ!", [LOWER]),
        ("ABCDé!", [LOWER]),
        ("abcde!", [UPPER]),
        ("abcdÑ!", [UPPER]),
        ("Abcde ", []),
        ("Abcde*", []),
        ("Añ日e!", [SHORT]),
        ("Añ日本e!", []),
        ("", [SHORT, SYMBOL, LOWER, UPPER]),
    ],
)
def test_the_policy_link_is_that_of_its_manual(password: str, refused: list[str]) -> None:
    assert messages(check(password, LINK)) == refused


def test_a_decomposed_letter_counts_once() -> None:
    assert messages(check(unicodedata.normalize("NFD", "Abéd!"), LINK)) == [SHORT]
    assert messages(check(unicodedata.normalize("NFD", "Abédé!"), LINK)) == []


def test_the_asterisk_is_advised_against_and_accepted() -> None:
    assert messages(check("Abcde*", LINK)) == []
    assert len(advice("Abcde*", LINK)) == 1
    assert advice("Abcde!", LINK) == []


@pytest.mark.parametrize(
    ("password", "refused"),
    [
        ("Abcdef12", []),
        ("Abcde12", ["Write at least 8 characters."]),
        ("abcdef12", [UPPER]),
        ("ABCDEF12", [LOWER]),
        ("Abcdefgh", ["Use a digit (0–9)."]),
        ("Abcdefg٣", ["Use a digit (0–9)."]),
    ],
)
def test_the_policy_memoq(password: str, refused: list[str]) -> None:
    assert messages(check(password, MEMOQ)) == refused


@pytest.mark.parametrize(
    "password",
    [
        "correcthorsebatterystaple",
        "el burro come peras",
        "dragonmonkeyfootballsunshine",
        "8492716350284917",
        "xk3j-9dkq-mmvb-22",
        "ç" * 3 + "ñandú trota lejos",
    ],
)
def test_the_default_asks_for_length_not_for_classes(password: str) -> None:
    assert messages(check(password, NIST)) == []


@pytest.mark.parametrize(
    "password",
    [
        "Password1!Password",
        "P@ssw0rd2024!!!!",
        "contraseña2024!!",
        "Contrasena123456",
        "motdepasse123456789",
        "123456789012345",
        "abcdefghijklmnop",
        "ponmlkjihgfedcba",
        "qwertyuiopasdfgh",
        "aaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "abababababababab",
        "               ",
        "passwordpassword",
        "!!!!!Welcome2026!!!!!",
    ],
)
def test_the_default_refuses_what_is_tried_first(password: str) -> None:
    assert messages(check(password, NIST)) == [GUESSABLE]


def test_the_default_needs_fifteen_characters() -> None:
    assert messages(check("burro come pera", NIST)) == []
    assert messages(check("burro come per", NIST)) == ["Write at least 15 characters."]


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("mi trabajo en obrador", "obrador"),
        ("MI TRABAJO EN OBRADOR", "obrador"),
        ("mi trabajo en 0brad0r", "obrador"),
        ("la perra de María ladra", "maria"),
        ("ana.perez come peras", "perez"),
    ],
)
def test_words_of_the_person_and_the_portal_are_refused(password: str, word: str) -> None:
    context = Context.of("Obrador Temporal S.L.", "obrador", "María", "Paz", "ana.perez@acme-foods.example")
    expected = f"Leave out “{word}”: names and addresses are what others try first."
    assert messages(check(password, NIST, context)) == [expected]


def test_short_words_of_the_context_do_not_count() -> None:
    assert Context.of("S.L. de Vigo", "ana@b.es") == Context(frozenset({"vigo"}))


@given(st.text(alphabet=string.ascii_lowercase + " ", max_size=14))
def test_nothing_short_passes_the_default(password: str) -> None:
    assert check(password, NIST) != []


@given(st.text(max_size=60), st.sampled_from(list(POLICIES.values())))
def test_adding_a_character_never_makes_a_password_worse_in_classes_and_length(password: str, policy: Policy) -> None:
    of_form = {str(text) for text in check(password, policy)} - {GUESSABLE}
    longer = {str(text) for text in check(password + "x", policy)} - {GUESSABLE}
    assert longer <= of_form


@given(st.text(max_size=40))
def test_the_pages_rules_and_the_servers_agree(password: str) -> None:
    """What the page lets through, the server refuses only for being guessable; what it stops, the server refuses."""
    text = unicodedata.normalize("NFC", password)
    tests = {
        "min:6": len(text) >= 6,
        "symbol": any(unicodedata.category(sign)[0] not in "LN" for sign in text),
        "lower": any(sign in string.ascii_lowercase for sign in text),
        "upper": any(sign in string.ascii_uppercase for sign in text),
    }
    on_page = all(tests[rule.test] for rule in rules(LINK) if not rule.advice)
    assert on_page == (check(password, LINK) == [])


def test_the_rules_for_the_page() -> None:
    assert [(rule.test, rule.advice) for rule in rules(LINK)] == [
        ("min:6", False),
        ("symbol", False),
        ("lower", False),
        ("upper", False),
        ("not:*", True),
    ]
    assert [(rule.test, rule.advice) for rule in rules(NIST)] == [("min:15", False)]
    assert [rule.test for rule in rules(MEMOQ)] == ["min:8", "lower", "upper", "digit"]


def test_a_password_over_the_limit_is_refused_in_words() -> None:
    assert messages(check("a" * 257, LINK)) == ["Write at most 256 characters."]
    assert fits("ab" * 128)
    assert not fits("ñ" * 257)
    assert not fits("😀" * 257)
    assert fits("😀" * 256)


async def test_hashing_neither_cuts_nor_folds() -> None:
    password = "Ñandú 😀 " * 14 + "xy"
    stored = await hash_password(password)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await verify_password(stored, password)
    assert await verify_password(stored, unicodedata.normalize("NFD", password))
    assert not await verify_password(stored, password[:-1] + "z")
    assert not await verify_password(stored, password.lower())
    assert not await verify_password(stored, password + "\0")
    assert not await verify_password(stored, "x" * 5000)
    assert not await verify_password(None, password)
    assert not needs_rehash(stored)


async def test_a_password_that_is_too_long_is_never_hashed() -> None:
    with pytest.raises(ValueError, match="over the limit"):
        await hash_password("x" * 257)


def test_a_weaker_hash_is_due_for_another() -> None:
    assert needs_rehash(
        "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
    )


@pytest.mark.usefixtures("hashed_each_time")
async def test_unknown_addresses_cost_as_much_work_as_known_ones() -> None:
    stored = await hash_password("tres perros verdes cantan")
    await verify_password(None, "first")

    async def median(of: str | None) -> float:
        taken = []
        for _ in range(9):
            started = time.process_time()  # of all threads; other processes do not count
            await verify_password(of, "cuatro gatos azules bailan")
            taken.append(time.process_time() - started)
        return statistics.median(taken)

    ratio = await median(None) / await median(stored)
    assert 0.4 < ratio < 2.5, "without the dummy it would be a hundredth"
