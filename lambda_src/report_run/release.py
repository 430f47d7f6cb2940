"""Notes that the reviews of a test have been written, with the class's mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.shared.object_keys import release_key
from common.storage import Bucket
from report_run.item_analysis import mean
from report_run.report_of_test import TestReport

if TYPE_CHECKING:
    from common.shared.documents import Points, Release

# With fewer results, a student could find out those of others from the mean.
FEWEST_FOR_A_MEAN = 5


def note_release(bucket: Bucket, report: TestReport) -> None:
    """Write a test's release if the run has written its reviews. Raises StorageError."""
    if report.released_for is None:
        return
    release: Release = {
        "subjectName": report.subject,
        "testId": report.test_id,
        "lastDeadline": report.released_for,
        "complete": not report.counts["failed"],
        "mean": class_mean([row.points for row in report.rows if row.points is not None]),
    }
    bucket.put_json(release_key(report.subject, report.test_id), release)


def class_mean(points: list[Points]) -> Points | None:
    """The mean of the points, in hundredths; None for fewer than FEWEST_FOR_A_MEAN results."""
    if len(points) < FEWEST_FOR_A_MEAN:
        return None
    rounded = round(mean(points), 2)
    return int(rounded) if rounded.is_integer() else rounded
