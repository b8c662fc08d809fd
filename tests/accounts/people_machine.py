"""
A model of who may become whom: two tenants with their staff, Ana, and Mallory, who has a mailbox of her own.

Staff may do what it likes at its own tenant. Whatever the order, nobody gets into what belongs to another mailbox's
owner; an account opens two portals only where its owner has linked them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.accounts import contributions  # noqa: F401 -- registers the work of accounts
from core.accounts.changing_email import CHANGE_REQUESTED
from core.accounts.hashing import verify_password
from core.accounts.identities import build_actor, identify
from core.accounts.joining import JOIN_REQUESTED
from core.accounts.services import RESET_REQUESTED
from core.accounts.sign_in_links import SIGN_IN_REQUESTED
from core.accounts.tokens import token_hash
from core.db import bypass_row_security, execute, fetch
from core.errors import DomainError
from core.messages.queue import Work, handler_of, link_maker
from core.people.actor import Actor
from core.people.persons import (
    Details,
    add_contact,
    deactivate_person,
    delete_person,
    edit_person,
    give_login,
    reactivate_person,
    reset_person_access,
    restore_person,
    send_invitation,
)
from core.tenancy.scope import unscoped
from core.tenancy.snapshot import as_uuid
from tests.accounts.people_model import (
    ACCOUNTS,
    BOX,
    MAILBOXES,
    OPENED,
    PASSWORDS,
    SESSIONS,
    SIDE,
    SLOT,
    WHOSE_SESSION,
    Letter,
    Place,
)
from tests.portal_fixtures import Portal, make_portal

ACCESS = (deactivate_person, reactivate_person, reset_person_access, give_login)


class PeopleMachine(RuleBasedStateMachine):
    """What people and staff do, and what must hold whatever they did."""

    place: Place
    number: int
    portals: tuple[Portal, Portal]
    people: dict[int, list[UUID]]
    letters: dict[str, list[Letter]]
    sessions: dict[str, list[tuple[int, str]]]
    linked: set[UUID]
    """People who are linked because their owner wanted it."""
    refusing: set[int]
    """Tenants that do not allow linking."""
    ended: list[tuple[int, str]]
    """Sessions that somebody has ended."""

    # -- the world ---------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.number = next(self.place.numbers)
        self.portals = self._run(self._make())
        self.people = {0: [], 1: []}
        self.letters = {who: [] for who in PASSWORDS}
        self.sessions = {who: [] for who in PASSWORDS}
        self.linked = set()
        self.refusing = set()
        self.ended = []

    async def _make(self) -> tuple[Portal, Portal]:
        made = [
            await make_portal(None, f"Portal {letter} {self.number}", portal_name=f"{letter}-{self.number}")
            for letter in "ab"
        ]
        return made[0], made[1]

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.place.runner.run(work)

    def _mail(self, box: str) -> str:
        return f"{box}@m{self.number}.example"

    def _owner(self, email: str) -> str:
        box = email.partition("@")[0]
        return next(who for who, boxes in MAILBOXES.items() if box in boxes)

    def _try(self, side: int, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something at a tenant; a refusal is an answer. Then the mail goes out."""

        async def done() -> Any:
            await execute("DELETE FROM rate_limit")  # so that long examples get on
            result = None
            try:
                async with self.portals[side].work():
                    result = await work
            except DomainError:
                result = None
            await self._deliver()
            return result

        return self._run(done())

    def _refused(self, side: int, work: Coroutine[Any, Any, Any]) -> bool:
        """Do something that must be refused."""

        async def done() -> bool:
            await execute("DELETE FROM rate_limit")
            try:
                async with self.portals[side].work():
                    await work
            except DomainError:
                return True
            return False

        return bool(self._run(done()))

    async def _deliver(self) -> None:
        tenants = [portal.tenant.id for portal in self.portals]
        for _round in range(3):
            rows = await self._rows("SELECT id, tenant, kind, payload FROM queue ORDER BY id")
            if not rows:
                return
            await execute("DELETE FROM queue")
            for row in rows:
                side = tenants.index(as_uuid(row["tenant"]))
                async with self.portals[side].work():
                    await self._handle(side, self.portals[side], row["kind"], json.loads(row["payload"]))

    async def _handle(self, side: int, portal: Portal, kind: str, payload: dict[str, Any]) -> None:
        if kind != "core.account_mail":
            if kind in {RESET_REQUESTED, CHANGE_REQUESTED, SIGN_IN_REQUESTED, JOIN_REQUESTED}:
                item = Work(id=UUID(int=1), kind=kind, payload=payload, tenant=portal.tenant.id, attempts=1)
                await handler_of(kind).run(item)
            return
        make = link_maker(payload["template"])
        if make is None:
            return
        link = await make(person=UUID(payload["person"]), to=payload["to"], facts=payload["facts"])
        if link is not None and link.path.count("/") > 1:
            letter = Letter(side, payload["template"], link.path.rpartition("/")[2], payload["to"])
            self.letters[self._owner(payload["to"])].append(letter)

    def _letter(self, who: str, which: int, *templates: str) -> Letter | None:
        mine = [letter for letter in reversed(self.letters[who]) if letter.template in templates]
        return mine[which % len(mine)] if mine else None

    def _person(self, side: int, slot: int) -> UUID | None:
        people = self.people[side]
        return people[slot % len(people)] if people else None

    def _keeps(self, who: str, side: int, done: Any) -> None:
        if done is not None:
            self.sessions[who].append((side, done.token))

    # -- staff -------------------------------------------------------------------------------------------------------

    def _details(self, box: str) -> Details:
        return Details(given_name="Some", family_name="Body", email=self._mail(box), phone="+34 600 000 000")

    @rule(side=SIDE, box=BOX)
    def staff_adds(self, side: int, box: str) -> None:
        """Staff takes somebody into the address book."""
        if len(self.people[side]) < 2:
            made = self._try(side, add_contact(details=self._details(box)))
            if made is not None:
                self.people[side].append(made)

    @rule(side=SIDE, slot=SLOT)
    def staff_invites(self, side: int, slot: int) -> None:
        """Staff invites, or once more."""
        if person := self._person(side, slot):
            self._try(side, send_invitation(person=person))

    @rule(side=SIDE, slot=SLOT, box=BOX)
    def staff_changes_the_address(self, side: int, slot: int, box: str) -> None:
        """Staff gives somebody another address."""
        if person := self._person(side, slot):
            before = self._email_of(person)
            self._try(side, edit_person(person=person, details=self._details(box)))
            if self._email_of(person) != before:
                self._is_out(side, person)

    @rule(side=SIDE, slot=SLOT, verb=st.sampled_from(ACCESS))
    def staff_decides_on_access(self, side: int, slot: int, verb: Any) -> None:
        """Staff ends, gives back or renews access."""
        if person := self._person(side, slot):
            self._try(side, verb(person=person))
            if verb is deactivate_person:
                self._is_out(side, person)
            self._nothing_revives()

    @rule(side=SIDE, slot=SLOT)
    def staff_thinks_again(self, side: int, slot: int) -> None:
        """Staff ends an access and gives it back: what was open before stays closed."""
        self.staff_decides_on_access(side, slot, deactivate_person)
        self.staff_decides_on_access(side, slot, reactivate_person)

    @rule(side=SIDE, slot=SLOT, verb=st.sampled_from((delete_person, restore_person)))
    def staff_deletes_or_restores(self, side: int, slot: int, verb: Any) -> None:
        """Staff deletes somebody, or brings her back."""
        if person := self._person(side, slot):
            self._try(side, verb(person=person))
            if verb is delete_person:
                self._is_out(side, person)
            self._nothing_revives()

    def _email_of(self, person: UUID) -> str:
        (row,) = self._run(self._rows("SELECT email_folded FROM person WHERE id = {}", person))
        return str(row["email_folded"] or "")

    def _is_out(self, side: int, person: UUID) -> None:
        """Nobody acts as *person* with what was opened before, now or ever."""
        for mine in self.sessions.values():
            for there, token in mine:
                if there == side and (there, token) not in self.ended:
                    (whose,) = self._run(self._rows(WHOSE_SESSION, token_hash(token))) or ({"person": None},)
                    if whose["person"] is not None and as_uuid(whose["person"]) == person:
                        self.ended.append((there, token))
        self._nothing_revives()

    def _nothing_revives(self) -> None:
        for side, token in self.ended:
            assert self._run(self._who(side, token)) is None

    async def _who(self, side: int, token: str) -> Actor | None:
        async with self.portals[side].work():
            return await self._actor(side, token)

    def _session(self, who: str, which: int) -> tuple[int, str] | None:
        mine = self.sessions[who]
        return mine[-1 - which % len(mine)] if mine else None

    async def _actor(self, side: int, token: str) -> Actor | None:
        portal = self.portals[side]
        identity = await identify(host=portal.host.split(":")[0], token=token, tenant=portal.tenant.id)
        return await build_actor(identity, await portal.snapshot()) if identity is not None else None

    def _acts(self, who: str, which: int, verb: Any) -> tuple[int, str, Any] | None:
        """Let somebody do something in one of her sessions, ended ones too; return where, and what came of it."""
        session = self._session(who, which)
        if session is None:
            return None
        side, token = session

        async def act() -> Any:
            actor = await self._actor(side, token)
            return await verb(actor) if actor is not None else None

        return side, token, self._try(side, act())

    def _renewed(self, who: str, acted: tuple[int, str, Any] | None) -> None:
        if acted is not None and isinstance(acted[2], str):
            self.sessions[who].append((acted[0], acted[2]))

    # -- what must hold ----------------------------------------------------------------------------------------------

    def _opened_by(self, password: str, done: Any) -> None:
        """Whoever got in with a password got into the account that has it."""
        if done is not None:
            (row,) = self._run(self._rows(OPENED, token_hash(done.token)))
            assert self._run(verify_password(row["password_hash"], password))

    def _was_sent_to_her(self, letter: Letter, done: Any) -> None:
        """Whoever got in through a link got into the account whose address it was sent to, as that is now."""
        if done is not None:
            (row,) = self._run(self._rows(OPENED, token_hash(done.token)))
            assert row["email"] == letter.to

    async def _rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with unscoped("test: looks at both tenants"), bypass_row_security():
            return await fetch(sql, *values)

    @invariant()
    def nobody_has_what_is_not_hers(self) -> None:
        """Every open session belongs to who reads the person's mail, and every account to one reader alone."""
        if not hasattr(self, "portals"):
            return
        tenants = tuple(portal.tenant.id for portal in self.portals)
        held = {token_hash(token): who for who, mine in self.sessions.items() for _side, token in mine}
        for row in self._run(self._rows(SESSIONS, *tenants)):
            who = held[row["hash"]]
            assert (self._owner(row["email"]), self._owner(row["account_email"])) == (who, who)
        served: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for row in self._run(self._rows(ACCOUNTS, *tenants)):
            served[as_uuid(row["account"])].append(row)
        offices: dict[UUID, set[UUID]] = defaultdict(set)
        for row in self._run(
            self._rows("SELECT account, tenant FROM linked_office WHERE tenant IN ({}, {})", *tenants)
        ):
            offices[as_uuid(row["account"])].add(as_uuid(row["tenant"]))
        for account, rows in served.items():
            there = {as_uuid(row["tenant"]) for row in rows}
            assert len(there) == len(rows) == rows[0]["offices"]
            assert len({self._owner(email) for row in rows for email in (row["email"], row["account_email"])}) == 1
            assert offices.pop(account, set()) == (there if len(rows) > 1 else set())
            assert len({as_uuid(row["person"]) for row in rows} - self.linked) <= 1
            assert len(rows) == 1 or not there & {tenants[side] for side in self.refusing}
        assert offices == {}
