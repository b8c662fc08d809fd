"""Who is asked in one's stead."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from litestar import Response
from litestar.params import FromPath

from core.sdk import Translator, action, current_actor, errors, form, forms, page, render, see_other
from plugins.timesheets.forms import DeputyForm, pick
from plugins.timesheets.pages import AnyRequest
from plugins.timesheets.permissions import APPROVE
from plugins.timesheets.queries import names_of
from plugins.timesheets.services import add_deputy, end_deputy
from plugins.timesheets.services.deputies import candidates, own_deputies

_ = Translator("timesheets")


@page("/deputies", name="timesheets:deputies", permission=APPROVE)
async def show_deputies() -> Response[str]:
    """Show who is asked as well, and a form for another one."""
    filled = DeputyForm()
    filled.first_day.data, filled.new.data = current_actor().tenant.today(), uuid4()
    return await _page(filled)


async def _page(filled: DeputyForm, *, status: int = 200) -> Response[str]:
    actor = current_actor()
    filled.deputy.choices = pick(list((await candidates(actor)).items()))
    own = await own_deputies(actor)
    names = await names_of([each.deputy for each in own])
    return await render(
        "timesheets/deputies.html",
        status=status,
        title=_("Deputies"),
        form=filled,
        deputies=[
            {"id": each.id, "name": names.get(each.deputy, ""), "first": each.first_day, "last": each.last_day}
            for each in own
        ],
        none_to_choose=len(filled.deputy.choices) < 2,
    )


@action("/deputies", name="timesheets:add-deputy", permission=APPROVE)
async def add(request: AnyRequest) -> Response[Any]:
    """Have a colleague asked as well."""
    actor = current_actor()
    filled = await form(request, DeputyForm)
    filled.deputy.choices = pick(list((await candidates(actor)).items()))
    if filled.validate() and filled.first_day.data and filled.last_day.data:
        try:
            await add_deputy(
                deputy=UUID(filled.deputy.data),
                first_day=filled.first_day.data,
                last_day=filled.last_day.data,
                by=actor,
                id=filled.new.data,
            )
        except errors.InvalidInputError as error:
            forms.add_problems(filled, error.fields)
        else:
            return see_other("/timesheets/deputies", flash_text=_("Your deputy is asked as well on these days."))
    return await _page(filled, status=422)


@action("/deputies/{deputy:uuid}/end", name="timesheets:end-deputy", permission=APPROVE)
async def end(deputy: FromPath[UUID]) -> Response[str]:
    """End a deputy's time."""
    await end_deputy(deputy=deputy, by=current_actor())
    return see_other("/timesheets/deputies", flash_text=_("Your deputy is not asked any more."))


HANDLERS: list[Any] = [show_deputies, add, end]
