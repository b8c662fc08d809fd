"""Problems signing in: word to the tenant's staff from somebody who cannot get in. It answers everybody alike."""

from __future__ import annotations

from datetime import timedelta

from core.accounts import rate_limits
from core.accounts.rate_limits import Limit
from core.accounts.sessions import Device
from core.db import transaction
from core.records.activity import write_activity

BY_NETWORK = Limit(name="trouble_address", burst=3, period=timedelta(hours=1))
IN_ALL = Limit(name="trouble", burst=20, period=timedelta(hours=1))
"""For the whole portal: its staff's mail must not be flooded from many networks."""


async def report_trouble(*, name: str, email: str, message: str, device: Device) -> None:
    """
    Tell the staff that somebody cannot sign in; nobody looks up who that might be.

    Raises:
        TooManyAttemptsError: too many from this network, or at this portal.

    """
    await rate_limits.take(BY_NETWORK, rate_limits.prefix_of(device.address))
    await rate_limits.take(IN_ALL)
    async with transaction():
        await write_activity(kind="core.sign_in_trouble", data={"name": name, "email": email, "message": message})
