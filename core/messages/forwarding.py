"""
Forwarding a record's files by e-mail, to people who need not be known to the portal.

The files go along as attachments: a link would be a second way to a file beside the one access check. Whoever forwards
is named, and gets the answers; what is typed goes out as plain text, marked as theirs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.accounts import rate_limits
from core.clock import now
from core.contributions import Reach
from core.db import transaction, uuid7
from core.errors import InvalidInputError, NotFoundError, NotPermittedError, WrongStateError
from core.formats import FormatError, normalise_email
from core.i18n import Translator
from core.messages.fan_out import message_id
from core.messages.queue import enqueue
from core.messages.tables import Mail
from core.people.address_book import SHOWN, add_recipients, entries_of
from core.people.colleagues_rights import companies_seen
from core.people.tables import Membership
from core.records.activity import write_activity
from core.records.files import files_of
from core.records.kinds import kind_of
from core.tenancy.snapshot import as_uuid
from core.text import tidy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID

    from core.people.actor import Actor
    from core.records.base import CustomerRecord
    from core.records.tables import File

_ = Translator("core")

FORWARD = "core:document:forward"
SEND = "core:document:send"
"""The permissions of contacts and of staff."""
SETTING = "messages.forwarding"
ADDS = "messages.forwarding_adds"
WORK = "core.forward"
FORWARDED, SENT, ADDED = "core.document_forwarded", "core.document_sent", "core.recipients_added"

MOST_RECIPIENTS = 10
LARGEST = 10 * 1024 * 1024
"""Bytes of all files of a mail: encoded, they stay under what mail servers take."""
LONGEST_MESSAGE = 1_000
"""Characters."""
_SEPARATORS = re.compile(r"[\s,;]+")
_HOST = r"(?<![\w@.-])(?:[\w-]+\.)+"
_WEB_ADDRESS = re.compile(
    r"(?i)\b[a-z][a-z0-9+.-]*://|\bwww\.|\b(?:mailto|tel|javascript|data):\S"
    rf"|{_HOST}[^\W\d_]{{2,}}(?::\d|/)"
    rf"|{_HOST}(?:com|net|org|info|biz|app|dev|online|site|shop|store|xyz|top|link|click|live|cloud|page|website)\b"
    rf"|{_HOST}(?-i:eu|es|fr|pt|br|de|it|uk|ch|be|nl|us|ru|cn|co|io|me)\b(?!\.\w)"  # small: a sentence may begin so
)
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
"""What browsers take for dots between the names of a host."""


class NotPublishedError(WrongStateError):
    """Customers do not see the record: nobody else gets it either."""

    default = _("This is not published. Publish it first, then forward it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """What somebody typed: folded addresses, plain text, the files by id, and whether a copy comes back."""

    to: tuple[str, ...]
    message: str = ""
    files: tuple[UUID, ...] = ()
    copy: bool = False


def may_forward(actor: Actor, kind: str, record: CustomerRecord, files: Collection[File]) -> bool:
    """Whether *actor* may forward the loaded *record*: for the button."""
    return _offers(actor, kind) and _permits(actor, record) and _is_shown(record) and bool(_outward(files))


def _offers(actor: Actor, kind: str) -> bool:
    """Whether there is such a thing at all for *actor*: the kind has it, and the tenant leaves it to contacts."""
    offered = kind_of(kind, actor).forward
    if not (offered(actor) if callable(offered) else offered):
        return False
    return actor.is_staff or (actor.is_contact and bool(actor.tenant.setting(SETTING)))


def _permits(actor: Actor, record: CustomerRecord) -> bool:
    if actor.viewed_by is not None or actor.person is None:
        return False
    return actor.can(SEND) if actor.is_staff else actor.can(FORWARD, customer=_customer(record))


def _is_shown(record: CustomerRecord) -> bool:
    since: object = record.published_at
    return since is not None


def _outward(files: Collection[File]) -> list[File]:
    return [file for file in files if not file.internal]


def _customer(record: CustomerRecord) -> UUID:
    return as_uuid(getattr(record.customer, "id", record.customer))


async def forwardable(*, actor: Actor, kind: str, record: CustomerRecord) -> list[File]:
    """
    Return the files of a loaded record that *actor* may forward, never internal ones.

    Raises:
        NotFoundError: its kind does not offer it, the tenant has it off, or there is no file.
        NotPermittedError: the actor's role does not allow it.
        NotPublishedError: customers do not see the record.

    """
    if not _offers(actor, kind):
        raise NotFoundError
    if not _permits(actor, record):
        raise NotPermittedError
    if not _is_shown(record):
        raise NotPublishedError
    files = _outward(await files_of(record=(kind, record.id), with_internal=False))
    if not files:
        raise NotFoundError
    return files


def has_link(text: str) -> bool:
    """Whether mail programs would make a link of something in *text*."""
    return _WEB_ADDRESS.search(text.translate(_DOTS)) is not None


def read_addresses(text: str) -> tuple[str, ...]:
    """
    Return the addresses in *text*, folded, each once; commas, semicolons, spaces and line breaks separate them.

    Raises:
        InvalidInputError: none, too many, or something is no address.

    """
    found: dict[str, None] = {}
    typed = [part for part in _SEPARATORS.split(text) if part]
    if not typed:
        raise _refused("to", _("Name at least one e-mail address."))
    for part in typed[: 2 * MOST_RECIPIENTS]:
        try:
            found[normalise_email(part)] = None
        except FormatError:
            raise _refused("to", _("“{text}” is not an e-mail address.").format(text=part[:100])) from None
    if len(found) > MOST_RECIPIENTS or len(typed) > 2 * MOST_RECIPIENTS:
        raise _refused("to", _("Forward to at most {n} addresses at once.").format(n=MOST_RECIPIENTS))
    return tuple(found)


def _refused(field: str, reason: object) -> InvalidInputError:
    return InvalidInputError(fields={field: [reason]})  # type: ignore[list-item]  # a LazyString


async def forward_document(
    *, actor: Actor, kind: str, record: CustomerRecord, forwarding: Forwarding, id: UUID | None = None
) -> list[str]:
    """
    Forward files of a loaded record; return the addresses that are new in the customer's address book.

    One mail to each recipient, who does not see the others. The same *id* again sends nothing.

    Raises as `forwardable` does, and:
        InvalidInputError: something of it cannot be used.
        TooManyAttemptsError: too many recipients by this person or customer, or too many mails to one address.

    """
    offered = {as_uuid(file.id): file for file in await forwardable(actor=actor, kind=kind, record=record)}
    clean = _checked(forwarding, offered, actor)
    first, customer = id or uuid7(), _customer(record)
    if await Mail.exists().where(Mail.id == first):
        return []
    await _count(actor, customer, clean.to)
    copies = [actor.email] if clean.copy and actor.email and actor.email not in clean.to else []
    added: list[str] = []
    async with transaction():
        adds = actor.is_contact and bool(actor.tenant.setting(ADDS))
        facts = _facts(actor, kind, record, clean, adds=adds)
        if not await _put_down(first, clean.to[0], actor, facts):
            return []  # the same form came twice at the same moment
        for address in [*clean.to[1:], *copies]:
            await _put_down(uuid7(), address, actor, facts)
        await write_activity(
            kind=FORWARDED if actor.is_contact else SENT,
            by=actor,
            record=(kind, record),
            data={"recipients": ", ".join(clean.to), "files": [offered[file].name for file in clean.files]},
        )
        if adds:
            others = [address for address in clean.to if address != actor.email]
            added = await add_recipients(customer=customer, emails=others, by=actor.person)
        if added:
            await write_activity(kind=ADDED, by=actor, customer=customer, data={"recipients": ", ".join(added)})
    return added


def _checked(forwarding: Forwarding, offered: dict[UUID, File], actor: Actor) -> Forwarding:
    message = tidy(forwarding.message)
    files = tuple(dict.fromkeys(forwarding.files)) or (tuple(offered) if len(offered) == 1 else ())
    if len(message) > LONGEST_MESSAGE:
        raise _refused("message", _("Write at most {n} characters.").format(n=LONGEST_MESSAGE))
    if actor.is_contact and has_link(message):
        raise _refused("message", _("Links cannot be sent along: this mail goes out in the name of the portal."))
    if not files or not set(files) <= set(offered):
        raise _refused("files", _("Choose at least one file."))
    if sum(offered[file].size for file in files) > LARGEST:
        size = LARGEST // (1024 * 1024)
        text = _("These files are too large for a mail: at most {n} MB go along. Choose fewer, or download them.")
        raise _refused("files", text.format(n=size))
    return Forwarding(to=read_addresses(" ".join(forwarding.to)), message=message, files=files, copy=forwarding.copy)


async def _count(actor: Actor, customer: UUID, to: Sequence[str]) -> None:
    await rate_limits.take(rate_limits.FORWARD, str(actor.person), times=len(to))
    if actor.is_contact:
        await rate_limits.take(rate_limits.FORWARD_CUSTOMER, str(customer), times=len(to))
    for address in to:
        await rate_limits.take(rate_limits.FORWARD_ADDRESS, address)


async def _put_down(mail: UUID, address: str, actor: Actor, facts: Mapping[str, object]) -> bool:
    """Write the mail down and queue it; False where it is there already."""
    row = Mail(
        id=mail,
        recipient=address,
        kind=FORWARDED if actor.is_contact else SENT,
        message_id=message_id(mail, actor.tenant),
        created_at=now(),
    )
    if not await Mail.insert(row).on_conflict(action="DO NOTHING"):
        return False
    await enqueue(kind=WORK, payload=facts, tenant=actor.tenant.id, id=mail)
    return True


def _facts(actor: Actor, kind: str, record: CustomerRecord, clean: Forwarding, *, adds: bool) -> dict[str, object]:
    """Return what the mails are made of when they leave."""
    return {
        "kind": kind,
        "record": str(record.id),
        "files": [str(file) for file in clean.files],
        "message": clean.message,
        "by": str(actor.person),
        "to": list(clean.to),
        "language": actor.language,
        "kept": adds,
    }


async def suggested_addresses(*, actor: Actor, record: CustomerRecord) -> list[tuple[str, str]]:
    """
    Return address and name of whom *actor* may think of: the address book, and colleagues where she sees them.

    Who forwards less than all of a company's documents does not see to whom others did.
    """
    customer = _customer(record)
    whole = actor.is_staff or (actor.reach(FORWARD, customer) or Reach.OWN) >= Reach.COMPANY
    found = {entry.email: entry.name for entry in await entries_of(customer, by=None if whole else actor.person)}
    if actor.can("core:person:view") if actor.is_staff else customer in companies_seen(actor):
        rows = (
            await Membership.select(
                Membership.person.email.as_alias("email"),
                Membership.person.given_name.as_alias("given"),
                Membership.person.family_name.as_alias("family"),
            )
            .where(Membership.customer == customer, Membership.person.deleted_at.is_null())
            .limit(SHOWN)
        )
        for row in rows:
            if row["email"] and row["email"] != actor.email:
                found[row["email"]] = f"{row['given']} {row['family']}".strip() or row["email"]
    return sorted(found.items(), key=lambda one: one[1].casefold())
