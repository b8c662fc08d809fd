"""What hooks return: frozen data that the core sorts, filters and shows. A module never hands over HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from uuid import UUID

    from core.i18n import LazyString, Text
    from core.people.actor import Actor
    from core.records.base import CustomerRecord


class Reach(IntEnum):
    """How far a permission goes; the smaller of a role's and a membership's counts."""

    OWN = 1
    PROJECTS = 2
    COMPANY = 3
    GROUP = 4

    @classmethod
    def parse(cls, text: str) -> Reach:
        """Read the lower-case name that grants and memberships store."""
        return cls[text.upper()]

    @property
    def word(self) -> str:
        """The lower-case name that grants and memberships store."""
        return self.name.lower()


class Audience(StrEnum):
    """For whom a permission, a menu item or an activity is."""

    CONTACT = "contact"
    STAFF = "staff"


class Category(StrEnum):
    """Where a module stands on the preferences page; the order here is the order there."""

    MONEY = "money"
    WORK = "work"
    SALES = "sales"
    SUPPORT = "support"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleMeta:
    """
    What a module says of itself; the module-level name `META` of its `plugin.py`.

    `id` is the one name everywhere: folder, URL prefix (`_` becomes `-`), permission prefix, table prefix, template
    folder, translation domain. `presets` are the permissions that roles of a preset get at the first enabling.
    """

    id: str
    name: LazyString
    description: LazyString
    version: str
    icon: str
    category: Category = Category.OTHER
    requires: tuple[str, ...] = ()
    presets: Mapping[str, Mapping[str, Reach]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The first part of every URL of the module."""
        return self.id.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Litestar handlers, mounted below `/<url>`, `/staff/<url>` and `/api/v1/<url>`. Each names its permission."""

    portal: Sequence[Any] = ()
    staff: Sequence[Any] = ()
    api: Sequence[Any] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """
    An entry of the icon rail. Shown where the reader has `permission`; `card` names the counter on it.

    `shown` is asked as well where the permission alone does not decide whether its page is there.
    """

    key: str
    label: LazyString
    icon: str
    path: str
    permission: str
    audience: Audience = Audience.CONTACT
    weight: int = 100
    card: str | None = None
    shown: Callable[[Actor], bool] | None = None
    """For whom it stands there at all; asked once a day for the same reader, so let it follow from her rights alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Something a role may be granted: `<module>:<noun>:<action>`, and the reaches that make sense for it."""

    key: str
    label: LazyString
    help: LazyString
    audience: Audience = Audience.CONTACT
    reaches: tuple[Reach, ...] = (Reach.OWN, Reach.PROJECTS, Reach.COMPANY, Reach.GROUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A declared preference of a tenant: key `<module>.<name>`, a kind that draws and checks it, and its default."""

    key: str
    label: LazyString
    kind: Literal["boolean", "text", "long_text", "choice", "integer", "email"]
    default: bool | str | int
    section: str
    help: LazyString | None = None
    choices: tuple[tuple[str, LazyString], ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    language: str | None = None
    """The language that a text is in; shown where the portal offers it."""
    weight: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """
    A table whose rows customers may see, and what the core does for each of its records.

    `title` and `url` take a loaded record; a title with days, amounts or words in it is a text that finds its language
    when it is read (`LazyString`, `formats.lazily`). `view` is the permission to see the record. Where the addressee
    alone does not say whose a record personally is, the table overrides `own_condition()`.
    """

    key: str
    label: LazyString
    table: type[CustomerRecord]
    title: Callable[[CustomerRecord], str | Text]
    url: Callable[[CustomerRecord], str]
    view: str
    staff_url: Callable[[CustomerRecord], str] | None = None
    staff_view: str
    search: tuple[str, ...] = ()
    comments: bool | Callable[[Actor], bool] = True
    """Whether people write on its records; a function where the tenant's preferences decide."""
    attachments: bool = False
    forward: bool | Callable[[Actor], bool] = False
    """Whether people send its files on by e-mail; a function where more decides than the core's option and rights."""
    icon: str = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityKind:
    """
    Something that happens, `<module>.<past participle>`, and who hears of it.

    `sentence` tells it on timelines, `subject` and `body` in mails, all with the facts of the activity's data.
    `notify` names who gets it by default, `channel` how: the bell, or a mail as well.
    """

    key: str
    label: LazyString
    sentence: LazyString
    subject: LazyString | None = None
    body: LazyString | None = None
    button: LazyString | None = None
    icon: str = "point"
    notify: tuple[Audience, ...] = ()
    channel: Literal["none", "bell", "mail"] = "bell"
    shared: bool = True
    digest: LazyString | None = None
    """The subject where several of the kind go to one person in one mail; takes `{count}`."""
    item: LazyString | None = None
    """The line of each in such a mail, where the title of its record does not say enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A saved filter of a list on the home page: its count, its sum, and the way there."""

    key: str
    label: LazyString
    list: str
    query: Mapping[str, str]
    permission: str
    icon: str
    sum: str | None = None
    tone: Literal["neutral", "info", "success", "warning", "danger"] = "neutral"
    audience: Audience = Audience.CONTACT
    weight: int = 100
    empty: LazyString | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAction:
    """A button that a module puts on records of other modules: where it leads is built from kind and id."""

    key: str
    label: LazyString
    icon: str
    permission: str
    path: Callable[[str, UUID], str]
    kinds: tuple[str, ...] | None = None
    weight: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What became of one file or row: `outcome` is what the summary counts."""

    place: str
    outcome: Literal["created", "updated", "unchanged", "quarantined", "refused"]
    reason: LazyString | None = None
    also: tuple[LazyString, ...] = ()
    """What else is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Something that `portico import KIND` reads: an async generator of one result per file or row."""

    key: str
    label: LazyString
    run: Callable[..., Any]
    suffixes: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Work that comes back for every tenant that has the module: every so many seconds, in the tenant's scope."""

    key: str
    every: int
    run: Callable[[], Awaitable[None]]
