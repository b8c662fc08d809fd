"""The mails of forwarded documents, as they leave: what is no longer shown, or by somebody who is gone, stays here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.accounts import rate_limits
from core.db import transaction
from core.i18n import Translator, text_in
from core.messages.forwarding import WORK, has_link
from core.messages.mail import Attachment, Letter, mail_language
from core.messages.queue import PermanentError, Work, work
from core.messages.recipients import Addressee, load_people, subject_of
from core.messages.sending import mark_failed, transmit
from core.messages.tables import Mail
from core.messages.texts import one_line
from core.people.queries import customer_names
from core.records.activity import write_activity
from core.records.kinds import audience
from core.records.storage import MissingContentError, get_content
from core.records.tables import File
from core.registry import CORE, registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import TenantSnapshot, as_uuid, load_snapshot

if TYPE_CHECKING:
    from core.contributions import RecordKind
    from core.records.base import CustomerRecord

_ = Translator("core")

_MEDIA_TYPES = frozenset({"application/pdf", "application/xml", "text/xml", "text/plain", "image/png", "image/jpeg"})
"""What goes by its own name; all else is bytes to a mail program."""
_SUBJECT = _("{kind} {title} of {tenant}, forwarded to you")
_SUBJECT_COPY = _("Your copy: {kind} {title} of {tenant}")


@work(WORK, atomic=False, gave_up=mark_failed)
async def send_forwarded(item: Work) -> None:
    """
    Send one; its Mail row has the work's id.

    Raises:
        PermanentError: the document is no longer shown, a file is gone, or who forwarded it has no access any more.

    """
    facts = item.payload
    tenant = await load_snapshot(current_tenant_id())
    mail = await Mail.objects().where(Mail.id == item.id).first()
    if mail is None or mail.state == "sent":
        return
    by = UUID(facts["by"])
    sender = (await load_people(tenant.id, {by})).get(by)
    if sender is None or not sender.can_sign_in or not sender.email:
        message = "who forwarded it has no access any more"
        raise PermanentError(message)
    subject = await _document(tenant, facts, sender)
    attachments = await _attachments(facts, subject[1])
    language = mail_language(tenant, facts["language"])
    letter = await _letter(
        tenant,
        sender,
        facts,
        subject=subject,
        language=language,
        to=mail.recipient,
        attachments=attachments,
    )
    await transmit(mail, letter, tenant=tenant, to=mail.recipient, name="", language=language)


async def _document(tenant: TenantSnapshot, facts: Any, sender: Addressee) -> tuple[RecordKind, CustomerRecord]:
    subject = await subject_of(facts["kind"], UUID(facts["record"]))
    owner = registry().record_kinds[facts["kind"]].owner if subject is not None else ""
    shown = subject is not None and (owner == CORE or owner in tenant.modules())
    if subject is None or not shown or not await _is_hers(subject[1], sender):
        message = "the document is no longer shown"
        raise PermanentError(message)
    return subject


async def _is_hers(record: CustomerRecord, sender: Addressee) -> bool:
    """Whether the record is published, and shown to the contact who forwarded it."""
    since: object = record.published_at
    if since is None:
        return False
    return sender.kind.value == "staff" or sender.id in await audience(record)


async def _attachments(facts: Any, record: CustomerRecord) -> tuple[Attachment, ...]:
    wanted = [UUID(file) for file in facts["files"]]
    rows = await File.objects().where(
        File.id.is_in(wanted), File.record_kind == facts["kind"], File.record == record.id, File.internal.eq(False)
    )
    if len(rows) != len(wanted):
        message = "a file is no longer there"
        raise PermanentError(message)
    return tuple([await _attachment(file, facts["kind"], record) for file in rows])


async def _attachment(file: File, kind: str, record: CustomerRecord) -> Attachment:
    try:
        data = await get_content(file.sha256)
    except MissingContentError as error:
        if await rate_limits.attempt(rate_limits.MISSING_FILE, str(file.id)):
            async with transaction():
                await write_activity(kind="core.file_missing", record=(kind, record), data={"name": file.name})
        message = "a file is missing or damaged"
        raise PermanentError(message) from error
    media_type = file.media_type if file.media_type in _MEDIA_TYPES else "application/octet-stream"
    return Attachment(name=file.name, media_type=media_type, data=data)


async def _letter(
    tenant: TenantSnapshot,
    sender: Addressee,
    facts: Any,
    *,
    subject: tuple[RecordKind, CustomerRecord],
    language: str,
    to: str,
    attachments: tuple[Attachment, ...],
) -> Letter:
    kind, record = subject
    customer = as_uuid(getattr(record.customer, "id", record.customer))
    copy = to not in facts["to"]
    known = {
        "kind": kind.label.in_language(language),
        "title": text_in(kind.title(record), language),
        "tenant": tenant.name,
    }
    email = sender.email or ""
    by = one_line(sender.name)
    if not by or has_link(by):  # people choose their names: none of them is a way to send a link
        by = email
    staff = sender.kind.value == "staff"
    office = one_line(str(tenant.setting("brand.email")))
    return Letter(
        template="forwarded",
        subject=(_SUBJECT_COPY if copy else _SUBJECT).format(**known).in_language(language),
        context=known
        | {
            "by": by,
            "email": email,
            "company": "" if staff else (await customer_names([customer])).get(customer, ""),
            "message": facts["message"],
            "copy_to": facts["to"] if copy else [],
            "kept": bool(facts["kept"]) and to != email,
            "files": [attachment.name for attachment in attachments],
        },
        reply_to=(tenant.name, office) if staff and office else (by, email),
        attachments=attachments,
    )
