"""Forms of contacts and of staff."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from wtforms import BooleanField, IntegerField, SelectField
from wtforms.fields import HiddenField, StringField
from wtforms.validators import Length, NumberRange, Optional

from core.sdk import Translator, errors, formats, forms
from plugins.timesheets.reading.days import ValueProblem
from plugins.timesheets.reading.values import read_break, read_clock, read_duration
from plugins.timesheets.states import EntryKind, JobState, TaskState
from plugins.timesheets.values import LONGEST_NOTE, Values
from plugins.timesheets.words import JOB_STATES, KINDS, TASK_STATES

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from plugins.timesheets.tables import Entry

_ = Translator("timesheets")


def read_version(text: str | None) -> int:
    """Return the version that a form carries; 0, which none has, where it is broken."""
    return int(text) if text and text.isdigit() and len(text) < 10 else 0


def _typed(valuelist: list[Any]) -> str:
    return str(valuelist[0]).strip() if valuelist else ""


class ClockField(StringField):
    """A time of day, typed as 8:30, 08.30, 8h30 or 8:30 pm; `data` is a time or None."""

    data: time | None  # type: ignore[assignment]  # only the widget is a string's

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "StringField"
        self.render_kw = {"inputmode": "numeric", "autocomplete": "off", "placeholder": "08:30"} | (
            self.render_kw or {}
        )

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the time, or refuse."""
        typed, self.data = _typed(valuelist), None
        if typed:
            try:
                self.data = read_clock(typed)
            except ValueProblem:
                raise ValueError(_("This is not a time of day. Write for example 8:30.")) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%H:%M:%S}".removesuffix(":00") if self.data else ""


_LONGEST = 2**31 - 1
"""Seconds that fit into every column of a duration: 68 years."""


class DurationField(StringField):
    """A duration, typed as 7:30, 7,5 or 7 h 30; with `minutes` a bare number counts minutes. `data` is seconds."""

    data: int | None  # type: ignore[assignment]  # only the widget is a string's

    def __init__(self, *args: Any, minutes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "StringField"
        self._minutes = minutes
        self.render_kw = {"autocomplete": "off", "placeholder": "0:30" if minutes else "7:30"} | (self.render_kw or {})

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the duration, or refuse."""
        typed, self.data = _typed(valuelist), None
        if typed:
            try:
                self.data = read_break(typed) if self._minutes else read_duration(typed)
            except ValueProblem:
                raise ValueError(_("This is not a duration. Write for example 7:30.")) from None
            if self.data > _LONGEST:
                raise ValueError(_("This is not a duration. Write for example 7:30."))
            if self.data < 0:
                raise ValueError(_("Hours cannot be less than nothing."))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else formats.clock(self.data, "en")


class _Times(forms.Form):
    """When and how long."""

    starts = ClockField(_("From"))
    ends = ClockField(_("Until"))
    pause = DurationField(_("Break"), minutes=True)
    hours = DurationField(_("Hours"))
    version = HiddenField()

    def fill_in(self, entry: Entry, zone: ZoneInfo) -> None:
        """Put in what the entry says now."""
        self.starts.data = entry.starts_at.astimezone(zone).time() if _there(entry.starts_at) else None
        self.ends.data = entry.ends_at.astimezone(zone).time() if _there(entry.ends_at) else None
        self.pause.data = entry.break_seconds
        self.hours.data = entry.worked_seconds if not _there(entry.starts_at) else None
        self.version.data = str(entry.version)

    def values(self, day: date, zone: ZoneInfo, entry: Entry | None = None) -> Values | None:
        """
        Return what was typed; None where neither times nor hours were. An end before the start is the next day's.

        Times that are left as *entry* shows them are its own instants: of more than a day, or in the hour that comes
        twice when clocks go back.

        Raises:
            InvalidInputError: only one of start and end, or hours beside them that they do not give.

        """
        starts, ends = self.starts.data, self.ends.data
        if (starts is None) != (ends is None):
            raise errors.InvalidInputError(fields={"ends_at": [_("Give start and end, or neither.")]})
        pause, worked = self.pause.data or 0, self.hours.data
        if starts is None or ends is None:
            return None if worked is None else Values(break_seconds=pause, worked_seconds=worked)
        begins = datetime.combine(day, starts, tzinfo=zone).astimezone(UTC)
        until = datetime.combine(day + timedelta(days=ends < starts), ends, tzinfo=zone).astimezone(UTC)
        if entry is not None and day == entry.day and _there(entry.starts_at):
            shown = [each.astimezone(zone).time() for each in (entry.starts_at, entry.ends_at)]
            begins = entry.starts_at if starts == shown[0] else begins
            until = entry.ends_at if ends == shown[1] else until
        if worked is not None and worked != round((until - begins).total_seconds()) - pause:
            said = _("Start, end, break and duration do not fit each other.")
            raise errors.InvalidInputError(fields={"worked_seconds": [said]})
        return Values(starts_at=begins, ends_at=until, break_seconds=pause)

    def shown_version(self) -> int:
        """Return the version that was shown; 0, which none has, where the form is broken."""
        return read_version(self.version.data)


def _there(value: object) -> bool:
    return value is not None


class DisputeForm(_Times):
    """What is wrong with an entry, and what would be right."""

    reason = forms.LongTextField(_("What is wrong?"), [forms.Required(), Length(max=LONGEST_NOTE)])


class CorrectForm(_Times):
    """What an entry should say, by staff."""

    day = forms.DayField(_("Day"), [forms.Required()])
    task = forms.TextField(_("Work"), [Length(max=300)])
    note = forms.LongTextField(_("Note"), [Length(max=LONGEST_NOTE)])
    reason = forms.LongTextField(_("Why is it changed?"), [forms.Required(), Length(max=LONGEST_NOTE)])

    def fill_in(self, entry: Entry, zone: ZoneInfo) -> None:
        """Put in what the entry says now."""
        super().fill_in(entry, zone)
        self.day.data, self.task.data, self.note.data = entry.day, entry.task, entry.note


class NewWorkForm(_Times):
    """A piece of work that is registered by hand: what staff and contacts say of it alike."""

    day = forms.DayField(_("Day"), [forms.Required()])
    job = SelectField(_("Job"), default="")  # type: ignore[arg-type]  # WTForms prints lazy texts
    project = SelectField(_("Project"))  # type: ignore[arg-type]  # as above
    kind = SelectField(
        _("Kind of hours"),  # type: ignore[arg-type]  # as above
        choices=forms.choices((kind.value, KINDS[kind]) for kind in EntryKind),
    )
    task = forms.TextField(_("Work"), [Length(max=300)])
    note = forms.LongTextField(_("Note"), [Length(max=LONGEST_NOTE)])
    new = forms.HiddenId()


class EntryForm(NewWorkForm):
    """A piece of work that staff registers, of whomever it names."""

    worker = forms.TextField(_("Employee"), [forms.Required(), Length(max=200)])
    draft = BooleanField(_("As a draft: the customer sees nothing yet"))  # type: ignore[arg-type]  # as above


class RegisterForm(NewWorkForm):
    """A piece of work that a contact registers, of somebody who works there already."""

    worker = SelectField(_("Employee"), [forms.Required()])  # type: ignore[arg-type]  # WTForms prints lazy texts


class AnswerForm(forms.Form):
    """Why an entry stays as it is."""

    answer = forms.LongTextField(_("Your answer"), [forms.Required(), Length(max=LONGEST_NOTE)])
    version = HiddenField()


class ReasonForm(forms.Form):
    """Why approved hours are opened again."""

    reason = forms.LongTextField(_("Why are they opened again?"), [forms.Required(), Length(max=LONGEST_NOTE)])


class ApproveForm(forms.Form):
    """The confirmation of an approval: an order number, what was shown when, the approval's future id."""

    reference = forms.TextField(_("Order number or reference"), [Length(max=100)])
    shown_at = HiddenField()
    approval = forms.HiddenId()


class DeputyForm(forms.Form):
    """Who is asked as well, from when to when."""

    deputy = SelectField(_("Colleague"), [forms.Required()])  # type: ignore[arg-type]  # WTForms prints lazy texts
    first_day = forms.DayField(_("From"), [forms.Required()])
    last_day = forms.DayField(_("Until"), [forms.Required()])
    new = forms.HiddenId()


class TaskForm(forms.Form):
    """A task of a project."""

    title = forms.TextField(_("Task"), [forms.Required(), Length(max=200)])
    parent = SelectField(_("Part of"))  # type: ignore[arg-type]  # WTForms prints lazy texts
    new = forms.HiddenId()


class StaffTaskForm(TaskForm):
    """A task, with how far it is."""

    status = SelectField(
        _("State"),  # type: ignore[arg-type]  # WTForms prints lazy texts
        choices=forms.choices((state.value, TASK_STATES[state].label) for state in TaskState),
    )
    progress = IntegerField(_("Progress in %"), [Optional(), NumberRange(0, 100)], default=0)  # type: ignore[arg-type]  # as above
    starts_on = forms.DayField(_("From"))
    ends_on = forms.DayField(_("Until"))


class BudgetForm(forms.Form):
    """The budget of a project."""

    budget = DurationField(_("Budget of hours"))
    customer_adds_tasks = BooleanField(_("The customer may add tasks"))  # type: ignore[arg-type]  # WTForms prints lazy texts
    version = HiddenField()


class JobForm(forms.Form):
    """Who works where, at one customer: its projects and contacts are what there is to choose from."""

    worker = forms.TextField(_("Employee"), [forms.Required(), Length(max=200)])
    title = forms.TextField(_("Job"), [forms.Required(), Length(max=200)])
    project = SelectField(_("Project"))  # type: ignore[arg-type]  # WTForms prints lazy texts
    contact = SelectField(_("Contact"))  # type: ignore[arg-type]  # as above
    place = forms.TextField(_("Place"), [Length(max=200)])
    starts_on = forms.DayField(_("From"), [forms.Required()])
    ends_on = forms.DayField(_("Until"))
    planned = DurationField(_("Hours a week"))
    status = SelectField(
        _("State"),  # type: ignore[arg-type]  # WTForms prints lazy texts
        choices=forms.choices((state.value, JOB_STATES[state].label) for state in JobState),
        default=JobState.ACTIVE.value,
    )
    version = HiddenField()
    new = forms.HiddenId()


def task_choices(tasks: list[dict[str, Any]]) -> list[Any]:
    """Return the tasks that another one can be part of."""
    return forms.choices(
        [("", _("The project itself")), *((str(row["id"]), "  " * row["depth"] + row["title"]) for row in tasks)]
    )


class CustomerForm(forms.Form):
    """Whose it is: asked first, because what else there is to choose from is that customer's."""

    customer = SelectField(_("Customer"), [forms.Required()])  # type: ignore[arg-type]  # WTForms prints lazy texts


def or_none(pairs: list[tuple[str, str]]) -> list[Any]:
    """Return choices of ids and names, of which none need be taken."""
    return forms.choices([("", "–"), *pairs])


def chosen(field: SelectField) -> UUID | None:
    """Return the id that was chosen among such choices."""
    return UUID(field.data) if field.data else None


def pick(pairs: list[tuple[UUID, str]]) -> list[Any]:
    """Return choices of ids and names."""
    return forms.choices([("", _("Choose")), *((str(id), name) for id, name in pairs)])
