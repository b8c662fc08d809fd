"""Preferences of a tenant."""

from core.sdk import Setting, Translator

_ = Translator("bookings")

SETTINGS = (
    Setting(
        key="bookings.longest",
        label=_("Longest title"),
        kind="integer",
        default=60,
        minimum=10,
        maximum=200,
        section="bookings",
    ),
)
