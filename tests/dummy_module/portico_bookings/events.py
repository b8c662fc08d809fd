"""What the module does when something happens elsewhere."""

from portico_bookings.tables import Heard


async def hear(what: str) -> None:
    """Write down what was heard."""
    await Heard.insert(Heard(what=what))
