"""The test that bin/check-deployment.sh takes, and the only student who can see it.

Used by the functions (`common.shared`) and by the trainer's side (`module_utils.shared`). No class can have a subject
with this name, so no student, publication or other run ever meets the test. The test and the student have the same
unusual name, so that nothing of a class that had such a subject before is taken for theirs.
"""

from __future__ import annotations

SUBJECT = "check-deployment"
TEST = "check-deployment"
STUDENT = "check-deployment"
# The mailbox simulator of Amazon SES. It accepts emails from an account in the sandbox too, and they do not count
# towards its daily quota: https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
MAILBOX = "success@simulator.amazonses.com"
