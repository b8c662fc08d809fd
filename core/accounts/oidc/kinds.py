"""What differs between Google, Microsoft and the others: the issuer, and whose word on an address counts."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core.i18n import LazyString, Translator

if TYPE_CHECKING:
    from collections.abc import Mapping

_ = Translator("core")


class Kind(StrEnum):
    """The kinds of providers."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    OTHER = "other"


LABELS: Mapping[Kind, LazyString] = {
    Kind.GOOGLE: _("Google"),
    Kind.MICROSOFT: _("Microsoft"),
    Kind.OTHER: _("Another OpenID Connect provider"),
}
ICONS: Mapping[Kind, str] = {Kind.GOOGLE: "brand-google", Kind.MICROSOFT: "brand-windows", Kind.OTHER: "key"}
GOOGLE_ISSUER = "https://accounts.google.com"
MICROSOFT_ISSUER = "https://login.microsoftonline.com/{directory}/v2.0"
MANY_DIRECTORIES = ("organizations", "common")
"""Microsoft's names for people of any company, and those for private accounts too."""
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_DIRECTORY = "{tenantid}"


def published_issuer(kind: Kind, issuer: str) -> str:
    """Return what the provider must say its issuer is: exactly *issuer*, of many directories Microsoft's pattern."""
    if kind == Kind.MICROSOFT:
        for many in MANY_DIRECTORIES:
            if issuer.endswith(f"/{many}/v2.0"):
                return issuer.removesuffix(f"{many}/v2.0") + f"{_DIRECTORY}/v2.0"
    return issuer


def is_issued_by(published: str, issuer: object, directory: object) -> bool:
    """Whether *issuer* is the published one; of a pattern, that of the directory which the token itself names."""
    if _DIRECTORY not in published:
        return issuer == published
    return (
        isinstance(directory, str)
        and GUID.fullmatch(directory) is not None
        and issuer == published.replace(_DIRECTORY, directory)
    )


def fits_pattern(published: str, issuer: str) -> bool:
    """Whether *issuer* is the published one, or of any directory of the pattern: for what names no directory."""
    before, found, after = published.partition(_DIRECTORY)
    if not found:
        return issuer == published
    middle = issuer.removeprefix(before).removesuffix(after)
    return GUID.fullmatch(middle) is not None and issuer == before + middle + after


def has_verified(claims: Mapping[str, Any], *, kind: Kind, trusts_email: bool) -> bool:
    """
    Whether the provider's word is enough that the address in *claims* is hers.

    Google answers for addresses of its own and of the company's that it keeps (`hd`). Microsoft's directories let their
    administrators write any address, so it never counts. Of others the tenant decides.
    """
    if claims.get("email_verified") not in (True, "true"):
        return False
    domain = str(claims.get("email", "")).rpartition("@")[2].casefold()
    if kind == Kind.GOOGLE:
        return domain in {"gmail.com", "googlemail.com", str(claims.get("hd") or "gmail.com").casefold()}
    return kind == Kind.OTHER and trusts_email
