"""Units of measure: UN/ECE Recommendation 20 (and 21 for packages) as short English labels.

The labels are source text for translation; an unknown code is shown as it is.
"""

from typing import Final

UNITS: Final[dict[str, str]] = {
    "3C": "manmonths", "ACR": "acre", "ANN": "years", "B32": "kg·m²", "BX": "boxes", "CLT": "cl", "CMK": "cm²",
    "CMQ": "cm³", "CMT": "cm", "C62": "pcs", "DAY": "days", "DMT": "dm", "DZN": "dozen", "E48": "services",
    "E49": "working days", "E50": "units", "EA": "pcs", "FOT": "ft", "GRM": "g", "H87": "pcs", "HAR": "ha",
    "HUR": "h", "IE": "persons", "INH": "in", "KGM": "kg", "KMT": "km", "KTM": "km", "KWH": "kWh", "KWT": "kW",
    "LBR": "lb", "LH": "h",
    "LM": "m", "LS": "lump sum", "LTR": "l", "MGM": "mg", "MIK": "mi²", "MIN": "min", "MLT": "ml",
    "MMK": "mm²", "MMT": "mm", "MON": "months", "MTK": "m²", "MTQ": "m³", "MTR": "m", "MWH": "MWh", "NAR": "articles",
    "NMP": "packs", "NPR": "pairs", "P1": "%", "PA": "packs", "PR": "pairs", "QAN": "quarters", "RO": "rolls",
    "SEC": "s", "SET": "sets", "SMI": "mi", "TNE": "t", "TPR": "ten pairs", "WEE": "weeks", "WTT": "W",
    "XBG": "bags", "XBI": "bins", "XBO": "bottles", "XBX": "boxes", "XCA": "cans", "XCR": "crates", "XCS": "cases",
    "XCT": "cartons", "XCU": "cups", "XCX": "canisters", "XDJ": "demijohns", "XDR": "drums", "XJC": "jerrycans",
    "XPA": "packets", "XPK": "packages", "XPP": "pcs", "XPU": "trays", "XPX": "pallets", "XRO": "rolls",
    "XTU": "tubes", "XUN": "units", "ZZ": "",
}  # fmt: skip
"""`ZZ` is “mutually defined” and shows nothing."""


def unit_label(code: str) -> str:
    """The short label of a unit code, the code itself where it is not known."""
    return UNITS.get(code.strip().upper(), code)
