"""The preferences pages of sign-in providers: Google, Microsoft, and others that speak OpenID Connect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath
from wtforms import BooleanField, SelectField
from wtforms.fields import HiddenField, PasswordField
from wtforms.validators import Length, ValidationError

from core.accounts.oidc.kinds import GOOGLE_ISSUER, GUID, ICONS, LABELS, MANY_DIRECTORIES, MICROSOFT_ISSUER, Kind
from core.accounts.oidc.providers import (
    MOST,
    Provider,
    Wanted,
    add_provider,
    all_providers,
    change_provider,
    count_identities,
    find_provider,
    redirect_uri,
    remove_provider,
)
from core.db import uuid7
from core.errors import NotFoundError
from core.forms import Form, Required, TextField, choices
from core.i18n import Translator
from core.people.forms import refused_into, words
from core.people.registration_texts import ENABLED
from core.web import action, form, page, render, see_other, tenant

if TYPE_CHECKING:
    from collections.abc import Sequence

_ = Translator("core")

MANAGE = "core:preference:manage"
PATH = "/staff/preferences/providers"
ONE_DIRECTORY = "one"
"""The choice of a single directory of Microsoft's, whose id is typed."""

AnyRequest = Request[Any, Any, Any]


class ProviderForm(Form):
    """What every provider has."""

    kind = HiddenField()
    id = HiddenField()
    name = TextField(_("Name on the button"), [Required(), Length(max=40)])
    client_id = TextField(_("Client ID"), [Required(), Length(max=255)])
    secret = PasswordField(words(_("Client secret")), [Length(max=500)])
    registers = BooleanField(
        words(_("People may register with it")),
        description=words(_("Only where people may register by themselves at all. You still decide on each.")),
    )
    enabled = BooleanField(
        words(_("Offer it")),
        description=words(_("Off, its button is gone, and whoever signed in with it is signed out at once.")),
    )

    def chosen_issuer(self) -> str:
        """Return the issuer of a provider that is to be added."""
        return GOOGLE_ISSUER

    def wanted(self) -> Wanted:
        """Return what was typed."""
        trusts = self["trusts_email"].data if "trusts_email" in self else False
        return Wanted(
            name=self.name.data,
            client_id=self.client_id.data,
            secret=(self.secret.data or "").strip(),
            registers=self.registers.data,
            trusts_email=trusts,
            enabled=self.enabled.data,
        )


class NewMicrosoftForm(ProviderForm):
    """Whose people: those of one directory, or of any."""

    directory = SelectField(
        words(_("Who may sign in")),
        choices=choices(
            [
                ("organizations", _("People of any company (work and school accounts)")),
                ("common", _("Everybody, with private accounts too")),
                (ONE_DIRECTORY, _("People of one directory only")),
            ]
        ),
    )
    directory_id = TextField(_("Directory (tenant) ID, for one directory"), [Length(max=36)])

    def chosen_issuer(self) -> str:
        """Return the issuer: of the directory, or Microsoft's word for many."""
        chosen = self.directory.data
        return MICROSOFT_ISSUER.format(
            directory=chosen if chosen in MANY_DIRECTORIES else self.directory_id.data.strip().lower()
        )

    def validate_directory_id(self, field: TextField) -> None:
        """Only an id, since tokens carry nothing else."""
        if self.directory.data == ONE_DIRECTORY and not GUID.fullmatch(field.data.strip()):
            said = _(
                "Write the directory's ID, like 11111111-2222-3333-4444-555555555555. "
                "Microsoft Entra shows it on its overview."
            )
            raise ValidationError(said)  # type: ignore[arg-type]  # WTForms says str and passes it on unread


class OtherForm(ProviderForm):
    """Others vouch for addresses, or do not: that the tenant knows."""

    trusts_email = BooleanField(
        words(_("Trust addresses that it has verified")),
        description=words(
            _("Who registers with such an address need not confirm it. Only for a provider that checks every address.")
        ),
    )


class NewOtherForm(OtherForm):
    """Any issuer."""

    issuer = TextField(_("Issuer"), [Required(), Length(max=255)])

    def chosen_issuer(self) -> str:
        """Return what was typed."""
        return self.issuer.data


_NEW = {Kind.GOOGLE: ProviderForm, Kind.MICROSOFT: NewMicrosoftForm, Kind.OTHER: NewOtherForm}
_CHANGE = {Kind.GOOGLE: ProviderForm, Kind.MICROSOFT: ProviderForm, Kind.OTHER: OtherForm}


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError as error:
        raise NotFoundError from error


async def list_providers(tabs: Sequence[dict[str, Any]]) -> Response[str]:
    """Show the tenant's providers, and which may be added."""
    found = await all_providers()
    return await render(
        "preferences/providers.html",
        title=_("Preferences"),
        tabs=tabs,
        providers=found,
        kinds=[{"key": kind.value, "label": LABELS[kind], "icon": ICONS[kind]} for kind in Kind],
        is_full=len(found) >= MOST,
        registration=bool(tenant().setting(ENABLED)),
    )


async def _page(
    filled: ProviderForm, kind: Kind, *, id: UUID, known: Provider | None = None, status: int = 200
) -> Response[str]:
    return await render(
        "preferences/provider.html",
        status=status,
        title=known.name if known else LABELS[kind],
        form=filled,
        kind=kind.value,
        known=known,
        redirect_uri=redirect_uri(tenant(), id),
        connected=await count_identities(provider=id) if known else 0,
        path=f"{PATH}/{id}" if known else PATH,
    )


@page(f"{PATH}/new/{{kind:str}}", name="preferences:new_provider", permission=MANAGE)
async def new_provider(kind: FromPath[str]) -> Response[str]:
    """Show the form of a new provider, with the address that it must know before it gives a client id."""
    chosen, id = _kind(kind), uuid7()
    name = LABELS[chosen] if chosen is not Kind.OTHER else ""
    filled = _NEW[chosen](data={"kind": chosen.value, "id": str(id), "name": str(name), "enabled": True})
    return await _page(filled, chosen, id=id)


@action(PATH, name="preferences:add_provider", permission=MANAGE)
async def add(request: AnyRequest) -> Response[str]:
    """Add a provider that answers."""
    sent = await request.form()
    kind = _kind(str(sent.get("kind", "")))
    try:
        id = UUID(str(sent.get("id", "")))
    except ValueError as error:
        raise NotFoundError from error
    filled: ProviderForm = await form(request, _NEW[kind])
    if filled.validate():
        with refused_into(filled):
            await add_provider(id=id, kind=kind, issuer=filled.chosen_issuer(), wanted=filled.wanted())
            return see_other(PATH, flash_text=_("“{name}” is there.").format(name=filled.name.data))
    return await _page(filled, kind, id=id, status=422)


@page(f"{PATH}/{{provider:uuid}}", name="preferences:provider", permission=MANAGE)
async def show(provider: FromPath[UUID]) -> Response[str]:
    """Show a provider; its secret is never shown again."""
    found = await find_provider(provider)
    values = {name: getattr(found, name) for name in ("name", "client_id", "registers", "trusts_email", "enabled")}
    return await _page(_CHANGE[found.kind](data=values), found.kind, id=provider, known=found)


@action(f"{PATH}/{{provider:uuid}}", name="preferences:change_provider", permission=MANAGE)
async def change(request: AnyRequest, provider: FromPath[UUID]) -> Response[str]:
    """Change a provider."""
    found = await find_provider(provider)
    filled: ProviderForm = await form(request, _CHANGE[found.kind])
    if filled.validate():
        with refused_into(filled):
            await change_provider(provider=provider, wanted=filled.wanted())
            return see_other(PATH, flash_text=_("Saved. It counts at once."))
    return await _page(filled, found.kind, id=provider, known=found, status=422)


@action(f"{PATH}/{{provider:uuid}}/remove", name="preferences:remove_provider", permission=MANAGE)
async def remove(provider: FromPath[UUID]) -> Response[str]:
    """Remove a provider, with what people have connected of it."""
    name = await remove_provider(provider=provider)
    return see_other(PATH, flash_text=_("“{name}” is removed.").format(name=name))


HANDLERS: list[Any] = [new_provider, add, show, change, remove]
