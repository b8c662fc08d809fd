"""A tenant's answers to declared settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from core.accounts.options import LINKING
from core.accounts.unlinking import part_everybody
from core.db import transaction
from core.errors import InvalidInputError
from core.formats import FormatError, normalise_email
from core.i18n import Translator
from core.people.registration_texts import check_text
from core.people.roles import lock_tenant
from core.preferences.brand import ACCENT, WEBSITE, check_accent, check_website
from core.records.activity import write_activity
from core.registry import CORE, registry
from core.tenancy.scope import current_tenant_id
from core.tenancy.scoped_tables import Setting as Answer
from core.tenancy.snapshot import raise_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.contributions import Setting
    from core.i18n import LazyString

_ = Translator("core")

LONGEST_TEXT = 500
LONGEST_LONG_TEXT = 5_000
_OWN_CHECKS: dict[str, Callable[[str], str]] = {ACCENT: check_accent, WEBSITE: check_website}


async def read_settings() -> dict[str, Any]:
    """Return the tenant's answers by key, without defaults, as they are now in the database."""
    rows = await Answer.select(Answer.key, Answer.value)
    return {row["key"]: msgspec.json.decode(row["value"]) for row in rows}


async def save_settings(values: Mapping[str, Any]) -> list[str]:
    """
    Save answers to declared settings, all or none; return the keys that changed. Others stay as they are.

    Raises:
        InvalidInputError: per key, what cannot be used, or a key that nobody declares.

    """
    clean = _checked(values)
    async with transaction():
        await lock_tenant()
        stored = await read_settings()
        declared = registry().settings
        before = {key: stored.get(key, declared[key].item.default) for key in clean}
        changed = sorted(key for key, value in clean.items() if before[key] != value)
        if not changed:
            return []
        for key in changed:
            text = msgspec.json.encode(clean[key]).decode()
            if key in stored:
                await Answer.update({Answer.value: text}).where(Answer.key == key)
            else:
                await Answer.insert(Answer(key=key, value=text))
        await write_activity(
            kind="core.setting_changed",
            data={
                "before": {key: before[key] for key in changed},
                "after": {key: clean[key] for key in changed},
            },
        )
        await raise_version(current_tenant_id())
        if LINKING in changed and not clean[LINKING]:
            await part_everybody()
    return changed


def settings_in(section: str) -> list[Setting]:
    """Return the core's settings of a section, in their order."""
    return [
        owned.item for owned in registry().settings.values() if owned.owner == CORE and owned.item.section == section
    ]


def settings_of(module: str) -> list[Setting]:
    """Return a module's settings, in their order."""
    return [owned.item for owned in registry().settings.values() if owned.owner == module]


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    fields: dict[str, list[LazyString]] = {}
    for key, value in values.items():
        owned = registry().settings.get(key)
        if owned is None:
            raise InvalidInputError(_("There is no setting “{key}”.").format(key=key))
        try:
            clean[key] = check_setting(owned.item, value)
        except InvalidInputError as error:
            fields[key] = [reason for reasons in error.fields.values() for reason in reasons]
    if fields:
        raise InvalidInputError(fields=fields)
    return clean


def check_setting(setting: Setting, value: Any) -> bool | str | int:
    """
    Return *value* as it is stored for *setting*.

    Raises:
        InvalidInputError: it is not of the setting's kind, or outside its limits.

    """
    if setting.kind == "boolean":
        return _boolean(setting, value)
    if setting.kind == "integer":
        return _integer(setting, value)
    text = str(value).replace("\r\n", "\n").strip()
    if setting.kind == "choice":
        if text not in {choice for choice, _label in setting.choices}:
            raise _refused(setting, _("Choose one from the list."))
        return text
    if setting.kind == "email" and text:
        try:
            text = normalise_email(text)
        except FormatError as error:
            raise _refused(setting, error.message) from error
    if setting.kind == "text":
        text = " ".join(text.split())
    longest = LONGEST_LONG_TEXT if setting.kind == "long_text" else LONGEST_TEXT
    if len(text) > longest:
        raise _refused(setting, _("Use at most {n} characters.").format(n=longest))
    own = _OWN_CHECKS.get(setting.key) or (check_text if setting.language else None)
    return own(text) if own else text


def _boolean(setting: Setting, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _refused(setting, _("This is either on or off."))


def _integer(setting: Setting, value: Any) -> int:
    try:
        number = int(str(value).strip())
    except ValueError:
        raise _refused(setting, _("This is not a whole number.")) from None
    if setting.minimum is not None and number < setting.minimum:
        raise _refused(setting, _("This must be {min} or more.").format(min=setting.minimum))
    if setting.maximum is not None and number > setting.maximum:
        raise _refused(setting, _("This must be {max} or less.").format(max=setting.maximum))
    return number


def _refused(setting: Setting, reason: LazyString) -> InvalidInputError:
    return InvalidInputError(fields={setting.key: [reason]})
