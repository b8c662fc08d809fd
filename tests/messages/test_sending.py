"""The way out: refusals, retries, crashes, account mails, the mailbox of the demo."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.accounts.invitations import invite_person
from core.accounts.mails import put_down_mail
from core.clock import later, now
from core.config import Settings, use_settings
from core.db import fetch, outside, request_scope, transaction
from core.messages import queue, transport
from core.messages.account_mail import SUBJECTS
from core.messages.failures import failed_mails, retry_mail
from core.messages.queue import BACKOFF, LEASE, MailLink, enqueue, lease, mail_link
from core.messages.queue_tables import QueueItem
from core.messages.running import run_item
from core.messages.tables import Mail, Notice
from core.messages.transport import read_mailbox
from core.messages.unsubscribing import read_token, unsubscribe_path
from core.messages.worker import drain
from core.people.tables import Person
from core.signing import sign
from tests.messages.conftest import Postbox, World, change_setting, html_of, make_tenant, publish, scoped, text_of


async def mails_of(world: World) -> list[dict[str, Any]]:
    async with scoped(world.tenant):
        return await Mail.select(Mail.recipient, Mail.state, Mail.error, Mail.subject).order_by(Mail.recipient)


async def test_a_server_that_says_later_is_asked_again_with_the_same_message(world: World, postbox: Postbox) -> None:
    postbox.answers = ["451 try again", "451 try again"]
    await publish(world, "1", customer=world.other)
    await drain()
    assert postbox.mails == []
    assert [(row["state"], row["error"]) for row in await mails_of(world)] == [("queued", None)]
    with later(BACKOFF[0] * 2):
        await drain()
    with later(BACKOFF[0] * 2 + BACKOFF[1] * 2):
        await drain()
    assert postbox.recipients == ["eve@example.net"]
    assert [row["state"] for row in await mails_of(world)] == ["sent"]


async def test_a_mail_that_is_refused_is_shown_to_staff_who_may_retry(world: World, postbox: Postbox) -> None:
    postbox.answers = ["550 no such mailbox"]
    await publish(world, "1", customer=world.other)
    await drain()
    async with scoped(world.tenant):
        (failed,) = await failed_mails()
        assert (failed.recipient, failed.subject, failed.label.message) == (
            "eve@example.net",
            "New paper available in Obrador",
            "New papers",
        )
        assert "550" in failed.error
        assert "no such mailbox" in failed.error
        told = await Notice.select(Notice.person).where(Notice.person == world.sam)
        assert len(told) == 1  # and in the bell of who looks after mails
        assert not await retry_mail(mail=uuid4())
        assert await retry_mail(mail=failed.id)
        assert not await retry_mail(mail=failed.id)
    await drain()
    assert postbox.recipients == ["eve@example.net"]
    assert postbox.mails[0]["Message-ID"] == f"<{failed.id}@obrador.portal.example>"
    async with scoped(world.tenant):
        assert await failed_mails() == []


async def test_another_tenants_staff_sees_and_retries_nothing(world: World, postbox: Postbox) -> None:
    postbox.answers = ["550 no"]
    await publish(world, "1", customer=world.other)
    await drain()
    async with scoped(world.tenant):
        (failed,) = await failed_mails()
    other = await make_tenant("Lumiere")
    async with scoped(other):
        assert await failed_mails() == []
        assert not await retry_mail(mail=failed.id)


async def test_a_server_that_is_away_costs_nothing_but_time(world: World, tmp_path: Path) -> None:
    use_settings(Settings(home=tmp_path, secret_keys=("k" * 32,), smtp_url="smtp://127.0.0.1:1"))
    await publish(world, "1", customer=world.other)
    passed = timedelta(0)
    await drain()
    for wait in BACKOFF:
        passed += wait * 1.5
        with later(passed):
            await drain()
    (row,) = await mails_of(world)
    assert row["state"] == "failed"
    assert row["error"]


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from uuid import UUID
from core.config import Settings, use_settings
from core.db import Database
from tests.messages import conftest

async def main(url, port, home):
    plugin = conftest._plugin()
    module = conftest.Module(meta=plugin.META, plugin=plugin, package="papers", folder=Path(home))
    registry = conftest.build_registry({"papers": module}, core=[conftest._core()], list_view=conftest.ListView)
    conftest.use_registry(registry)
    use_settings(Settings(home=Path(home), secret_keys=("k" * 32,), base_url="https://portal.example",
        smtp_url=f"smtp://127.0.0.1:{port}", mail_from="portal@portal.example"))
    await Database.open(url)
    from core.messages import sending, worker
    deliver = sending.deliver
    async def deliver_and_die(*args, **named):
        await deliver(*args, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    sending.deliver = deliver_and_die
    await worker.drain()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_killed_between_the_servers_yes_and_the_mark_it_comes_twice_under_one_id(
    world: World, postbox: Postbox, portal_database: Any, tmp_path: Path
) -> None:
    await publish(world, "1", customer=world.other)
    port = transport.settings().smtp_url.rsplit(":", 1)[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, portal_database.url, port, str(tmp_path), cwd=Path(__file__).parents[2]
    )
    assert await process.wait() == -signal.SIGKILL
    assert len(postbox.mails) == 1
    assert [row["state"] for row in await mails_of(world)] == ["queued"]
    await drain()
    assert len(postbox.mails) == 1  # the dead worker's lease still holds
    with later(LEASE * 2):
        await drain()
    with later(LEASE * 4):
        await drain()
    assert postbox.recipients == ["eve@example.net"] * 2
    assert len({str(mail["Message-ID"]) for mail in postbox.mails}) == 1
    assert [row["state"] for row in await mails_of(world)] == ["sent"]


async def test_two_workers_at_one_mail_send_it_once(world: World, postbox: Postbox) -> None:
    await publish(world, "1", customer=world.other)
    await asyncio.gather(*(asyncio.create_task(drain(), context=outside()) for _ in range(3)))
    await drain()
    assert postbox.recipients == ["eve@example.net"]


# -- account mails -----------------------------------------------------------------------------------------------------


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_makers", dict(queue._makers))


async def test_an_invitation_greets_the_customer_and_prints_its_address(world: World, postbox: Postbox) -> None:
    async with scoped(world.tenant), transaction():
        await Person.update({Person.state: "address_book", Person.account: None}).where(Person.id == world.bob)
        await invite_person(person=world.bob)
    await drain()
    (mail,) = postbox.mails
    assert (mail["Subject"], mail["To"]) == ("Access to Obrador", "Bob Test <bob@example.net>")
    lines = text_of(mail).splitlines()
    assert lines[0] == "Dear ACME & Söhne,"
    (url,) = [line for line in lines if line.startswith("https://obrador.portal.example/invitation/")]
    assert html_of(mail).count(f">{url}</a>") == 1
    assert "bob@example.net" in text_of(mail)
    assert mail["List-Unsubscribe"] is None
    assert [(row["recipient"], row["state"]) for row in await mails_of(world)] == [("bob@example.net", "sent")]


async def test_tokens_are_in_the_mail_and_nowhere_else(world: World, postbox: Postbox, makers: None) -> None:
    token = "T0KEN-canary-0123456789"

    @mail_link("sign_in")
    async def make(*, person: UUID, to: str, facts: dict[str, str]) -> MailLink:
        return MailLink(path=f"/login/{token}", expires_at=now() + timedelta(minutes=10))

    postbox.answers = ["451 later"]
    async with scoped(world.tenant):
        await put_down_mail(template="sign_in", person=world.bob, to="bob@example.net")
    await drain()
    with later(BACKOFF[0] * 2):
        await drain()
    assert token in text_of(postbox.mails[0])
    async with scoped(world.tenant):
        for table in ("queue", "mail", "activity"):
            rows = await fetch(f"SELECT * FROM {table} WHERE tenant = {{}}", world.tenant)
            assert token not in json.dumps(rows, default=str)
            assert table == "activity" or rows
    assert token not in repr(MailLink(path=token))


async def test_a_link_that_is_no_longer_wanted_is_not_sent(world: World, postbox: Postbox, makers: None) -> None:
    @mail_link("sign_in")
    async def make(*, person: UUID, to: str, facts: dict[str, str]) -> None:
        return None

    async with scoped(world.tenant):
        await put_down_mail(template="sign_in", person=world.bob, to="bob@example.net")
    await drain()
    assert (postbox.mails, await mails_of(world)) == ([], [])


@pytest.mark.parametrize("template", sorted(SUBJECTS))
async def test_every_account_mail_can_be_written(world: World, postbox: Postbox, makers: None, template: str) -> None:
    if template not in {"password_changed", "linked"}:

        @mail_link(template)
        async def make(*, person: UUID, to: str, facts: dict[str, str]) -> MailLink:
            return MailLink(path="/x/abc", expires_at=now() + timedelta(hours=1), code="abcd-2345")

    facts = {"at": "2026-01-02T10:00:00+00:00", "new": "ana.new@example.net", "device": "Firefox", "address": "::1"}
    facts |= {"from": "ana@example.net", "provider": "Acme"}
    async with scoped(world.tenant):
        await put_down_mail(template=template, person=world.ana, to="ana@example.net", facts=facts)
    await drain()
    (mail,) = postbox.mails
    assert mail["To"] == "Ana Test <ana@example.net>"
    assert "https://obrador.portal.example/" in text_of(mail)
    assert ("abcd-2345" in text_of(mail)) == (template in {"sign_in", "temporary_password"})


async def test_a_failed_invitation_is_shown_even_at_its_first_attempt(world: World, postbox: Postbox) -> None:
    postbox.answers = ["550 unknown user"]
    async with scoped(world.tenant):
        await put_down_mail(template="password_changed", person=world.bob, to="bob@example.net")
    await drain()
    async with scoped(world.tenant):
        (failed,) = await failed_mails()
    assert (failed.recipient, failed.subject) == ("bob@example.net", "Your password was changed")


async def test_addresses_that_are_none_are_given_up(world: World, postbox: Postbox) -> None:
    async with scoped(world.tenant):
        for to in ("bob@example.net\r\nBcc: eve@example.net", "a@b@c", "no address", "x@" + "y" * 300):
            await put_down_mail(template="password_changed", person=world.bob, to=to)
        await enqueue(
            kind="core.account_mail", payload={"template": "../x", "person": str(world.bob)}, tenant=world.tenant
        )
    await drain()
    assert postbox.mails == []
    async with request_scope(tenant=None):
        assert await QueueItem.count().where(QueueItem.failed_at.is_not_null()) == 5


# -- the demo's mailbox ------------------------------------------------------------------------------------------------


async def test_without_a_server_mails_lie_in_a_folder_newest_first(world: World) -> None:
    await change_setting(world, "brand.portal_title", '"Ñandú"')
    await publish(world, "1", customer=world.other)
    await drain()
    await publish(world, "2", customer=world.other)
    await drain()
    newest, oldest = read_mailbox()
    assert [mail.subject for mail in (newest, oldest)] == ["New paper available in Ñandú"] * 2
    assert "paper 2 of" in newest.text
    assert "paper 1 of" in oldest.html
    assert newest.recipient == "Eve Test <eve@example.net>"
    assert not [path for path in transport.mailbox_folder().iterdir() if path.suffix != ".eml"]


# -- unsubscribing -----------------------------------------------------------------------------------------------------


def test_unsubscribe_links_are_for_one_person_kind_and_tenant() -> None:
    tenant, person = uuid4(), uuid4()
    token = unsubscribe_path(tenant, person, "papers.published").rpartition("/")[2]
    assert read_token(token, tenant) == (person, "papers.published")
    assert read_token(token, uuid4()) is None
    assert read_token(token[:-2] + "xx", tenant) is None
    facts = {"tenant": str(tenant), "person": str(person), "kind": "papers.published"}
    assert read_token(sign("export", facts, lasts=timedelta(days=1)), tenant) is None
    with later(timedelta(days=400)):
        assert read_token(token, tenant) is None


async def test_leased_work_of_a_module_that_is_gone_is_given_up(world: World) -> None:
    async with scoped(world.tenant):
        await enqueue(kind="core.schedule", payload={"key": "gone.key"}, tenant=world.tenant)
    async with request_scope(tenant=None):
        (item,) = await lease(1, kinds=["core.schedule"])
    await asyncio.create_task(run_item(item), context=outside())
    async with request_scope(tenant=None):
        (row,) = await QueueItem.select(QueueItem.error, QueueItem.failed_at).where(QueueItem.id == item.id)
    assert row["failed_at"] is not None
    assert "gone.key" in row["error"]


@pytest.mark.parametrize("template", ["invitation", "temporary_password", "reset"])
async def test_after_a_reset_by_the_office_the_mail_says_so(
    world: World, postbox: Postbox, makers: None, template: str
) -> None:
    @mail_link(template)
    async def make(*, person: UUID, to: str, facts: dict[str, str]) -> MailLink:
        return MailLink(path="/x/abc", expires_at=now() + timedelta(hours=1), code="abcd-2345")

    async with scoped(world.tenant):
        await put_down_mail(template=template, person=world.bob, to="bob@example.net", facts={"reset_by": "staff"})
    await drain()
    (mail,) = postbox.mails
    said = " ".join(text_of(mail).split())
    assert ("We have reset your access to" in said) == (template != "reset")
    assert ("We have ended your sessions at" in said) == (template == "reset")
    assert "You now have access to" not in said
    assert "your password stays as it is" not in said
