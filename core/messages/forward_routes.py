"""The form that forwards a record's files by e-mail: one for every kind of record, for contacts and staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath
from wtforms import BooleanField, SelectMultipleField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from core.accounts.pages import own_frame
from core.db import uuid7
from core.formats import filesize
from core.forms import Form, HiddenId, LongTextField, Required, TextField, choices
from core.i18n import LazyString, Translator, current_language, text_in
from core.messages.forwarding import (
    ADDS,
    LARGEST,
    LONGEST_MESSAGE,
    MOST_RECIPIENTS,
    Forwarding,
    forward_document,
    forwardable,
    suggested_addresses,
)
from core.people.actor import current_actor
from core.people.forms import refused_into, words
from core.people.queries import customer_names
from core.records.kinds import kind_of, load_record
from core.web import action, form, page, render, see_other

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.people.actor import Actor
    from core.records.base import CustomerRecord
    from core.records.tables import File

_ = Translator("core")

_LONGEST = 2_000
"""Characters of a list of addresses."""
_DECIDES = "forwardable() decides per record"


class _Files(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ForwardForm(Form):
    """To whom, with which words, which files."""

    id = HiddenId()
    to = TextField(_("To"), [Required(_("Name at least one e-mail address.")), Length(max=_LONGEST)])
    message = LongTextField(_("Message"), [Length(max=LONGEST_MESSAGE)])
    files = _Files(words(_("Files")), choices=[], validate_choice=False)
    copy = BooleanField(words(_("Send a copy to me")))

    def offer(self, files: Sequence[File]) -> None:
        """Offer *files*; all of them are ticked where nothing was sent and they fit into a mail."""
        language = current_language()
        shown = [(str(file.id), f"{file.name} · {filesize(file.size, language)}") for file in files]
        self.files.choices = choices(shown)
        if not self.files.raw_data and not self.to.raw_data and sum(file.size for file in files) <= LARGEST:
            self.files.data = [id for id, _label in shown]

    def forwarding(self) -> Forwarding:
        """Return what was typed."""
        return Forwarding(
            to=(self.to.data,),
            message=self.message.data,
            files=tuple(id for id in map(_id, self.files.data or []) if id is not None),
            copy=bool(self.copy.data),
        )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@page("/records/{kind:str}/{record:uuid}/forward", name="records:forward_form", signed_in=_DECIDES)
async def show_form(kind: FromPath[str], record: FromPath[UUID]) -> Response[str]:
    """Show the form."""
    actor = current_actor()
    loaded = await load_record(actor, kind, record)
    files = await forwardable(actor=actor, kind=kind, record=loaded)
    return await _page(actor, kind, loaded, files, ForwardForm(data={"id": uuid7()}))


@action("/records/{kind:str}/{record:uuid}/forward", name="records:forward", signed_in=_DECIDES)
async def forward(request: Request[Any, Any, Any], kind: FromPath[str], record: FromPath[UUID]) -> Response[Any]:
    """Forward the files and return to the record."""
    actor = current_actor()
    loaded = await load_record(actor, kind, record)
    files = await forwardable(actor=actor, kind=kind, record=loaded)
    filled = await form(request, ForwardForm)
    if not filled.validate():
        return await _page(actor, kind, loaded, files, filled, status=422)
    with refused_into(filled, limits=True) as refusal:
        await forward_document(actor=actor, kind=kind, record=loaded, forwarding=filled.forwarding(), id=filled.id.data)
        return see_other(_back(actor, kind, loaded), flash_text=_("The document is on its way."))
    return refusal.answered(await _page(actor, kind, loaded, files, filled, status=422))


def _back(actor: Actor, kind: str, record: CustomerRecord) -> str:
    declared = kind_of(kind, actor)
    return (declared.staff_url or declared.url)(record) if actor.is_staff else declared.url(record)


async def _page(
    actor: Actor,
    kind: str,
    record: CustomerRecord,
    files: Sequence[File],
    filled: ForwardForm,
    *,
    status: int = 200,
) -> Response[str]:
    declared = kind_of(kind, actor)
    filled.offer(files)
    customer = getattr(record.customer, "id", record.customer)
    title: LazyString = _("Forward: {kind} {title}").format(
        kind=declared.label, title=text_in(declared.title(record), current_language())
    )
    return await render(
        "messages/forward.html",
        status=status,
        title=title,
        frame=own_frame(),
        form=filled,
        files=files,
        suggested=await suggested_addresses(actor=actor, record=record),
        most=MOST_RECIPIENTS,
        sender=actor.email,
        no_links=actor.is_contact,
        kept=actor.is_contact and bool(actor.tenant.setting(ADDS)),
        company=(await customer_names([customer])).get(customer, ""),
        back_url=_back(actor, kind, record),
        back_label=f"{declared.label} {text_in(declared.title(record), current_language())}",
    )


HANDLERS: list[Any] = [show_form, forward]
