"""
The bare limit: a Litestar handler without middleware, a persistent sqlite3 connection, SQL by hand, the same template.

It knows what a contact of one company sees at `/invoices?period=all`, leafed through or narrowed to what is pending,
and answers with the very bytes of the portal (form tokens apart), or the comparison refuses to measure.
`python -m tests.benchmarks.limit PORT` serves it; settings come from the environment as the portal's do.
"""

from __future__ import annotations

import base64
import hashlib
import sqlite3
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import msgspec
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from litestar import Litestar, Request, Response, get
from litestar.enums import MediaType

from core.bootstrap import set_up
from core.config import load_settings
from core.db.database import sqlite_path
from core.db.sqlite_connections import READ_MAPPED
from core.formats import money, number
from core.i18n import html_lang, ngettext
from core.kept import TOKEN_MARK
from core.signing import form_token
from tests.benchmarks.limit_words import Words, panel, words

PAGE = 20
CREDIT, COLLECTED, PENDING = "credit_note", "collected", "pending"

_IDENTITY = """
SELECT t.id, t.name, t.zone, t.languages, p.id, p.given_name, p.family_name, p.language, p.theme, c.id, c.name
FROM session s
JOIN tenant_host h ON h.tenant = s.tenant AND h.host = ?2 AND h.kind <> 'former'
JOIN tenant t ON t.id = s.tenant AND t.status = 'active'
JOIN account a ON a.id = s.account AND a.disabled_at IS NULL
JOIN person p ON p.tenant = s.tenant AND p.id = s.person AND p.state = 'active' AND p.deleted_at IS NULL
JOIN membership m ON m.tenant = p.tenant AND m.person = p.id
JOIN customer c ON c.tenant = m.tenant AND c.id = m.customer
WHERE s.token_hash = ?1 AND s.expires_at > ?3
"""
_ROWS = """
SELECT i.id, i.currency, i.payment_state, i.document_type, i.due_on, i.number, i.issued_on, i.signed_gross, i.signed_due
FROM invoices_invoice i
WHERE i.tenant = ?1 AND i.customer = ?2 AND i.published_at IS NOT NULL{more}
ORDER BY i.issued_on DESC, i.id DESC LIMIT 21
"""
_NARROWED = " AND i.payment_state = 'pending'"
_BEHIND = " AND (i.issued_on, i.id) < (?3, ?4)"
_TOTALS = """
SELECT currency, payment_state, document_type, count(*), sum(signed_due),
       count(*) FILTER (WHERE due_on >= ?3), count(*) FILTER (WHERE due_on BETWEEN ?3 AND ?4),
       count(*) FILTER (WHERE due_on < ?3)
FROM invoices_invoice WHERE tenant = ?1 AND customer = ?2 AND published_at IS NOT NULL GROUP BY 1, 2, 3
"""
_PROJECTS = """
SELECT p.id, p.name FROM project p WHERE p.tenant = ?1 AND p.customer = ?2 AND EXISTS (
    SELECT 1 FROM invoices_invoice i
    WHERE i.tenant = ?1 AND i.customer = ?2 AND i.project = p.id AND i.published_at IS NOT NULL)
ORDER BY p.name_folded LIMIT 200
"""
_COUNTERS = """
SELECT (SELECT count(*) FROM notice WHERE tenant = ?1 AND person = ?3 AND read_at IS NULL), (
    SELECT count(*) FROM invoices_invoice WHERE tenant = ?1 AND customer = ?2 AND published_at IS NOT NULL
    AND payment_state <> 'collected' AND document_type <> 'credit_note' AND due_on < ?4)
"""


class Limit:
    """The handler's own connection."""

    def __init__(self, file: str) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, cached_statements=128)
        for pragma in ("query_only = 1", "cache_size = -65536", f"mmap_size = {READ_MAPPED}"):
            self._connection.execute(f"PRAGMA {pragma}")

    def _all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def page(self, *, host: str, token: str, query: Mapping[str, list[str]]) -> str:
        """Return the page."""
        hashed = hashlib.sha256(token.encode()).hexdigest()
        (found,) = self._all(_IDENTITY, hashed, host, f"{datetime.now(ZoneInfo('UTC'))}")
        tenant, name, zone, languages, person, given, family, language, theme, customer, company = found
        language = language or languages.split()[0]
        said = words(language)
        today = datetime.now(ZoneInfo(zone)).date()
        bell, overdue = self._all(_COUNTERS, tenant, customer, person, today.isoformat())[0]
        narrowed = query.get("payment") == [PENDING]
        after = query.get("after", [""])[0]
        view = self._view(said, tenant, customer, narrowed=narrowed, after=after, today=today)
        badge = "99+" if overdue > 99 else number(overdue, language) if overdue else None
        html = said.template.render({
            "lang": html_lang(language),
            "dir": "ltr",
            "csrf": TOKEN_MARK,
            "here": "/invoices",
            "flashes": [],
            "path": "/invoices",
            "tenant": {"name": name, "logo_url": None, "contact": None},
            "theme_url": None,
            "theme_choice": theme,
            "person": {"name": f"{given} {family}", "initials": f"{given[0]}{family[0]}"},
            "companies": [{"id": customer, "name": company, "current": False}],
            "active_company": company,
            "company_url": "/company",
            "offices": [],
            "banner": None,
            "unread": bell,
            "menu": [
                {"key": "core.home", "label": said.core["Home"], "icon": "home", "url": "/", "current": False,
                 "badge": None},
                {"key": "invoices.list", "label": said.filters["Invoices"], "icon": "file-invoice", "url": "/invoices",
                 "current": True, "badge": badge},
                {"key": "core.mail", "label": said.core["Contact"], "icon": "mail", "url": "/contact", "current": False,
                 "badge": None},
            ],
            "title": said.filters["Invoices"],
            "view": view,
        })  # fmt: skip
        return html.replace(TOKEN_MARK, form_token(token))

    def _view(
        self, said: Words, tenant: str, customer: str, *, narrowed: bool, after: str, today: date
    ) -> dict[str, Any]:
        language = said.language
        payment = "&payment=pending" if narrowed else ""
        url = f"/invoices?period=all{payment}"
        soon = (today + timedelta(days=7)).isoformat()
        groups = self._all(_TOTALS, tenant, customer, today.isoformat(), soon)
        place = _cursor(after) if after else ()
        more = (_NARROWED if narrowed else "") + (_BEHIND if after else "")
        rows = self._all(_ROWS.format(more=more), tenant, customer, *place)
        shown = [_row(row, said, today.isoformat()) for row in rows[:PAGE]]
        count = sum(group[3] for group in groups if not narrowed or group[1] == PENDING)
        sums: dict[str, int] = {}
        for group in groups:
            if not narrowed or group[1] == PENDING:
                sums[group[0]] = sums.get(group[0], 0) + group[4]
        projects = self._all(_PROJECTS, tenant, customer)
        week = today.isocalendar()
        first, last = (rows[0], rows[min(len(rows), PAGE) - 1]) if rows else (None, None)
        text = ngettext("core", "{n} entry", "{n} entries", count, language)
        return {
            "title": said.filters["Invoices"],
            "state": url,
            "period": {
                "label": said.core["All dates"],
                "prev_url": None,
                "next_url": None,
                "now_url": f"/invoices{payment.replace('&', '?')}",
                "is_now": False,
                "unit": "all",
                "unit_urls": {
                    "month": f"/invoices{payment.replace('&', '?')}",
                    "week": f"/invoices?period={week.year:04}-W{week.week:02}{payment}",
                    "all": url,
                },
            },
            "search": {"name": "q", "value": "", "label": said.filters["Search by number or reference"]},
            "keep": [{"name": "period", "value": "all"}],
            "filters": _filters(said, groups, projects, narrowed=narrowed),
            "active": [
                {"label": f"{said.filters['Payment']}: {said.filters['Pending']}", "remove_url": "/invoices?period=all"}
            ]
            if narrowed
            else [],
            "reset_url": "/invoices?period=all",
            "columns": [
                {
                    **column,
                    "sort_url": column["by"] and f"{url}&sort={column['by']}",
                    "sorted": "descending" if column["key"] == "issued_on" else None,
                }
                for column in said.columns
            ],
            "rows": shown,
            "total": {"count": count, "capped": False, "text": text.replace("{n}", number(count, language))},
            "sums": [
                {
                    "label": said.filters["Still due"],
                    "text": " · ".join(money(amount, currency, language) for currency, amount in sorted(sums.items())),
                }
            ]
            if sums
            else [],
            "pager": {
                "prev_url": f"{url}&before={_text(first)}" if after and first else None,
                "next_url": f"{url}&after={_text(last)}" if len(rows) > PAGE and last else None,
            },
            "export_urls": {suffix: f"/invoices/export.{suffix}?period=all{payment}" for suffix in ("xlsx", "csv")},
            "selectable": True,
            "choose": panel(language, url),
            "actions": [
                {
                    "label": said.core["Excel sheet (.xlsx)"],
                    "url": f"/invoices/export.xlsx?period=all{payment}&for=all",
                    "icon": "file-spreadsheet",
                    "kind": "secondary",
                    "confirm": None,
                }
            ],
        }


def _row(row: tuple[Any, ...], said: Words, today: str) -> dict[str, Any]:
    key, currency, state, kind, due_on, number_, issued_on, total, due = row
    chips = [said.chips[state]]
    if kind == CREDIT:
        chips.insert(0, said.chips["credit"])
    elif state != COLLECTED and due_on is not None and due_on < today:
        chips.append(said.chips["overdue"])
    return {
        "id": key,
        "url": f"/invoices/{key}",
        "currency": currency,
        "number": number_,
        "title": number_,
        "issued_on": issued_on,
        "due_on": due_on,
        "total": total,
        "due": due,
        "state": chips,
    }


def _filters(
    said: Words, groups: list[tuple[Any, ...]], projects: list[tuple[Any, ...]], *, narrowed: bool
) -> list[dict[str, Any]]:
    """Count each filter under the others, as the portal does."""
    texts, language = said.filters, said.language
    payment = dict.fromkeys((PENDING, "partial", COLLECTED), 0)
    due = {"not_due": 0, "soon": 0, "overdue": 0}
    paid = {"paid": 0, "unpaid": 0}
    kinds = {"invoice": 0, "credit_note": 0}
    for _, state, kind, n, _, later, soon, late in groups:
        payment[state] += n
        if narrowed and state != PENDING:
            continue
        kinds["credit_note" if kind == CREDIT else "invoice"] += n
        if state == COLLECTED:
            paid["paid"] += n
            continue
        paid["unpaid"] += n
        if kind == CREDIT:
            due["not_due"] += n
        else:
            due["not_due"] += later + n - later - late
            due["soon"] += soon
            due["overdue"] += late

    def option(value: str, label: str, count: int | None, *, checked: bool = False) -> dict[str, Any]:
        shown = None if count is None else number(count, language)
        return {"value": value, "label": label, "checked": checked, "count": shown}

    def choice(key: str, label: str, options: list[dict[str, Any]]) -> dict[str, Any]:
        return {"key": key, "label": label, "kind": "multi", "options": options, "from": "", "to": ""}

    def between(key: str, label: str, kind: str) -> dict[str, Any]:
        return {"key": key, "label": label, "kind": kind, "options": [], "from": "", "to": ""}

    found = [
        choice("payment", texts["Payment"], [
            option("pending", texts["Pending"], payment[PENDING], checked=narrowed),
            option("partial", texts["Partly collected"], payment["partial"]),
            option("collected", texts["Collected"], payment[COLLECTED]),
        ]),
        choice("due", texts["Due"], [
            option("not_due", texts["Not due"], due["not_due"]),
            option("soon", texts["Due within a week"], due["soon"]),
            option("overdue", texts["Overdue"], due["overdue"]),
        ]),
        choice("paid", texts["Paid"], [
            option("paid", texts["Paid"], paid["paid"]),
            option("unpaid", texts["Unpaid"], paid["unpaid"]),
        ]),
        choice("kind", texts["Kind"], [
            option("invoice", texts["Invoices"], kinds["invoice"]),
            option("credit_note", texts["Credit notes"], kinds["credit_note"]),
        ]),
    ]  # fmt: skip
    if len(projects) > 1:
        found.append(choice("project", texts["Project"], [option(key, name, None) for key, name in projects]))
    found.append(between("issued", texts["Date of issue"], "date_range"))
    found.append(between("due_date", texts["Due date"], "date_range"))
    found.append(between("amount", texts["Total"], "amount_range"))
    return found


def _text(row: tuple[Any, ...]) -> str:
    said = msgspec.json.encode(["d", row[6], row[0].replace("-", "")])
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _cursor(text: str) -> tuple[str, str]:
    _, day, key = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return day, f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


def create_app() -> Litestar:
    """Return the application of one route."""
    settings = load_settings()
    set_up(settings)
    limit = Limit(str(sqlite_path(settings.database_url)))

    @get("/invoices", media_type=MediaType.HTML, sync_to_thread=False)
    def show(request: Request[Any, Any, Any]) -> Response[str]:
        html = limit.page(
            host=request.headers["host"].partition(":")[0],
            token=request.cookies["portico_session"],
            query=parse_qs(request.scope["query_string"].decode()),
        )
        return Response(html, media_type=MediaType.HTML)

    return Litestar([show], openapi_config=None, logging_config=None)


def main(port: int) -> None:
    """Serve with one worker, as the portal is served."""
    Granian(
        "tests.benchmarks.limit:create_app",
        factory=True,
        address="127.0.0.1",
        port=port,
        workers=1,
        interface=Interfaces.ASGI,
        websockets=False,
        log_access=False,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
