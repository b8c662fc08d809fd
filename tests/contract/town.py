"""Two tenants, three companies, people of every kind, and data in every table that could leak from one to another."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from core.accounts.api_keys import create_api_key
from core.accounts.oidc.tables import SignInAttempt, SignInIdentity, SignInProvider
from core.accounts.sessions import COOKIE
from core.accounts.tables import KnownDevice, Link, LinkedOffice, Registration
from core.contributions import Audience
from core.db import request_scope, uuid7
from core.imports.tables import ImportProblem, ImportRun
from core.kept import TOKEN_MARK
from core.messages.tables import Mail, MailChoice, Notice
from core.people.actor import acting_as
from core.people.address_book import add_recipients
from core.people.roles import read_grants, write_grants
from core.people.tables import Customer, CustomerModule, Person, Role
from core.records.activity import write_activity
from core.records.files import add_file
from core.records.tables import ChainHead, Comment, FirstView
from core.registry import registry
from core.tenancy.scope import unscoped
from core.tenancy.scoped_tables import Setting
from core.tenancy.snapshot import raise_version
from tests.contract.canaries import Marks, Planted, all_text, plant, tables
from tests.portal_fixtures import Browser, Portal, World, _Separately

ROUTE_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
ABSENT = "00000000-0000-7000-8000-000000000000"
"""Where a side has no row; another test says that it should."""
FAR = datetime(2099, 1, 1, tzinfo=UTC)
TOKEN_FIELD = re.compile(r'(name="csrf_token" value|name="csrf" content|"X-CSRF-Token": ?)="?[^">]+')


@dataclass(slots=True)
class Visitor:
    """Somebody who asks, and whose canaries must not come back."""

    name: str
    portal: Portal
    browser: Browser
    forbidden: str
    kind: str
    """anonymous, contact, staff or api."""
    key: str = ""

    def arrive(self, app: Any, answers: list[httpx.Response]) -> None:
        """Come with a browser that has nothing but the session (or the key), to this application."""
        headers = {"host": self.portal.host, "accept-language": "en", "user-agent": "tests"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        client = httpx.AsyncClient(
            transport=_Separately(app=app, raise_app_exceptions=False),
            base_url=f"http://{self.portal.host}",
            headers=headers,
        )
        if self.browser.token:
            client.cookies.set(COOKIE, self.browser.token, domain=self.portal.host.split(":")[0])

        async def keep(answer: httpx.Response) -> None:
            await answer.aread()
            answers.append(answer)

        client.event_hooks["response"].append(keep)
        self.browser = Browser(client, self.browser.token)


@dataclass(slots=True)
class Town:
    """The whole of it."""

    world: World
    routes: list[Any]
    marks: Marks
    planted: Planted
    visitors: dict[str, Visitor] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    answers: list[httpx.Response] = field(default_factory=list)

    unknown: dict[Any, Any] = field(default_factory=dict)
    """How unknown URLs are answered, by who asks how."""

    def reopen(self, app: Any, database: Any, routes: list[Any]) -> None:
        """Stand before *app* and a fresh copy of the database, with fresh browsers."""
        self.world = replace(self.world, app=app, database=database)
        self.routes, self.answers, self.unknown = routes, [], {}
        for visitor in self.visitors.values():
            visitor.arrive(app, self.answers)

    @property
    def first(self) -> Portal:
        """The tenant whose routes are crawled."""
        return self.world.first

    def leaks(self, visitor: Visitor, answer: httpx.Response, *, also: str = "") -> set[str]:
        """Return what *visitor* must not read and did."""
        assert TOKEN_MARK not in answer.text, "a page without its form token"
        return self.marks.places(all_text(answer.headers.items(), answer.content), visitor.forbidden + also)

    def paths(self, route: Any, side: str) -> list[str]:
        """Return the route's paths with ids of *side*; none where that side has no such row."""
        found = [""]
        rest = route.path
        names = ROUTE_PARAMETER.findall(route.path)
        if {"kind", "record"} <= {name for name, _ in names}:
            return [
                rest.replace("{kind:str}", key).replace("{record:uuid}", str(row["id"]))
                for key, owned in registry().record_kinds.items()
                if owned.item.forward or not route.path.endswith("/forward")
                for row in self.published(owned.item.table._meta.tablename, side)[:1]
            ]
        found = [rest]
        for name, kind in names:
            values = self._values(name, side, route.path)
            place = f"{{{name}:{kind}}}" if kind else f"{{{name}}}"
            found = [path.replace(place, value) for path in found for value in values]
        return found

    def published(self, table: str, side: str) -> list[dict[str, Any]]:
        """Return a side's rows, those that its contacts see first."""
        rows = sorted(self.planted.of(table, side), key=lambda row: str(row["id"]), reverse=True)
        return sorted(rows, key=lambda row: (row.get("published_at", True) is None, bool(row.get("internal"))))

    def _values(self, name: str, side: str, path: str) -> list[str]:
        if name == "module":
            return sorted(registry().modules)
        if path.endswith("/new/{kind:str}"):  # of a sign-in provider
            return ["google", "microsoft", "other"]
        if name in {"token", "section"}:
            return ["nothing-of-the-kind"]
        if name == "office":  # nobody of the town is linked: tests/accounts/test_offices.py asks with offices of others
            return [ABSENT]
        if name == "person":
            return [str(row["id"]) for row in self.planted.of("person", side) if row["kind"] == "contact"][:1]
        known_tables = {known._meta.tablename for known in tables()}
        table = {"problem": "import_problem", "run": "import_run"}.get(name, name)
        if table not in known_tables:
            table = next((known for known in sorted(known_tables) if known.endswith(f"_{name}")), "")
        assert table, f"tell the crawl what {{{name}}} is"
        rows = self.published(table, side) or self.planted.of(table, {"a": "f", "b": "f", "y": "s"}.get(side, side))
        if table == "import_problem":  # each module shows its own, with the file that it kept
            rows = sorted((row for row in rows if f"/{row['kind']}/" in path), key=lambda row: row["sha256"] is None)
        return [str(row["id"]) for row in rows[:1]] or [ABSENT]


def normal(answer: httpx.Response) -> tuple[int, str, str]:
    """Return what tells one answer from another; form tokens differ by chance."""
    return answer.status_code, answer.headers.get("content-type", ""), TOKEN_FIELD.sub("TOKEN", answer.text)


async def _rows_of_everything(portal: Portal, side: str, customer: Customer, person: Person, staff: Person) -> None:
    """Give a company a row in every table of the core; modules fill theirs by their demo data."""
    services = importlib.import_module("portico_bookings.services")
    async with portal.work():
        booking = await services.book_room(
            customer=customer.id,
            title=f"Room of {customer.name}",
            day=date(2026, 5, 1),
            addressee=person.id,
            guests=(f"Guest of {customer.name}",),
        )
        about = ("booking", booking.id)
        await Comment.insert(
            Comment(record_kind="booking", record=booking.id, by=person.id, body="Comment"),
            Comment(record_kind="booking", record=booking.id, by=staff.id, body="Note", internal=True),
        )
        await add_file(
            record=about,
            data=f"bytes of {customer.name}".encode(),
            media_type="text/plain",
            name=f"{customer.name}.txt",
        )
        await add_file(record=about, data=b"x", media_type="text/plain", name=f"{customer.name}.txt", internal=True)
        await FirstView.insert(FirstView(record_kind="booking", record=booking.id, person=person.id))
        told = await write_activity(
            kind="bookings.made",
            record=("booking", booking),
            data={"title": booking.title, "day": "2026-05-01"},
        )
        mail = Mail(
            person=person.id,
            recipient=person.email,
            subject=customer.name,
            kind="bookings.made",
            message_id=f"{uuid7()}",
            state="failed",
            error="refused",
        )
        await Mail.insert(mail)
        await Notice.insert(Notice(person=person.id, activity=told.id, channel="mail", mail=mail.id))
        await MailChoice.insert(MailChoice(person=person.id, activity_kind="bookings.cancelled", channel="none"))
        await CustomerModule.insert(CustomerModule(customer=customer.id, module="bookings", granted=True))
        await Link.insert(
            Link(token_hash=f"{uuid7()}", purpose="reset", person=person.id, email=person.email, expires_at=FAR)
        )
        await KnownDevice.insert(KnownDevice(person=person.id, token_hash=f"{uuid7()}"))
        provider = await SignInProvider.objects().first()
        if provider is None:
            issuer = "https://login.example.com"
            provider = SignInProvider(name="Acme ID", kind="other", issuer=issuer, client_id="portal", registers=True)
            await SignInProvider.insert(provider)
            await SignInAttempt.insert(
                SignInAttempt(
                    token_hash=f"{uuid7()}",
                    browser_hash=f"{uuid7()}",
                    provider=provider.id,
                    purpose="sign-in",
                    target="/profile",
                    expires_at=FAR,
                )
            )
        await SignInIdentity.insert(
            SignInIdentity(
                person=person.id, provider=provider.id, issuer=provider.issuer, subject=f"{uuid7()}", label=person.email
            )
        )
        await add_recipients(customer=customer.id, emails=[f"friend.of.{side}@else.example"], by=person.id)
        if person.account is not None:
            await LinkedOffice.insert(
                LinkedOffice(account=person.account, tenant=portal.tenant.id, nickname=customer.name)
            )


async def _rows_of_the_tenant(portal: Portal, name: str) -> None:
    async with portal.work():
        run = ImportRun(kind="bookings", way="command")
        await ImportRun.insert(run)
        await ImportProblem.insert(ImportProblem(run=run.id, kind="bookings", place=f"{name}.csv", reason="unknown"))
        await Setting.insert(Setting(key="brand.phone", value=f'"{name}"'))
        await Setting.insert(Setting(key="accounts.registration", value="true"))
        await Setting.insert(Setting(key="messages.forwarding", value="true"))
        await Setting.insert(Setting(key="accounts.sign_in_link", value="true"))
        await Registration.insert(
            Registration(
                email=f"new@{name.lower()}.example", given_name="Nova", family_name=name, company=name, state="waiting"
            )
        )
        if not await ChainHead.exists():
            await ChainHead.insert(ChainHead(sequence=0, hash="0"))
        await raise_version(portal.tenant.id)


async def _let_bosses_do_everything(portal: Portal) -> None:
    """Grant managers what only the tenant gives them, so that each page is somebody's."""
    async with portal.work():
        manager = await Role.objects().where(Role.id == portal.roles["manager"].id).first()
        assert manager is not None
        grants = {
            key: max(owned.item.reaches)
            for key, owned in registry().permissions.items()
            if owned.item.audience is Audience.CONTACT
        }
        granted = write_grants(grants | read_grants(manager.grants))
        await Role.update({Role.grants: granted}).where(Role.id == manager.id)


async def build_town(world: World) -> Town:
    """Build it: company A and B at the first tenant, Y at the second; nobody's data is empty."""
    marks = Marks()
    people: dict[str, Person] = {}
    customers: dict[str, Customer] = {}
    owners: dict[UUID, str] = {}
    for side, portal in (("a", world.first), ("b", world.first), ("y", world.second)):
        name = f"{marks.canary(side, 'customer.name')} Company"
        customers[side] = await portal.customer(name, number=side)
        project = await portal.project(customers[side], f"{marks.canary(side, 'project.name')} Project")
        people[side] = await portal.contact(
            f"boss@{side}.example", customers[side], projects=(project,), name="Boss Of"
        )
        owners |= {customers[side].id: side, people[side].id: side}
    async with world.first.work():
        bare = Role(key="bare", label="Bare", audience="contact", grants="{}")
        bare_staff = Role(key="bare-staff", label="Bare", audience="staff", grants="{}")
        await Role.insert(bare, bare_staff)
        world.first.roles |= {"bare": bare, "bare-staff": bare_staff}
    for portal in (world.first, world.second):
        await _let_bosses_do_everything(portal)
    people["bare"] = await world.first.contact("bare@a.example", customers["a"], role="bare")
    owners[people["bare"].id] = "a"
    staff = {
        "f": await world.first.staff("sam@first.example"),
        "s": await world.second.staff("sara@second.example"),
        "bare-staff": await world.first.staff("tim@first.example", role="bare-staff"),
    }
    for portal in (world.first, world.second):
        for module in registry().modules:
            filling = registry().implementation(module, "demo_data")
            if filling is not None:
                async with portal.work():
                    with acting_as(None):
                        await filling()
    for side, portal in (("a", world.first), ("b", world.first), ("y", world.second)):
        await _rows_of_everything(portal, side, customers[side], people[side], staff["s" if side == "y" else "f"])
    for module in registry().modules:
        sample = Path(__file__).parents[1] / "plugins" / module / "sample.py"
        for side, portal in (("a", world.first), ("b", world.first), ("y", world.second)):
            if sample.is_file():
                async with portal.work():
                    await importlib.import_module(f"tests.plugins.{module}.sample").fill(customers[side])
    for side, portal in (("f", world.first), ("s", world.second)):
        await _rows_of_the_tenant(portal, marks.canary(side, "setting.value"))

    town = Town(world, [], marks, Planted(), customers=customers)

    async def visit(name: str, portal: Portal, person: Person | None, forbidden: str, kind: str) -> None:
        town.visitors[name] = Visitor(name, portal, await portal.browser(person), forbidden, kind)

    await visit("anonymous", world.first, None, "abys", "anonymous")
    await visit("owner", world.first, people["a"], "bys", "contact")
    await visit("other customer", world.first, people["b"], "ays", "contact")
    await visit("without permission", world.first, people["bare"], "bys", "contact")
    await visit("staff", world.first, staff["f"], "ys", "staff")
    await visit("staff without permission", world.first, staff["bare-staff"], "abys", "staff")
    await visit("other tenant", world.second, people["y"], "abf", "contact")
    await visit("other tenant's staff", world.second, staff["s"], "abf", "staff")
    everything = [key for key, owned in registry().permissions.items() if owned.item.audience is Audience.STAFF]
    for name, portal, granted, forbidden in (
        ("key", world.first, everything, "ys"),
        ("key without permission", world.first, [], "abys"),
        ("other tenant's key", world.second, everything, "abf"),
    ):
        async with portal.work():
            key = await create_api_key(name=name, permissions=granted)
        await visit(name, portal, None, forbidden, "api")
        town.visitors[name].key = key

    async with request_scope(tenant=None, bypass=True):
        with unscoped("tests: canaries go everywhere"):
            sides = {world.first.tenant.id: "f", world.second.tenant.id: "s"}
            town.planted = await plant(marks, owners, sides)
    for portal in (world.first, world.second):
        async with portal.work():
            await raise_version(portal.tenant.id)
    return town
