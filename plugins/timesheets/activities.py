"""What can happen to registered work, jobs and projects, in sentences, and who hears of it."""

from __future__ import annotations

from core.sdk import ActivityKind, Audience, LazyString, Translator

_ = Translator("timesheets")


def _request(key: str, label: LazyString, sentence: LazyString, subject: LazyString, body: LazyString) -> ActivityKind:
    return ActivityKind(
        key=key,
        label=label,
        sentence=sentence,
        subject=subject,
        body=body,
        button=_("See and approve hours"),
        icon="hourglass",
        notify=(Audience.CONTACT,),
        channel="mail",
    )


def _quiet(key: str, label: LazyString, sentence: LazyString, icon: str, *, shared: bool = True) -> ActivityKind:
    return ActivityKind(key=key, label=label, sentence=sentence, icon=icon, channel="none", shared=shared)


ACTIVITIES = (
    _request(
        "timesheets.approval_requested",
        _("Hours for approval"),
        _("{hours} from {first_day} to {last_day} wait for approval"),
        _("Hours for your approval in {portal}"),
        _("{hours} of registered work from {first_day} to {last_day} wait for your approval."),
    ),
    _request(
        "timesheets.approval_reminded",
        _("Reminders of hours for approval"),
        _("Reminder: {hours} from {first_day} to {last_day} wait for approval"),
        _("Reminder: hours for your approval in {portal}"),
        _("{hours} of registered work from {first_day} to {last_day} still wait for your approval."),
    ),
    _request(
        "timesheets.approval_escalated",
        _("Hours that nobody has approved yet"),
        _("{hours} from {first_day} to {last_day} still wait: nobody has approved them yet"),
        _("Hours that nobody has approved yet in {portal}"),
        _("{hours} of registered work from {first_day} to {last_day} still wait: nobody has approved them."),
    ),
    ActivityKind(
        key="timesheets.approved",
        label=_("Approved hours"),
        sentence=_("{by} approved {hours} of {days}"),
        subject=_("{customer}: {hours} approved"),
        icon="circle-check",
        notify=(Audience.STAFF,),
        channel="bell",
    ),
    ActivityKind(
        key="timesheets.undone",
        label=_("Approvals taken back"),
        sentence=_("{by} took the approval of {hours} back"),
        icon="arrow-back-up",
        notify=(Audience.STAFF,),
        channel="bell",
    ),
    ActivityKind(
        key="timesheets.reopened",
        label=_("Approvals that were opened again"),
        sentence=_("{by} opened {hours} of approved work again: {reason}"),
        subject=_("Approved hours were opened again in {portal}"),
        body=_("{hours} that were approved wait for approval again. The reason: {reason}"),
        button=_("See and approve hours"),
        icon="arrow-back-up",
        notify=(Audience.CONTACT,),
        channel="mail",
    ),
    ActivityKind(
        key="timesheets.disputed",
        label=_("Disputed hours"),
        sentence=_("{by} disputes {hours} of {day}: {reason}"),
        subject=_("{customer} disputes hours of {day}"),
        body=_("{by} writes about {title}: {reason}"),
        button=_("See the entry"),
        icon="message-exclamation",
        notify=(Audience.STAFF,),
        channel="mail",
    ),
    ActivityKind(
        key="timesheets.corrected",
        label=_("Corrected hours"),
        sentence=_("The entry of {day} was corrected: {hours}"),
        subject=_("Hours of {day} were corrected"),
        body=_("{title} says {hours} now and waits for your approval."),
        button=_("See the entry"),
        icon="pencil",
        notify=(Audience.CONTACT,),
        channel="bell",
    ),
    ActivityKind(
        key="timesheets.answered",
        label=_("Answers about hours"),
        sentence=_("Answer about the hours of {day}: {reason}"),
        subject=_("An answer about the hours of {day}"),
        body=_("{title}: {reason}"),
        button=_("See the entry"),
        icon="message",
        notify=(Audience.CONTACT,),
        channel="mail",
    ),
    ActivityKind(
        key="timesheets.recorded",
        label=_("Hours that customers register"),
        sentence=_("{by} registered {hours} of {day}"),
        subject=_("{customer}: {hours} of {day} registered"),
        button=_("See the entry"),
        icon="plus",
        notify=(Audience.STAFF,),
        channel="bell",
    ),
    ActivityKind(
        key="timesheets.changed",
        label=_("Hours that customers change"),
        sentence=_("{by} changed the entry of {day} to {hours}: {reason}"),
        subject=_("{customer} changed hours of {day}"),
        button=_("See the entry"),
        icon="pencil",
        notify=(Audience.STAFF,),
        channel="bell",
    ),
    _quiet("timesheets.registered", _("Hours registered by hand"), _("{hours} were registered"), "plus", shared=False),
    _quiet("timesheets.submitted", _("Hours put forward"), _("{hours} were put forward for approval"), "send"),
    _quiet("timesheets.invoiced", _("Invoiced hours"), _("{hours} were invoiced"), "file-invoice"),
    _quiet("timesheets.job_added", _("New jobs"), _("The job {job} was added"), "briefcase"),
    _quiet("timesheets.job_changed", _("Changed jobs"), _("The job {job} was changed"), "briefcase"),
    _quiet(
        "timesheets.project_changed",
        _("Changed budgets"),
        _("The budget of hours is {budget} now"),
        "adjustments",
    ),
    ActivityKind(
        key="timesheets.task_added",
        label=_("New tasks"),
        sentence=_("{by} added the task {task}"),
        icon="subtask",
        notify=(Audience.STAFF,),
        channel="bell",
    ),
    ActivityKind(
        key="timesheets.document_added",
        label=_("New documents of projects"),
        sentence=_("The document {name} was added"),
        icon="paperclip",
        notify=(Audience.CONTACT,),
        channel="bell",
    ),
    _quiet("timesheets.task_changed", _("Changed tasks"), _("The task {task} is at {progress} %"), "subtask"),
    _quiet(
        "timesheets.deputy_named",
        _("Deputies"),
        _("{by} has {deputy} asked as well from {first_day} to {last_day}"),
        "users",
        shared=False,
    ),
    _quiet(
        "timesheets.deputy_ended",
        _("Deputies that are not asked any more"),
        _("{by} does not have {deputy} asked any more"),
        "users",
        shared=False,
    ),
)
