"""A session that ends in the middle of a form: what was typed is kept and sent after signing in."""

from __future__ import annotations

import re

from wtforms.fields import PasswordField

from core.accounts.invitations import open_account
from core.accounts.sessions import end_sessions_of
from core.forms import SECRET_FIELDS, Form
from core.people.tables import Person
from core.signing import read_signed
from tests.portal_fixtures import Portal

PASSWORD = "a rather long sentence of mine"


async def test_a_form_from_an_ended_session_is_sent_after_signing_in(portal: Portal) -> None:
    customer = await portal.customer("Ferrán")
    person = await portal.contact("ana@ferran.example", customer, name="Ana Prueba")
    async with portal.work():
        await Person.update({Person.account: None}).where(Person.id == person.id)
        account = await open_account(person=person.id, password=PASSWORD)
        person.account = account
    browser = await portal.browser(person)
    token = await browser.form_token("/profile")
    async with portal.work():
        await end_sessions_of(account=account)

    answer = await browser.client.post("/theme", data={"csrf_token": token, "theme": "dark"})
    assert answer.status_code == 401
    unsent = re.search(r'name="unsent"[^>]*value="([^"]+)"', answer.text)
    form_token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert unsent
    assert form_token

    signed_in = await browser.client.post(
        "/sign-in",
        data={
            "csrf_token": form_token[1],
            "email": "ana@ferran.example",
            "password": PASSWORD,
            "next": "",
            "unsent": unsent[1],
        },
    )
    assert signed_in.status_code == 200
    assert 'action="/theme"' in signed_in.text
    assert 'name="theme" value="dark"' in signed_in.text
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', signed_in.text)
    assert fresh

    sent = await browser.client.post("/theme", data={"csrf_token": fresh[1], "theme": "dark"})
    assert sent.status_code == 303
    async with portal.work():
        kept = await Person.objects().get(Person.id == person.id)
    assert kept is not None
    assert kept.theme == "dark"


async def test_a_form_is_sent_for_nobody_else(portal: Portal) -> None:
    """At one computer: her session has ended, somebody else sends the form that is still open and signs in."""
    customer = await portal.customer("Ferrán")
    ana, eva = [await portal.contact(f"{name}@ferran.example", customer, name=name) for name in ("ana", "eva")]
    async with portal.work():
        await Person.update({Person.account: None}).where(Person.id == eva.id)
        await open_account(person=eva.id, password=PASSWORD)
    browser = await portal.browser(ana)
    token = await browser.form_token("/profile")
    async with portal.work():
        await end_sessions_of(account=ana.account)
    asked = await browser.client.post("/theme", data={"csrf_token": token, "theme": "dark"})
    kept = dict(re.findall(r'name="(unsent|csrf_token)"[^>]*value="([^"]+)"', asked.text))

    signed_in = await browser.client.post("/sign-in", data={"email": eva.email, "password": PASSWORD, **kept})

    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/")
    shown = (await browser.get("/profile")).text
    assert "The form that was open here was somebody else" in shown
    async with portal.work():
        themes = await Person.select(Person.theme).where(Person.id.is_in([ana.id, eva.id]))
    assert [row["theme"] for row in themes] == ["auto", "auto"]


async def test_a_form_without_its_token_is_not_kept_for_anybody(portal: Portal) -> None:
    customer = await portal.customer("Ferrán")
    person = await portal.contact("ana@ferran.example", customer)
    async with portal.work():
        await Person.update({Person.account: None}).where(Person.id == person.id)
        await open_account(person=person.id, password=PASSWORD)
    browser = await portal.browser()
    asked = await browser.client.post("/theme", data={"theme": "dark"})
    kept = dict(re.findall(r'name="(unsent|csrf_token)"[^>]*value="([^"]+)"', asked.text))
    signed_in = await browser.client.post("/sign-in", data={"email": person.email, "password": PASSWORD, **kept})
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/")


async def test_a_forged_kept_form_is_not_offered(portal: Portal) -> None:
    person = await portal.contact("ana@ferran.example", await portal.customer("Ferrán"))
    browser = await portal.browser()
    answer = await browser.post("/sign-in", {"email": person.email, "password": "wrong", "unsent": "forged"})
    assert answer.status_code == 422
    assert "forged" not in re.sub(r'name="unsent"[^>]*>', "", answer.text)


async def test_passwords_of_a_form_from_an_ended_session_stand_on_no_page(portal: Portal) -> None:
    person = await portal.contact("ana@ferran.example", await portal.customer("Ferrán"))
    browser = await portal.browser(person)
    token = await browser.form_token("/account/password")
    async with portal.work():
        await end_sessions_of(account=person.account)
    typed = {"csrf_token": token, "current": PASSWORD, "password": "another one", "repeat": "another one"}
    answer = await browser.client.post("/account/password", data=typed)
    assert answer.status_code == 303
    assert "unsent" not in answer.text


async def test_a_form_is_kept_without_the_passwords_in_it(portal: Portal) -> None:
    person = await portal.contact("ana@ferran.example", await portal.customer("Ferrán"))
    browser = await portal.browser(person)
    token = await browser.form_token("/profile")
    async with portal.work():
        await end_sessions_of(account=person.account)
    typed = {"csrf_token": token, "current": PASSWORD, "email": "other@ferran.example", "password": "another one"}
    answer = await browser.client.post("/account/offices/link", data=typed)
    unsent = re.search(r'name="unsent"[^>]*value="([^"]+)"', answer.text)
    assert unsent
    kept = read_signed("unsent", unsent[1])
    assert kept is not None
    assert kept["fields"] == [["email", "other@ferran.example"]]


def test_all_fields_of_passwords_are_known_by_their_names() -> None:
    forms, found = [Form], set()
    while forms:
        forms += (form := forms.pop()).__subclasses__()
        found |= {name for name, made in vars(form).items() if getattr(made, "field_class", None) is PasswordField}
    assert found == SECRET_FIELDS
