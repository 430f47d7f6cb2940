"""When students are emailed about the time that they have for a test. Pure functions.

Used by the functions (`common.shared`) and by the trainer's side (`module_utils.shared`: schedules of runs).

No student is told of the same deadline by two of these emails at the same time:

- an announcement, that a test is open, comes instead of an email about an extension that was given before it opened;
- an email about an extension that was given later comes instead of an announcement that is still to be sent;
- either of them, if it comes when a student would already be reminded of the deadline, comes instead of the reminder.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .deadlines import parse_time

if TYPE_CHECKING:
    from .documents import ClosingRules, Extension, IndexEntry

# From a publication to the run that emails students about it. A slip can be taken back until then, and with the default
# authorizer_ttl_seconds, API Gateway no longer has the deadlines of before.
NOTICE_DELAY = timedelta(minutes=5)


def open_from(test: IndexEntry) -> datetime:
    """Since when a test is open: since its `opensAt`, but never before it was published."""
    published_at = parse_time(test["publishedAt"])
    return max(published_at, parse_time(test["opensAt"])) if "opensAt" in test else published_at


def is_mailed(test: IndexEntry, extension: Extension) -> bool:
    """Whether a student is emailed about an extension, and not only about the opening of the test after it."""
    return not (test.get("announce") and open_from(test) > parse_time(extension["grantedAt"]))


def reminded_from(test: ClosingRules, deadline: datetime, hours: int) -> datetime:
    """When a student is reminded of their deadline: so many hours before it, but not before the test opens."""
    moment = deadline - timedelta(hours=hours)
    return max(moment, parse_time(test["opensAt"])) if "opensAt" in test else moment


def needs_reminder(test: IndexEntry, extension: Extension | None, deadline: datetime, hours: int) -> bool:
    """Whether a student is reminded of their deadline, and not told of it by another email at that time or later."""
    told = [open_from(test)] if test.get("announce") else []
    if extension is not None:
        told.append(parse_time(extension["grantedAt"]))
    return all(moment < deadline - timedelta(hours=hours) for moment in told)


def announcement_moments(test: IndexEntry) -> list[datetime]:
    """When a run has to announce a test: when it opens, and after each publication that changes its times later."""
    if not test.get("announce"):
        return []
    opens, revised = open_from(test), parse_time(test["revisedAt"]) + NOTICE_DELAY
    return [opens, revised] if revised > opens else [opens]


def extension_moment(test: IndexEntry, extension: Extension) -> list[datetime]:
    """When a run has to tell a student about an extension."""
    return [parse_time(extension["grantedAt"]) + NOTICE_DELAY] if is_mailed(test, extension) else []
