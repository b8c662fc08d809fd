"""The lists of registered work, of jobs and of projects, and the cards that count them."""

from plugins.timesheets.lists.cards import CARDS
from plugins.timesheets.lists.entries import ENTRIES, STAFF_ENTRIES
from plugins.timesheets.lists.jobs import ALL_JOBS, CONTACT_JOBS, job_chip
from plugins.timesheets.lists.projects import ALL_PROJECTS, CONTACT_PROJECTS

VIEWS = (ENTRIES, STAFF_ENTRIES, CONTACT_JOBS, ALL_JOBS, CONTACT_PROJECTS, ALL_PROJECTS)

__all__ = [
    "ALL_JOBS",
    "ALL_PROJECTS",
    "CARDS",
    "CONTACT_JOBS",
    "CONTACT_PROJECTS",
    "ENTRIES",
    "STAFF_ENTRIES",
    "VIEWS",
    "job_chip",
]
