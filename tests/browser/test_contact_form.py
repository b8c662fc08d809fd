"""Adding a contact in a browser: the customer by typing and by keyboard alone, the steps, and without scripts."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.running import Demo
from tests.browser.watching import sign_in, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

STAFF = {"obrador": "elena@obrador.example", "contabil": "helena@contabil.example"}


async def new_contact(page: Page, demo: Demo, tenant: str) -> None:
    """Open the form as the tenant's administrator."""
    login = demo.login(STAFF[tenant], tenant)
    await sign_in(page, login["url"], login["email"], login["password"])
    await page.goto(f"{login['url']}/staff/people/new")
    await expect(page.locator('[name="given_name"]')).to_be_focused()


async def test_a_customer_is_found_by_typing_and_picked_with_the_keyboard(browser: Browser, demo: Demo) -> None:
    async with watched(browser, locale="es") as context:
        page = await context.new_page()
        await new_contact(page, demo, "obrador")
        box = page.locator("combo-box input")
        select = page.locator('select[name="customer"]')
        await expect(page.locator('[name="customer_search"]')).to_be_hidden()
        await expect(box).to_have_attribute("role", "combobox")
        await box.focus()
        await page.keyboard.type("hosteleria bahia")
        option = page.locator('.combo-list [role="option"]')
        await expect(option).to_have_text(["Hostelería Bahía Azul, S.A.C-1002 · A08663619"])
        await expect(box).to_have_attribute("aria-expanded", "true")
        await expect(box).to_have_attribute("aria-activedescendant", await option.get_attribute("id") or "")
        await page.keyboard.press("Escape")
        await expect(box).to_have_attribute("aria-expanded", "false")
        assert await select.input_value() == ""
        await page.keyboard.press("ArrowDown")
        await expect(option).to_have_count(2)
        await page.keyboard.press("ArrowDown")
        await expect(option.first).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("ArrowUp")
        await expect(option.last).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("Enter")
        await expect(box).to_have_value("Talleres Ferrán e Hijos, S.L.")
        assert await select.input_value() != ""
        # another word after the choice is no choice any more, and does not leave the page
        await box.fill("Talleres Nuevos")
        await page.keyboard.press("Tab")
        assert await select.input_value() == ""
        assert not await box.evaluate("(one) => one.checkValidity()")
        await page.locator('[name="given_name"]').fill("Ana")
        await page.locator('[name="role"]').first.check()
        await page.locator(".form-actions button").first.click()
        await expect(page).to_have_url(f"{demo.login(STAFF['obrador'], 'obrador')['url']}/staff/people/new")
        await expect(box).to_be_focused()


async def test_the_steps_go_on_and_back_and_store_only_at_their_end(browser: Browser, demo: Demo) -> None:
    async with watched(browser, locale="pt-BR") as context:
        page = await context.new_page()
        await new_contact(page, demo, "contabil")
        await page.locator('[name="given_name"]').fill("Maria")
        await page.locator('[name="family_name"]').fill("Silva Passos")
        await page.locator("combo-box input").fill("clinica")
        await page.locator('.combo-list [role="option"]').first.click()
        await page.locator('[name="role"]').first.check()
        await page.locator('[name="family_name"]').press("Enter")
        await expect(page.locator('[name="email"][type="email"]')).to_have_count(0)  # what she will see comes first
        await page.locator('.form-actions [value="next"]').click()
        await page.locator('[name="email"]').fill("maria.passos@boavista.example")
        await page.locator('[name="email"]').press("Enter")
        await expect(page.locator('[name="email"][type="email"]')).to_have_count(0)  # which mails she gets
        await page.locator('.form-actions [value="next"]').click()
        await page.locator('[name="send"][value="later"]').check()
        await page.locator('.form-actions [value="next"]').click()
        await expect(page.locator(".facts")).to_contain_text("Maria Silva Passos")
        await expect(page.locator("h2[data-focus]")).to_be_focused()
        for _back in range(5):
            await page.locator('.form-actions [value="back"]').click()
        await expect(page.locator("combo-box input")).to_have_value("Clínica Boa Vista S.A.")
        await expect(page.locator('[name="family_name"]')).to_have_value("Silva Passos")
        for _next in range(5):
            await page.locator('.form-actions [value="next"]').click()
        await expect(page.locator(".facts")).to_contain_text("maria.passos@boavista.example")
        people = f"{demo.login(STAFF['contabil'], 'contabil')['url']}/staff/people?q=silva+passos"
        other = await context.new_page()
        await other.goto(people)
        await expect(other.locator(".row-link")).to_have_count(0)
        await page.locator('.form-actions [value="next"]').click()
        await expect(page.locator("h1")).to_have_text("Maria Silva Passos")
        await other.goto(people)
        await expect(other.locator(".row-link")).to_have_count(1)


async def test_without_scripts_the_customer_is_searched_for(browser: Browser, demo: Demo) -> None:
    async with watched(browser, locale="es", java_script_enabled=False) as context:
        page = await context.new_page()
        await new_contact(page, demo, "obrador")
        await page.locator('[name="given_name"]').fill("Inés")
        await page.locator('[name="family_name"]').fill("Sin Guiones")
        await page.locator('[name="customer_search"]').fill("ferran")
        await page.locator('[name="go"][value="find"]').click()
        chosen = page.locator('select[name="customer"] option:checked')
        await expect(chosen).to_have_text("Talleres Ferrán e Hijos, S.L.")
        await expect(page.locator('[name="family_name"]')).to_have_value("Sin Guiones")
        await page.locator('[name="role"]').first.check()
        await page.locator('[name="given_name"]').press("Enter")
        await expect(page.locator("h1")).to_have_text("Inés Sin Guiones")
