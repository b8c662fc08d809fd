"""What the machine of people knows: who controls which mailbox, passwords and browser, and how to look it all up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import count

from hypothesis import strategies as st

from core.accounts.tokens import TOKEN_LENGTH

PASSWORDS = {
    "ana": ("siete mirlos cantan lejos", "ocho zorros duermen juntos"),
    "mallory": ("nueve sapos saltan alto", "diez cuervos roban plata"),
}
NOBODYS = "once monos pintan vacas"
"""A password that nobody has: whatever it opens is open."""
MAILBOXES = {"ana": ("ana", "ana.new"), "mallory": ("mallory",)}
BROWSERS = {who: who.ljust(TOKEN_LENGTH, "x") for who in PASSWORDS}
BOXES = tuple(box for boxes in MAILBOXES.values() for box in boxes)
WHO = st.sampled_from(tuple(PASSWORDS))
SIDE = st.sampled_from((0, 1))
SLOT = st.sampled_from((0, 1))
BOX = st.sampled_from(BOXES)
WHICH = st.integers(min_value=0, max_value=7)
SECRET = st.sampled_from((0, 0, 0, 1))

SESSIONS = """
SELECT s.token_hash AS hash, p.email_folded AS email, a.email AS account_email
FROM session s
JOIN account a ON a.id = s.account AND a.disabled_at IS NULL
JOIN person p ON p.tenant = s.tenant AND p.id = s.person AND p.account = a.id AND p.state = 'active'
     AND p.deleted_at IS NULL
WHERE s.tenant IN ({}, {})
"""
ACCOUNTS = """
SELECT p.account AS account, p.id AS person, p.tenant AS tenant, p.email_folded AS email, a.email AS account_email,
       a.offices AS offices
FROM person p JOIN account a ON a.id = p.account
WHERE p.tenant IN ({}, {}) AND p.deleted_at IS NULL
"""


@dataclass
class Place:
    """Where the machine runs: one loop, one database, an application that is never asked."""

    runner: asyncio.Runner
    numbers: count[int] = field(default_factory=count)


@dataclass(frozen=True)
class Letter:
    """A link in somebody's mailbox."""

    side: int
    template: str
    token: str
    to: str


WHOSE_SESSION = "SELECT person FROM session WHERE token_hash = {}"
OPENED = """
SELECT a.password_hash AS password_hash, a.email AS email FROM session s JOIN account a ON a.id = s.account
WHERE s.token_hash = {}
"""
