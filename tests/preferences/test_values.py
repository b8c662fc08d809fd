from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.errors import InvalidInputError
from core.preferences.brand import check_accent, check_website, contrast
from core.preferences.values import read_settings, save_settings
from core.records.tables import Activity
from tests.portal_fixtures import World


async def test_settings_are_saved_written_down_and_only_for_this_tenant(world: World) -> None:
    before = await world.first.snapshot()
    async with world.first.work():
        changed = await save_settings({"portal.banner": " Hola\r\nmundo ", "portal.edit_personal": False})
        written = await Activity.objects().where(Activity.kind == "core.setting_changed").first()
    after = await world.first.snapshot()
    assert changed == ["portal.banner", "portal.edit_personal"]
    assert (after.setting("portal.banner"), after.setting("portal.edit_personal")) == ("Hola\nmundo", False)
    assert after.version == before.version + 1
    assert written is not None
    assert msgspec.json.decode(written.data) == {
        "before": {"portal.banner": "", "portal.edit_personal": True},
        "after": {"portal.banner": "Hola\nmundo", "portal.edit_personal": False},
    }
    other = await world.second.snapshot()
    assert (other.setting("portal.banner"), other.setting("portal.edit_personal")) == ("", True)


async def test_each_option_is_independent_and_the_same_again_is_no_change(world: World) -> None:
    async with world.first.work():
        await save_settings({"portal.edit_company": False})
        await save_settings({"portal.banner": "x"})
    before = await world.first.snapshot()
    async with world.first.work():
        assert await save_settings({"portal.banner": "x", "portal.edit_company": False}) == []
        assert await read_settings() == {"portal.banner": "x", "portal.edit_company": False}
    assert await world.first.snapshot() is before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("portal.edit_personal", "yes"),
        ("portal.contact_email", "nobody"),
        ("accounts.password_policy", "none"),
        ("ledger.days", "0"),
        ("ledger.days", "91"),
        ("ledger.days", "many"),
        ("brand.accent", "#ffffff"),
        ("brand.accent", "blue"),
        ("portal.banner", "x" * 5_001),
    ],
)
async def test_a_wrong_value_is_refused_at_its_key_and_nothing_is_saved(world: World, key: str, value: Any) -> None:
    async with world.first.work():
        with pytest.raises(InvalidInputError) as refused:
            await save_settings({"brand.phone": "1", key: value})
        assert await read_settings() == {}
    assert set(refused.value.fields) == {key}


async def test_a_setting_that_nobody_declares_is_an_error(world: World) -> None:
    async with world.first.work():
        with pytest.raises(InvalidInputError):
            await save_settings({"portal.unknown": True})


@pytest.mark.parametrize(
    ("typed", "stored"), [("", ""), ("#2450A8", "#2450a8"), ("2450a8", "#2450a8"), ("#05a", "#0055aa")]
)
def test_a_readable_colour_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert check_accent(typed) == stored


def test_contrast_is_that_of_the_guidelines() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
    with pytest.raises(InvalidInputError):
        check_accent("#777777")
    assert check_accent("#767676") == "#767676"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("www.obrador.example", "https://www.obrador.example"),
        (" http://obrador.example/portal?a=1 ", "http://obrador.example/portal?a=1"),
    ],
)
def test_a_website_is_stored_as_pages_link_to_it(typed: str, stored: str) -> None:
    assert check_website(typed) == stored


@pytest.mark.parametrize(
    "typed", ["javascript://obrador.example/%0aalert(1)", "ftp://obrador.example", "our site", "x"]
)
def test_what_is_no_website_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_website(typed)
    assert list(refused.value.fields) == ["brand.website"]
