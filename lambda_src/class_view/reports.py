"""The reports on a test that are kept, the newest first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict

from common.shared.deadlines import format_time
from common.shared.object_keys import report_page_key, report_prefix, report_statistics_key
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import ReportStatistics

_STYLES = re.compile(rb'<style.*?</style>| style="[^"]*"', re.DOTALL)


class Report(TypedDict):
    """A report in the answer to `GET /v1/class/results`. `digest`: its name. `writtenAt`: by S3's clock."""

    digest: str
    writtenAt: str


def reports_on(bucket: Bucket, subject: str, test: str) -> list[Report]:
    """The reports on a test. Raises StorageError."""
    page = re.compile(re.escape(report_page_key(report_prefix(subject, test, "DIGEST"))).replace("DIGEST", "([^/]+)"))
    written = list(bucket.dated_keys(report_prefix(subject, test, "")))
    found = [(at, name[1]) for key, at in written if (name := page.fullmatch(key))]
    return [{"digest": digest, "writtenAt": format_time(at)} for at, digest in sorted(found, reverse=True)]


def statistics_of(bucket: Bucket, subject: str, test: str, reports: list[Report]) -> ReportStatistics | None:
    """The statistics of the newest report. None without a report, or if an earlier version wrote it."""
    if not reports:
        return None
    found: ReportStatistics | None = bucket.get_json(
        report_statistics_key(report_prefix(subject, test, reports[0]["digest"]))
    )
    return found


def report_page(bucket: Bucket, subject: str, test: str, digest: str) -> bytes | None:
    """A report as it was mailed, as HTML without styles; None if it is not kept.

    Reports have the styles of emails, which the page's Content-Security-Policy refuses. In their text, a quotation mark
    is always escaped.
    """
    page = bucket.get_bytes(report_page_key(report_prefix(subject, test, digest)))
    return None if page is None else _STYLES.sub(b"", page)
