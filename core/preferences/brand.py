"""What every page shows of the tenant's brand: an accent colour that can be read, a website that is one."""

from __future__ import annotations

import re

from core.errors import InvalidInputError
from core.i18n import Translator

_ = Translator("core")

ACCENT = "brand.accent"
ON_ACCENT = "#ffffff"
"""Text on the accent colour. The accent is also text and lines on white, so one contrast answers for both."""
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: contrast of text at its normal size."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")
WEBSITE = "brand.website"
_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>]+\.[^\s\"'<>]+")
_SHORT = re.compile(r"#[0-9a-f]{3}")


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of `#rrggbb`."""

    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours `#rrggbb`, from 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def check_accent(typed: str) -> str:
    """
    Return the accent colour as it is stored, `#rrggbb`; empty means the portal's own.

    Raises:
        InvalidInputError: it is no colour, or text in it or on it could not be read.

    """
    colour = typed.strip().lower()
    if not colour:
        return ""
    if not colour.startswith("#"):
        colour = f"#{colour}"
    if _SHORT.fullmatch(colour):
        colour = "#" + "".join(sign * 2 for sign in colour[1:])
    if not _COLOUR.fullmatch(colour):
        raise InvalidInputError(fields={ACCENT: [_("Write the colour as #rrggbb, for example #2450a8.")]})
    ratio = contrast(colour, ON_ACCENT)
    if ratio < LEAST_CONTRAST:
        text = _(
            "White text on this colour could not be read: its contrast is {ratio}, and must be {least} or more. "
            "Take a darker one."
        )
        raise InvalidInputError(fields={ACCENT: [text.format(ratio=f"{int(ratio * 10) / 10}:1", least="4.5:1")]})
    return colour


def check_website(typed: str) -> str:
    """
    Return the address of the website as it is stored, with its scheme; empty where there is none.

    Raises:
        InvalidInputError: it is no address of the web: pages link to it.

    """
    address = typed.strip()
    if address and "://" not in address:
        address = f"https://{address}"
    if address and not _WEB_ADDRESS.fullmatch(address):
        raise InvalidInputError(fields={WEBSITE: [_("This is not a web address.")]})
    return address
