"""The back office's buttons on people: login, invitation, new access, deactivate, delete, bring back; one or many."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, FromQuery

from core.contributions import Audience
from core.errors import InvalidInputError, NotFoundError
from core.i18n import Translator
from core.people import persons
from core.people.contact_queries import MOST_AT_ONCE, contacts_found, count_never_invited, never_invited
from core.people.forms import read_id
from core.people.pages import audience_path
from core.people.persons import full_name
from core.people.staff_people_pages import MANAGE, VIEW, Answer, AnyRequest, Refused, person_page, visible
from core.web import action, page, render, see_other

_ = Translator("core")

ONE = "/staff/people/{person:uuid}"


@action(f"{ONE}/login", name="people:create_login", permission=VIEW)
async def make_login(person: FromPath[UUID]) -> Answer:
    """Make the login without sending anything."""
    await visible(person, change=True)
    await persons.give_login(person=person)
    return see_other(f"/staff/people/{person}#access", flash_text=_("The login exists. Nothing has been sent yet."))


@action(f"{ONE}/invite", name="people:invite", permission=VIEW, limit="invitation")
async def invite(person: FromPath[UUID]) -> Answer:
    """Send the invitation, or once more."""
    found = await visible(person, change=True)
    await persons.send_invitation(person=person)
    said = _("The invitation is on its way to {email}. Earlier ones no longer work.").format(email=found.email)
    return see_other(f"/staff/people/{person}#access", flash_text=said)


@action(f"{ONE}/reset", name="people:reset_access", permission=VIEW, limit="invitation")
async def reset(person: FromPath[UUID]) -> Answer:
    """Begin anew with a person's access."""
    found = await visible(person, change=True)
    await persons.reset_person_access(person=person)
    said = _("The access of {name} has ended. A mail about how to sign in anew is on its way.")
    return see_other(f"/staff/people/{person}#access", flash_text=said.format(name=full_name(found)))


@action(f"{ONE}/deactivate", name="people:deactivate", permission=VIEW)
async def deactivate(person: FromPath[UUID]) -> Answer:
    """End a person's access."""
    found = await visible(person, change=True)
    await persons.deactivate_person(person=person)
    said = _("{name} has no access any more.").format(name=full_name(found))
    return see_other(f"/staff/people/{person}#access", flash_text=said)


@action(f"{ONE}/reactivate", name="people:reactivate", permission=VIEW)
async def reactivate(person: FromPath[UUID]) -> Answer:
    """Let a person in again."""
    found = await visible(person, change=True)
    await persons.reactivate_person(person=person)
    said = _("{name} is active again.") if persons.has_account(found) else _("{name} can be invited again.")
    return see_other(f"/staff/people/{person}#access", flash_text=said.format(name=full_name(found)))


@action(f"{ONE}/delete", name="people:delete_person", permission=VIEW)
async def delete(request: AnyRequest, person: FromPath[UUID]) -> Answer:
    """Delete a person; her records go to the one who was chosen."""
    found = await visible(person, change=True)
    heir = read_id(str((await request.form()).get("heir", "")))
    try:
        await persons.delete_person(person=person, heir=heir)
    except InvalidInputError as error:
        reasons = [reason for texts in error.fields.values() for reason in texts] or [error.message]
        return await person_page(found, Refused(heir=reasons[0]))
    said = _("{name} was deleted, and can be restored.").format(name=full_name(found))
    return see_other(audience_path(Audience(found.kind)), flash_text=said)


@action(f"{ONE}/restore", name="people:restore_person", permission=VIEW)
async def restore(person: FromPath[UUID]) -> Answer:
    """Bring a deleted person back, without her former access."""
    found = await visible(person, change=True, deleted=True)
    try:
        await persons.restore_person(person=person)
    except persons.EmailTakenError as error:
        return see_other(f"/staff/people/{person}", flash_text=error.fields["email"][0], kind="error")
    said = _("{name} is back, with the former rights and without access: send an invitation.")
    return see_other(f"/staff/people/{person}#access", flash_text=said.format(name=full_name(found)))


# -- many --------------------------------------------------------------------------------------------------------------


@page("/staff/people/invite", name="people:invite_many", permission=MANAGE)
async def ask_to_invite() -> Response[str]:
    """Say how many were never invited, before they are."""
    return await _many_page()


@action("/staff/people/invite", name="people:invite_ticked", permission=MANAGE, limit="invitation")
async def invite_many(request: AnyRequest, q: FromQuery[str] = "", show: FromQuery[str] = "") -> Answer:
    """Invite who is ticked, all that a list shows, or everybody who never was; say what became of each."""
    sent = await request.form()
    if sent.get("who") == "never":
        wanted = await never_invited()
    elif sent.get("all"):
        wanted = await contacts_found(search=q, state=show)
    else:
        ticked = [read_id(str(text)) for text in sent.getall("id", [])][:MOST_AT_ONCE]
        wanted = [id for id in dict.fromkeys(ticked) if id is not None]
    for id in wanted:
        if (await persons.find_person(id)).kind != "contact":
            raise NotFoundError
    if not wanted:
        return see_other("/staff/people", flash_text=_("Nobody is chosen who could be invited."), kind="warning")
    return await _many_page(done=await persons.invite_people(people=wanted))


async def _many_page(done: list[persons.Invited] | None = None) -> Response[str]:
    return await render(
        "people/invite.html",
        title=_("Send invitations"),
        waiting=await count_never_invited(),
        most=MOST_AT_ONCE,
        done=done,
        sent=sum(1 for one in done or () if one.reason is None),
        refused=[one for one in done or () if one.reason is not None],
    )


HANDLERS: list[Any] = [
    make_login,
    invite,
    reset,
    deactivate,
    reactivate,
    delete,
    restore,
    ask_to_invite,
    invite_many,
]
