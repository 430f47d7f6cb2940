"""How a link to a report is signed, and how long it works.

Used by the functions (report_run, for the trainer's email) and by the trainer's side (`cli/weekly_run.py`, for
`run-scoring.sh --status`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

# A link stops working when the credentials that signed it expire. A function's credentials last about half a day.
LINK_LIFE = timedelta(hours=12)

# For botocore's Config. By default, links lead to the host that all Regions share. It answers with redirects to a new
# bucket for up to a day, which a signature does not survive, and it does not know Regions opened after March 2019
# (Amazon S3 User Guide, "Virtual hosting of buckets"). S3 refuses older signatures for encrypted objects.
SIGNING: dict[str, Any] = {
    "signature_version": "s3v4",
    "s3": {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
}
