"""
People who ask for access by themselves: they confirm their address, then staff decide.

Nothing that the page answers says whether an address is known, and it never names a customer. A registration holds no
credentials: those are set behind the invitation that follows an approval, so whoever registers another's address has
prepared nothing for themselves. An identity of a sign-in provider that somebody brings along waits with it, and stays
only if address and identity were proved in one browser.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from core.accounts import rate_limits
from core.accounts.errors import LinkSpentError
from core.accounts.mails import put_down_mail
from core.accounts.oidc.attempts import Proved
from core.accounts.oidc.registering import pack_identity, was_proved_in
from core.accounts.tables import Registration
from core.accounts.tokens import TOKEN_LENGTH, new_token, token_hash
from core.clock import now
from core.db import transaction, uuid7
from core.errors import InvalidInputError
from core.formats import COUNTRIES, typed_email
from core.i18n import LANGUAGES, Translator
from core.messages.queue import enqueue, work
from core.people.registration_texts import ENABLED
from core.people.tables import RECIPIENT, Person
from core.records.activity import write_activity
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import as_uuid, load_snapshot

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from core.messages.queue import Work

_ = Translator("core")

ASKED = "core.registration_asked"
MAIL = "core.registration_mail"
CONFIRM_LASTS = timedelta(hours=48)
KEPT = timedelta(days=90)
"""How long refused registrations are kept, so that staff can see what was asked."""
LONGEST = {"given_name": 100, "family_name": 100, "company": 200, "country": 2, "phone": 100, "message": 2_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody types to register. The company is free text: nothing is looked up for strangers."""

    email: str
    given_name: str
    family_name: str
    company: str
    country: str = ""
    phone: str = ""
    message: str = ""
    language: str | None = None


async def is_offered() -> bool:
    """Whether people may register at the tenant in scope."""
    return bool((await load_snapshot(current_tenant_id())).setting(ENABLED))


async def waiting_for(email_folded: str) -> UUID | None:
    """Return the registration with this address that waits for a decision, if there is one."""
    waits = (Registration.email == email_folded) & (Registration.state == "waiting")
    row = await Registration.select(Registration.id).where(waits).order_by(Registration.id).first()
    return as_uuid(row["id"]) if row is not None else None


# -- asking ------------------------------------------------------------------------------------------------------------


async def ask_for_access(*, asked: Asked, address: str, proved: Proved | None = None, browser: str = "") -> bool:
    """
    Take a registration. What becomes of it is decided by the worker, so that no answer and no delay tells anything.

    *address* is the reader's IP address; *proved* is who she is at a sign-in provider, proved in *browser*. Return
    whether the e-mail address still has to be confirmed: not if the provider's word is enough that it is hers.

    Raises:
        InvalidInputError: something of it cannot be used.
        TooManyAttemptsError: too many for this e-mail address, or from this network.

    """
    clean = _checked(asked)
    await rate_limits.take(rate_limits.REGISTRATION_NETWORK, rate_limits.prefix_of(address))
    await rate_limits.take(rate_limits.REGISTRATION, clean.email)
    verified = proved is not None and proved.verified and proved.email == clean.email
    identity = pack_identity(proved, browser) if proved is not None else {}
    payload = asdict(clean) | {"identity": identity, "verified": verified}
    await enqueue(kind=ASKED, payload=payload, tenant=current_tenant_id())
    return not verified


def _checked(asked: Asked) -> Asked:
    email = typed_email(asked.email)
    texts = {name: getattr(asked, name).strip() for name in LONGEST}
    problems = {
        name: [_("At most {n} characters.").format(n=longest)]
        for name, longest in LONGEST.items()
        if len(texts[name]) > longest
    }
    problems |= {
        name: [_("Please fill this in.")] for name in ("given_name", "family_name", "company") if not texts[name]
    }
    if texts["country"] and texts["country"] not in COUNTRIES:
        problems["country"] = [_("Choose one from the list.")]
    if problems:
        raise InvalidInputError(fields=problems)
    return Asked(email=email, language=asked.language if asked.language in LANGUAGES else None, **texts)


@work(ASKED)
async def answer_registration(item: Work) -> None:
    """Look the address up where nobody can see it, and write what is due to whoever reads it."""
    asked = Asked(**{one.name: item.payload[one.name] for one in fields(Asked) if one.name in item.payload})
    if not await is_offered():
        return
    person = await living_person(asked.email)
    if person is not None and person.state not in NOT_LET_IN:
        if person.state in {"active", "invited"}:
            await put_down_mail(template="already_known", person=as_uuid(person.id), to=asked.email)
        return
    waiting = await waiting_for(asked.email)
    if waiting is not None:
        await put_down(waiting, "registration_waiting")
        return
    await Registration.delete().where((Registration.email == asked.email) & (Registration.state == "unconfirmed"))
    registration = Registration(id=uuid7(), created_at=now(), **asdict(asked))
    registration.identity = msgspec.json.encode(item.payload.get("identity", {})).decode()
    if not item.payload.get("verified"):
        await Registration.insert(registration)
        await put_down(as_uuid(registration.id), "registration_confirm")
        return
    registration.state, registration.confirmed_at = "waiting", now()
    await Registration.insert(registration)
    await _tell_staff(registration.id, registration.given_name, registration.family_name, registration.company)


async def _tell_staff(registration: object, given_name: str, family_name: str, company: str) -> None:
    name = f"{given_name} {family_name}".strip()
    facts = {"registration": str(registration), "name": name, "company": company}
    await write_activity(kind="core.registration_confirmed", data=facts)


NOT_LET_IN = frozenset({RECIPIENT, "address_book", "pending"})
"""States of people whom staff know but have not let in: they may ask, and an approval lets them in."""


async def living_person(email: str) -> Person | None:
    """Return who of the tenant has this address, if anybody."""
    found: Person | None = (
        await Person.objects().where((Person.email_folded == email) & Person.deleted_at.is_null()).first()
    )
    return found


async def put_down(registration: UUID, template: str, **facts: str) -> None:
    """Have a mail of *template* sent to the address of a registration."""
    payload = {"registration": str(registration), "template": template, "facts": facts}
    await enqueue(kind=MAIL, payload=payload, tenant=current_tenant_id())


# -- confirming the address --------------------------------------------------------------------------------------------


async def issue_confirmation(*, registration: UUID) -> tuple[str, datetime] | None:
    """
    Return the path of a fresh link that confirms the address, and its end; None where nothing is to be confirmed.

    For the moment of sending: the token is stored hashed only, and an earlier link of the registration ends.
    """
    token, expires_at = new_token(), now() + CONFIRM_LASTS
    values: dict[Any, Any] = {Registration.token_hash: token_hash(token), Registration.expires_at: expires_at}
    open_one = (Registration.id == registration) & (Registration.state == "unconfirmed")
    changed = await Registration.update(values).where(open_one).returning(Registration.id)
    return (f"/register/{token}", expires_at) if changed else None


def _confirmable(token: str) -> Any:
    return (
        (Registration.token_hash == token_hash(token))
        & (Registration.state == "unconfirmed")
        & (Registration.expires_at > now())
    )


async def find_unconfirmed(token: str) -> Registration | None:
    """Return the registration that the link would confirm, changing nothing."""
    if len(token) != TOKEN_LENGTH:
        return None
    found: Registration | None = await Registration.objects().where(_confirmable(token)).first()
    return found


async def confirm_address(*, token: str, browser: str = "") -> None:
    """
    Put the registration before the staff: its address is proved. The link is used up.

    An identity that she brought along stays with it only if *browser* is the one that proved it: otherwise somebody
    else may have typed her address, and her confirmation must not let that identity in.

    Raises:
        LinkSpentError: somebody was quicker, or the link can no longer be used.

    """
    if len(token) != TOKEN_LENGTH:
        raise LinkSpentError
    values: dict[Any, Any] = {
        Registration.state: "waiting",
        Registration.confirmed_at: now(),
        Registration.token_hash: None,
    }
    async with transaction():
        confirmed = (
            await Registration.update(values)
            .where(_confirmable(token))
            .returning(
                Registration.id,
                Registration.given_name,
                Registration.family_name,
                Registration.company,
                Registration.identity,
            )
        )
        if not confirmed:
            raise LinkSpentError
        row = confirmed[0]
        if not was_proved_in(row["identity"], browser):
            await Registration.update({Registration.identity: "{}"}).where(Registration.id == row["id"])
        await _tell_staff(row["id"], row["given_name"], row["family_name"], row["company"])


# -- tidying up --------------------------------------------------------------------------------------------------------


async def forget_old_registrations() -> None:
    """Delete registrations of the tenant in scope that were never confirmed, or were refused long ago."""
    stale = (Registration.state == "unconfirmed") & (Registration.created_at <= now() - CONFIRM_LASTS)
    old = (Registration.state == "rejected") & (Registration.decided_at <= now() - KEPT)
    await Registration.delete().where(stale | old)
