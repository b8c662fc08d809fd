"""VAT category codes (UNTDID 5305) as English labels, source text for translation."""

from typing import Final

CATEGORIES: Final[dict[str, str]] = {
    "S": "Standard rate",
    "AA": "Lower rate",
    "H": "Higher rate",
    "Z": "Zero rated",
    "E": "Exempt",
    "AE": "Reverse charge",
    "K": "Intra-Community supply",
    "G": "Export outside the EU",
    "O": "Not subject to VAT",
    "L": "IGIC (Canary Islands)",
    "M": "IPSI (Ceuta and Melilla)",
    "B": "Transferred VAT (split payment)",
}


def category_label(code: str) -> str:
    """The label of a category code, the code itself where it is not known."""
    return CATEGORIES.get(code.strip().upper(), code)
