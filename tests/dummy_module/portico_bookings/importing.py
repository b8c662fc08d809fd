"""What `portico import bookings` reads: lines of customer number, room, day."""

import csv
from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path

from core.sdk import Customer, Importer, Translator, imports
from portico_bookings.services import book_room

_ = Translator("bookings")


async def read_files(*, files: Sequence[Path]) -> AsyncIterator[imports.ImportResult]:
    """Book each line, or say why not."""
    for path in files:
        for number, (customer, title, day) in enumerate(csv.reader(path.read_text("utf-8").splitlines()), 1):
            place = f"{path.name}:{number}"
            found = await Customer.objects().where(Customer.number == customer).first()
            if found is None:
                yield imports.ImportResult(place=place, outcome="refused", reason=_("Nobody knows this customer."))
                continue
            async with imports.one_item():
                await book_room(customer=found.id, title=title, day=date.fromisoformat(day))
            yield imports.ImportResult(place=place, outcome="created")


IMPORTERS = (Importer(key="bookings", label=_("Bookings"), run=read_files, suffixes=(".csv",)),)
