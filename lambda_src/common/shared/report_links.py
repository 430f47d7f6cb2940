"""How long a link to a report works.

Used by the functions (report_run, for the trainer's email) and by the trainer's side (`cli/weekly_run.py`, for
`run-scoring.sh --status`).
"""

from __future__ import annotations

from datetime import timedelta

# A link stops working when the credentials that signed it expire. A function's credentials last about half a day.
LINK_LIFE = timedelta(hours=12)
