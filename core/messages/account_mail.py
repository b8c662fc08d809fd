"""Mails about somebody's access: invitation, new password, changes. Their links are made when they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from core.clock import now
from core.db import commit_request, fetch, transaction
from core.i18n import Translator
from core.messages.fan_out import message_id
from core.messages.mail import Letter, is_address, mail_language
from core.messages.queue import MailLink, PermanentError, Work, link_maker, work
from core.messages.recipients import Addressee, load_people
from core.messages.sending import mark_failed, transmit
from core.messages.tables import Mail
from core.messages.texts import known_instant, portal_name
from core.tenancy.scope import current_tenant_id
from core.tenancy.snapshot import TenantSnapshot, as_uuid, load_snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.i18n import LazyString

_ = Translator("core")

SUBJECTS: Mapping[str, LazyString] = {
    "invitation": _("Access to {portal}"),
    "temporary_password": _("Your access to {portal}"),
    "reset": _("Reset your password"),
    "sign_in": _("Your sign-in link for {portal}"),
    "password_changed": _("Your password was changed"),
    "change_email": _("Confirm your new e-mail address"),
    "email_change_asked": _("A change of your e-mail address was requested"),
    "email_changed": _("Your e-mail address was changed"),
    "new_device": _("A sign-in from a new device"),
    "identity_connected": _("A way to sign in was added"),
    "identity_disconnected": _("A way to sign in was removed"),
    "access_open": _("Your access to {portal}"),
    # staff reads subjects of mails that fail: it must not learn of linking
    "linking_password": _("Access to {portal}"),
    "linked": _("Access to {portal}"),
    "join": _("Access to {portal}"),
    "separated": _("Access to {portal}"),
    "already_known": _("You have access to {portal} already"),
}
"""The account mails there are, each with its templates in `templates/mails`, and their subjects."""

_CUSTOMERS = """
SELECT c.name AS name, c.language AS language
FROM membership m JOIN customer c ON c.tenant = m.tenant AND c.id = m.customer
WHERE m.tenant = {} AND m.person = {} ORDER BY c.name
"""


@work("core.account_mail", atomic=False, gave_up=mark_failed)
async def send_account_mail(item: Work) -> None:
    """
    Send one; its Mail row has the work's id from the first attempt on, so that a failure shows.

    Raises:
        PermanentError: there is no such mail, or no address to send it to.

    """
    template, facts = item.payload["template"], item.payload.get("facts", {})
    if template not in SUBJECTS:
        message = f"there is no account mail {template!r}"
        raise PermanentError(message)
    tenant = await load_snapshot(current_tenant_id())
    id = UUID(item.payload["person"])
    person = (await load_people(tenant.id, {id})).get(id)
    if person is None:
        return
    to = item.payload.get("to") or person.email or ""
    mail = await _mail_of(item, tenant, person, to=to, template=template)
    if mail.state == "sent":
        return
    if not is_address(to):
        message = "the person has no usable e-mail address"
        raise PermanentError(message)
    link = await _link(template, person.id, to, facts)
    if link is None:
        async with transaction():
            await Mail.delete().where(Mail.id == mail.id)
        return
    await _send(mail, tenant, person, template=template, to=to, link=link, facts=facts)


async def _mail_of(item: Work, tenant: TenantSnapshot, person: Addressee, *, to: str, template: str) -> Mail:
    found = await Mail.objects().where(Mail.id == item.id).first()
    if found is not None:
        return found
    mail = Mail(
        id=item.id,
        person=person.id,
        recipient=to,
        kind=f"core.{template}",
        message_id=message_id(item.id, tenant),
        created_at=now(),
    )
    async with transaction():
        await Mail.insert(mail)
    await commit_request()
    return mail


async def _link(template: str, person: UUID, to: str, facts: Mapping[str, str]) -> MailLink | None:
    make = link_maker(template)
    if make is None:
        return MailLink(path="/")
    async with transaction():
        return await make(person=person, to=to, facts=facts)


async def _send(
    mail: Mail,
    tenant: TenantSnapshot,
    person: Addressee,
    *,
    template: str,
    to: str,
    link: MailLink,
    facts: Mapping[str, str],
) -> None:
    customers = await fetch(_CUSTOMERS, tenant.id, as_uuid(person.id))
    own = [row["language"] for row in customers if row["language"]]
    language = mail_language(tenant, person.language, own[0] if own else None)
    name = facts.get("customer") or (customers[0]["name"] if len(customers) == 1 else "")
    letter = Letter(
        template=template,
        subject=SUBJECTS[template].format(portal=portal_name(tenant)).in_language(language),
        context={
            "url": tenant.origin + link.path,
            "expires_at": link.expires_at,
            "code": link.code,
            "to": to,
            "facts": facts,
            "at": known_instant(facts.get("at")),
            "greeting_customer": name,
            "greeting_name": person.name,
        },
    )
    await transmit(mail, letter, tenant=tenant, to=to, name=person.name, language=language)
