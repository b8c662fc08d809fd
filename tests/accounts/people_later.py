"""The machine's moves around linking later: from the profile, by a change of address, and tenants that refuse it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from core.accounts.changing_email import confirm_email
from core.accounts.joining import join_by_link, join_by_password, request_joining
from core.people.actor import Actor
from core.preferences.values import save_settings
from core.tenancy.snapshot import as_uuid
from tests.accounts.people_model import ACCOUNTS, BOX, NOBODYS, PASSWORDS, SECRET, SIDE, WHICH, WHO, Place
from tests.accounts.people_moves import PeoplesMoves


def machine(place: Place) -> type[RuleBasedStateMachine]:
    """Return the machine for this database."""
    return type("PeopleMachine", (LinkingLater,), {"place": place})


class LinkingLater(PeoplesMoves):
    """All moves."""

    @rule(side=SIDE, linking=st.booleans())
    def a_tenant_decides_about_linking(self, side: int, linking: bool) -> None:
        """Staff switches linking on or off."""
        self._try(side, save_settings({"accounts.linking": linking}))
        (self.refusing.discard if linking else self.refusing.add)(side)

    @precondition(lambda self: any(self.sessions.values()))
    @rule(who=WHO, which=WHICH, box=BOX, here=SECRET, there=SECRET)
    def joins(self, who: str, which: int, box: str, here: int, there: int) -> None:
        """Somebody says that another sign-in is hers too, and gives its password, or one of her own."""

        async def join(actor: Actor) -> str:
            current, other = PASSWORDS[who][here], PASSWORDS[who][there]
            return await join_by_password(current=current, email=self._mail(box), password=other, by=actor)

        async def guess(actor: Actor) -> str:
            current = PASSWORDS[who][here]
            return await join_by_password(current=current, email=self._mail(box), password=NOBODYS, by=actor)

        acted = self._acts(who, which, guess)
        assert acted is None or acted[2] is None
        self._joined(who, self._acts(who, which, join))

    @precondition(lambda self: any(self.sessions.values()))
    @rule(who=WHO, which=WHICH, box=BOX, secret=SECRET)
    def wants_to_join(self, who: str, which: int, box: str, secret: int) -> None:
        """Somebody has a link sent to the address of another sign-in, perhaps not hers."""

        async def ask(actor: Actor) -> None:
            await request_joining(current=PASSWORDS[who][secret], email=self._mail(box), by=actor)

        self._acts(who, which, ask)

    @precondition(lambda self: any(letter.template == "join" for mine in self.letters.values() for letter in mine))
    @rule(who=WHO, which=WHICH, session=WHICH, secret=SECRET, signed_in=st.booleans())
    def follows_a_link_to_join(self, who: str, which: int, session: int, secret: int, signed_in: bool) -> None:
        """Whoever reads the mail follows it: in a session of hers, or with her own password."""
        letter = self._letter(who, which, "join")
        if letter is None:
            return

        async def follow(actor: Actor | None) -> str | None:
            return await join_by_link(token=letter.token, password=PASSWORDS[who][secret], by=actor)

        assert self._refused(letter.side, join_by_link(token=letter.token, password=NOBODYS, by=None))
        if signed_in:
            self._joined(who, self._acts(who, session, follow))
        else:
            self._try(letter.side, follow(None))
            self._whose_linked(who)

    @precondition(
        lambda self: any(letter.template == "change_email" for mine in self.letters.values() for letter in mine)
    )
    @rule(who=WHO, which=WHICH, session=WHICH, secret=SECRET)
    def confirms_an_address_and_joins(self, who: str, which: int, session: int, secret: int) -> None:
        """Somebody follows a link to confirm an address, and links what that opens elsewhere."""
        letter = self._letter(who, which, "change_email")
        if letter is None:
            return

        async def confirm(actor: Actor) -> str | None:
            return await confirm_email(token=letter.token, password=PASSWORDS[who][secret], by=actor, join=True)

        self._joined(who, self._acts(who, session, confirm))

    def _joined(self, who: str, acted: tuple[int, str, Any] | None) -> None:
        self._renewed(who, acted)
        self._whose_linked(who)

    def _whose_linked(self, who: str) -> None:
        """Whatever *who* has just done, accounts of several portals are linked by her who holds all their mailboxes."""
        tenants = tuple(portal.tenant.id for portal in self.portals)
        for row in self._run(self._rows(ACCOUNTS, *tenants)):
            if row["offices"] > 1 and self._owner(row["account_email"]) == who:
                self.linked.add(as_uuid(row["person"]))
