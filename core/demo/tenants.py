"""Who is in the demo."""

from __future__ import annotations

from core.demo.contabil import CONTABIL
from core.demo.lumiere import LUMIERE
from core.demo.obrador import OBRADOR

TENANTS = (OBRADOR, LUMIERE, CONTABIL)
