"""Mails to people who have registered and are nobody's contact yet. The link is made when the mail is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from core.accounts.tables import Registration
from core.clock import now
from core.db import commit_request, transaction
from core.i18n import Translator
from core.messages.fan_out import message_id
from core.messages.mail import Letter, is_address, mail_language
from core.messages.queue import PermanentError, Work, work
from core.messages.sending import mark_failed, transmit
from core.messages.tables import Mail
from core.messages.texts import portal_name
from core.people.registration_texts import own_mail_text
from core.people.registrations import MAIL, issue_confirmation
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import load_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.i18n import LazyString

_ = Translator("core")

CONFIRM = "registration_confirm"
SUBJECTS: Mapping[str, LazyString] = {
    CONFIRM: _("Confirm your registration for {portal}"),
    "registration_waiting": _("Your registration for {portal}"),
    "registration_rejected": _("Your registration for {portal}"),
}
"""The mails about registrations, each with its templates in `templates/mails`, and their subjects."""


@work(MAIL, atomic=False, gave_up=mark_failed)
async def send_registration_mail(item: Work) -> None:
    """
    Send one; its Mail row has the work's id from the first attempt on, so that a failure shows.

    Raises:
        PermanentError: there is no such mail, or no address to send it to.

    """
    template, facts = item.payload["template"], item.payload.get("facts", {})
    if template not in SUBJECTS:
        message = f"there is no mail {template!r} about registrations"
        raise PermanentError(message)
    found = await Registration.objects().where(Registration.id == UUID(item.payload["registration"])).first()
    if found is None:
        return
    if not is_address(found.email):
        message = "the registration has no usable e-mail address"
        raise PermanentError(message)
    tenant = await load_snapshot(current_tenant_id())
    mail = await Mail.objects().where(Mail.id == item.id).first()
    if mail is None:
        kind, sent_as = f"core.{template}", message_id(item.id, tenant)
        mail = Mail(id=item.id, recipient=found.email, kind=kind, message_id=sent_as, created_at=now())
        async with transaction():
            await Mail.insert(mail)
        await commit_request()
    if mail.state == "sent":
        return
    link: tuple[str, object] | None = ("/", None)
    if template == CONFIRM:
        async with transaction():
            link = await issue_confirmation(registration=UUID(str(found.id)))
    if link is None:  # confirmed or decided meanwhile
        async with transaction():
            await Mail.delete().where(Mail.id == mail.id)
        return
    path, expires_at = link
    name = f"{found.given_name} {found.family_name}".strip()
    language = mail_language(tenant, found.language)
    letter = Letter(
        template=template,
        subject=SUBJECTS[template].format(portal=portal_name(tenant)).in_language(language),
        context={
            "url": tenant.origin + path,
            "expires_at": expires_at,
            # who registers another's address must not write to her: until it is confirmed, nothing typed is sent
            "greeting_name": "" if template == CONFIRM else name,
            "reason": facts.get("reason", ""),
            "own_text": own_mail_text(tenant, language) if template == CONFIRM else (),
        },
    )
    recipient = "" if template == CONFIRM else name
    await transmit(mail, letter, tenant=tenant, to=found.email, name=recipient, language=language)
