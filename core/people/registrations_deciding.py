"""What staff decide about registrations: a contact comes of it, or a mail that says no. Each is decided once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.accounts.oidc.admitting import let_in
from core.accounts.oidc.registering import unpack_identity
from core.accounts.tables import Registration
from core.clock import now
from core.db import transaction
from core.errors import InvalidInputError, NotFoundError, WrongStateError
from core.i18n import Translator
from core.people.actor import current_actor
from core.people.company import Address
from core.people.customers import CustomerDetails, add_customer
from core.people.new_customers import open_portal
from core.people.persons import Details, EmailTakenError, Seat, add_contact, full_name, send_invitation, set_seat
from core.people.persons_known import is_recipient
from core.people.registrations import LONGEST, NOT_LET_IN, living_person, put_down
from core.people.tables import Customer
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid
from core.text import fold

if TYPE_CHECKING:
    from uuid import UUID

    from core.contributions import Reach

_ = Translator("core")
log = logging.getLogger("portico.people")


class DecidedError(WrongStateError):
    """Somebody else of the staff was quicker."""

    default = _("This registration has been decided already.")


async def find_registration(registration: UUID) -> Registration:
    """
    Return a registration whose address is confirmed.

    Raises:
        NotFoundError: there is none with that id.

    """
    confirmed = (Registration.id == registration) & (Registration.state != "unconfirmed")
    found: Registration | None = await Registration.objects().where(confirmed).first()
    if found is None:
        raise NotFoundError
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What staff put right of what was typed."""

    given_name: str
    family_name: str
    phone: str = ""


async def approve_registration(
    *,
    registration: UUID,
    customer: UUID,
    role: UUID,
    reach: Reach,
    corrected: Corrected | None = None,
    new_customer: str = "",
) -> UUID:
    """
    Make a contact of a registration, send the invitation, and return her id.

    Who brought an identity of a sign-in provider along gets in with that, and a mail that says so.

    A contact of the address book who asked gets the place and the invitation; what staff wrote of her stays. With
    *new_customer* a customer of that name is made, with the id *customer* and the country that was given.

    Raises:
        NotFoundError: no such registration, customer or role.
        DecidedError: somebody has decided meanwhile.
        EmailTakenError: the address is that of a member of the staff.
        InvalidInputError: something lacks that the tenant must know of a contact, or a customer has the name.

    """
    async with transaction():
        found = await find_registration(registration)
        await _decide(registration, "approved")
        if new_customer:
            await _add_customer(customer, new_customer, found.country)
        seat = Seat(customer=customer, role=role, reach=reach)
        known = await living_person(found.email)
        if known is not None and known.kind != "contact":
            raise EmailTakenError(person=as_uuid(known.id), name=full_name(known))
        if known is None or is_recipient(known):
            said = corrected or Corrected(given_name=found.given_name, family_name=found.family_name, phone=found.phone)
            details = Details(
                given_name=said.given_name,
                family_name=said.family_name,
                email=found.email,
                phone=said.phone,
                language=found.language,
            )
            recipient = as_uuid(known.id) if known is not None else None
            person = await add_contact(details=details, seats=[seat], person=recipient, source="registration")
        else:
            person = as_uuid(known.id)
            await set_seat(person=person, seat=seat)
        await Registration.update({Registration.person: person}).where(Registration.id == registration)
        await write_activity(
            kind="core.registration_approved",
            customer=customer,
            data={"registration": str(registration), "person": str(person), "name": _full(found)},
        )
        if known is None or known.state in NOT_LET_IN:
            proved = unpack_identity(found.identity)
            if proved is None or not await let_in(person=person, email=found.email, proved=proved):
                await send_invitation(person=person)
    log.info("registration_approved tenant=%s person=%s", current_tenant_id(), person)
    return person


async def _add_customer(customer: UUID, name: str, country: str) -> None:
    same = await Customer.exists().where((Customer.name_folded == fold(name)) & Customer.closed_at.is_null())
    if same:
        raise InvalidInputError(
            fields={"company": [_("There is a customer of this name. Choose it among yours.").format()]}
        )
    await add_customer(details=CustomerDetails(name=name, address=Address(country=country)), customer=customer)
    await open_portal(customer=customer)  # whoever lets somebody of it in wants her to find something


async def reject_registration(*, registration: UUID, reason: str = "") -> None:
    """
    Refuse a registration; who asked gets a mail that says so, with *reason* if there is one.

    Raises:
        NotFoundError: no such registration.
        DecidedError: somebody has decided meanwhile.
        InvalidInputError: the reason is too long.

    """
    if len(reason) > LONGEST["message"]:
        raise InvalidInputError(fields={"reason": [_("At most {n} characters.").format(n=LONGEST["message"])]})
    async with transaction():
        found = await find_registration(registration)
        await _decide(registration, "rejected")
        await write_activity(
            kind="core.registration_rejected", data={"registration": str(registration), "name": _full(found)}
        )
        await put_down(registration, "registration_rejected", reason=reason.strip())


async def _decide(registration: UUID, state: str) -> None:
    """Take the decision, once: of two at the same time, one finds it waiting."""
    values: dict[Any, Any] = {
        Registration.state: state,
        Registration.decided_at: now(),
        Registration.decided_by: current_actor().person,
    }
    waits = (Registration.id == registration) & (Registration.state == "waiting")
    if not await Registration.update(values).where(waits).returning(Registration.id):
        raise DecidedError


def _full(found: Registration) -> str:
    return f"{found.given_name} {found.family_name}".strip()
