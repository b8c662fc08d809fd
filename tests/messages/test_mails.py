"""From an activity to a mail in a real SMTP receiver, on both databases."""

from __future__ import annotations

from tests.messages.conftest import Postbox, World, publish, text_of

from core.messages.worker import drain


async def test_each_contact_who_sees_it_gets_one_mail_in_her_language(world: World, postbox: Postbox) -> None:
    paper = await publish(world, "7")
    await publish(world, "8", customer=world.other)
    await drain()
    assert sorted(postbox.recipients) == ["ana@example.net", "bob@example.net", "eve@example.net"]
    (mail,) = postbox.by("bob@example.net")
    assert mail["Subject"] == "New paper available in Obrador"
    text = text_of(mail)
    assert "The new paper 7 of 30/04/2019 is available." in text
    assert f"\nhttps://obrador.portal.example/papers/{paper.id}\n" in text
    assert text.startswith("Dear ACME & Söhne,\n")
    assert "8" not in text.split("--")[0].replace(str(paper.id), "")
