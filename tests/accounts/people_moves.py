"""The machine's moves of Ana and Mallory: with the links in their mailboxes, their passwords and their sessions."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from core.accounts.changing_email import confirm_email, request_email_change
from core.accounts.hand_over import arrive, hand_over
from core.accounts.linking import link_accounts
from core.accounts.linking_password import request_linking_password, set_linking_password
from core.accounts.offices import offices_of
from core.accounts.services import request_reset, sign_in
from core.accounts.sessions import Device
from core.accounts.setting_passwords import accept_invitation, change_password, reset_password, set_new_password
from core.accounts.sign_in_links import request_sign_in_link, use_sign_in_link
from core.accounts.tables import LinkedOffice
from core.accounts.tokens import token_hash
from core.accounts.unlinking import unlink_office
from core.people.actor import Actor
from core.tenancy.snapshot import as_uuid
from tests.accounts.people_machine import PeopleMachine
from tests.accounts.people_model import (
    BOX,
    BROWSERS,
    NOBODYS,
    PASSWORDS,
    SECRET,
    SIDE,
    SLOT,
    WHICH,
    WHO,
    WHOSE_SESSION,
    Letter,
)


class PeoplesMoves(PeopleMachine):
    """What the two do, besides what staff do."""

    @initialize(start=st.sampled_from(("linked", "apart", "invited")))
    def begin(self, start: str) -> None:
        """Two new tenants; Ana and Mallory are in at the first one, and invited or linked at the second."""
        self._start()
        for slot, who in enumerate(PASSWORDS):
            for side in (0, 1):
                self.staff_adds(side, who)
                self.staff_invites(side, slot)
            self.accepts(who, 1, 0)
            if start == "linked":
                self.links(who, 0, 0)
            elif start == "apart":
                self.accepts(who, 0, 1)

    # -- Ana and Mallory: with the links in their own mailboxes, and the passwords they know -------------------------

    @precondition(lambda self: any(self.letters.values()))
    @rule(who=WHO, which=WHICH, secret=SECRET)
    def accepts(self, who: str, which: int, secret: int) -> None:
        """Somebody sets a password through an invitation or a reset, old ones too."""
        if letter := self._letter(who, which, "invitation", "reset"):
            verb = accept_invitation if letter.template == "invitation" else reset_password
            work = verb(token=letter.token, email=None, password=PASSWORDS[who][secret], device=Device())
            done = self._try(letter.side, work)
            self._keeps(who, letter.side, done)
            self._was_sent_to_her(letter, done)

    @rule(who=WHO, side=SIDE, own=st.sampled_from((True, True, False)), box=BOX, secret=SECRET)
    def signs_in(self, who: str, side: int, own: bool, box: str, secret: int) -> None:
        """Somebody tries her password, mostly with her own address."""
        box = who if own else box
        assert self._refused(side, sign_in(email=self._mail(box), password=NOBODYS, device=Device()))
        work = sign_in(email=self._mail(box), password=PASSWORDS[who][secret], device=Device())
        done = self._try(side, work)
        self._keeps(who, side, done)
        self._opened_by(PASSWORDS[who][secret], done)

    @rule(side=SIDE, box=BOX)
    def somebody_forgets(self, side: int, box: str) -> None:
        """Anybody asks for a reset of any address."""
        self._try(side, request_reset(email=self._mail(box), device=Device()))

    @rule(who=WHO, side=SIDE, own=st.booleans(), box=BOX)
    def wants_a_link_to_sign_in(self, who: str, side: int, own: bool, box: str) -> None:
        """Somebody asks for a link to any address, from her own browser."""
        email = self._mail(who if own else box)
        self._try(side, request_sign_in_link(email=email, browser=BROWSERS[who], device=Device()))

    @precondition(lambda self: any(self.letters.values()))
    @rule(who=WHO, which=WHICH)
    def uses_a_link_to_sign_in(self, who: str, which: int) -> None:
        """Somebody follows such a link in her own browser."""
        if letter := self._letter(who, which, "sign_in"):
            work = use_sign_in_link(token=letter.token, browser=BROWSERS[who], code="", device=Device())
            self._keeps(who, letter.side, self._try(letter.side, work))

    @precondition(lambda self: any(self.letters.values()))
    @rule(who=WHO, which=WHICH, secret=SECRET)
    def links(self, who: str, which: int, secret: int) -> None:
        """Somebody links behind an invitation."""
        if letter := self._letter(who, which, "invitation"):
            guess = link_accounts(token=letter.token, password=NOBODYS, device=Device())
            assert self._refused(letter.side, guess)
            work = link_accounts(token=letter.token, password=PASSWORDS[who][secret], device=Device())
            done = self._try(letter.side, work)
            self._keeps(who, letter.side, done)
            self._opened_by(PASSWORDS[who][secret], done)
            if done is not None:
                (row,) = self._run(self._rows(WHOSE_SESSION, token_hash(done.token)))
                self.linked.add(as_uuid(row["person"]))

    @precondition(lambda self: any(self.letters.values()))
    @rule(who=WHO, which=WHICH)
    def forgets_while_linking(self, who: str, which: int) -> None:
        """Somebody asks for the other account's password behind an invitation."""
        if letter := self._letter(who, which, "invitation"):
            self._try(letter.side, request_linking_password(token=letter.token, device=Device()))

    @precondition(lambda self: any(self.letters.values()))
    @rule(who=WHO, which=WHICH, secret=SECRET)
    def sets_it_while_linking(self, who: str, which: int, secret: int) -> None:
        """Somebody sets it, and comes back with another invitation."""
        if letter := self._letter(who, which, "linking_password"):
            back = self._try(letter.side, set_linking_password(token=letter.token, password=PASSWORDS[who][secret]))
            if back is not None:
                self.letters[who].append(Letter(letter.side, "invitation", back, letter.to))

    # -- with a session ----------------------------------------------------------------------------------------------

    @precondition(lambda self: any(self.sessions.values()))
    @rule(who=WHO, which=WHICH, secret=SECRET)
    def changes_the_password(self, who: str, which: int, secret: int) -> None:
        """Somebody changes her password, or sets it where she must."""

        async def change(actor: Actor) -> str:
            if actor.restricted:
                return await set_new_password(password=PASSWORDS[who][secret], by=actor)
            return await change_password(current=PASSWORDS[who][1 - secret], password=PASSWORDS[who][secret], by=actor)

        self._renewed(who, self._acts(who, which, change))

    @precondition(lambda self: any(self.sessions.values()))
    @rule(who=WHO, which=WHICH, box=BOX, secret=SECRET)
    def wants_another_address(self, who: str, which: int, box: str, secret: int) -> None:
        """Somebody asks for another address, perhaps one that is not hers."""

        async def ask(actor: Actor) -> None:
            await request_email_change(current=PASSWORDS[who][secret], email=self._mail(box), by=actor)

        self._acts(who, which, ask)

    @precondition(
        lambda self: any(letter.template == "change_email" for mine in self.letters.values() for letter in mine)
    )
    @rule(who=WHO, which=WHICH, session=WHICH, secret=SECRET, signed_in=st.booleans())
    def confirms_an_address(self, who: str, which: int, session: int, secret: int, signed_in: bool) -> None:
        """Somebody follows a link to confirm an address, in a session or with a password."""
        letter = self._letter(who, which, "change_email")
        if letter is None:
            return
        if not signed_in:
            self._try(letter.side, confirm_email(token=letter.token, password=PASSWORDS[who][secret], by=None))
            return

        async def confirm(actor: Actor) -> str | None:
            return await confirm_email(token=letter.token, password=PASSWORDS[who][secret], by=actor)

        self._renewed(who, self._acts(who, session, confirm))

    @precondition(lambda self: any(self.sessions.values()))
    @rule(who=WHO, which=WHICH, secret=SECRET, other=SLOT)
    def unlinks(self, who: str, which: int, secret: int, other: int) -> None:
        """Somebody parts one of her offices."""

        async def unlink(actor: Actor) -> str | None:
            found = await offices_of(actor.account) if actor.account else []
            if not found:
                return None
            return await unlink_office(office=found[other % len(found)].id, password=PASSWORDS[who][secret], by=actor)

        self._renewed(who, self._acts(who, which, unlink))

    @precondition(lambda self: any(self.sessions.values()))
    @rule(who=WHO, which=WHICH, other=SLOT)
    def goes_to_another_office(self, who: str, which: int, other: int) -> None:
        """Somebody goes to any office that there is, linked to her account or not, over the hand-over."""

        async def go(actor: Actor) -> str | None:
            rows = await LinkedOffice.select(LinkedOffice.id)
            if not rows:
                return None
            return await hand_over(office=as_uuid(rows[(which + other) % len(rows)]["id"]), by=actor)

        acted = self._acts(who, which, go)
        if acted is not None and isinstance(acted[2], str):
            token = acted[2].rpartition("/")[2]
            for side in (0, 1):
                self._keeps(who, side, self._try(side, arrive(token=token, device=Device())))
