"""What `students.sh erase` prints at its end: what was deleted, what remains, and why. It names the ID only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import format_time
from cli.students.search import Found
from cli.table import as_table

_REMAINS = """\
What remains, and why:
- The emails that were sent, in the mailboxes of the student and of the trainer: they have left the bucket. The
  trainer's have gradebooks attached.
- The address on SES's suppression list, if an email bounced: without it, SES would send there again. To delete it:
  aws sesv2 delete-suppressed-destination --email-address ADDRESS
- Files on the trainer's computers: earlier versions of students.yml and of tests with extensions (in Git too),
  gradebooks, results, exports, and the emails of rehearsals in .build/rehearsal/.
- Means, counts and charts in reports, which were calculated with the student's results: they name nobody.
- If the account records data events of S3 in CloudTrail: the keys of objects, which have the ID.
Logs and the histories of runs do not contain names, addresses, IDs, answers or keys. The only backups of the bucket are
its versions."""


@dataclass
class Certificate:
    """What was deleted. `finished_at`: by S3's clock, when the last search found nothing more."""

    student: str
    finished_at: datetime = datetime.min
    objects: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    rewritten: Counter[str] = field(default_factory=Counter)
    pages: list[str] = field(default_factory=list)

    def add(self, found: Found) -> None:
        """Note what was deleted of a key."""
        self.objects[found.folder] += 1
        self.versions[found.folder] += sum(not version.is_marker for version in found.doomed)
        self.rewritten[found.folder] += found.rest is not None
        if found.rest is None and found.key.endswith(".html"):
            self.pages.append(found.key)

    def as_text(self, stage: str) -> str:
        """The certificate."""
        rows = [
            [folder, *(str(counts[folder]) for counts in (self.objects, self.versions, self.rewritten))]
            for folder in sorted(self.objects)
        ]
        lines = [
            f"Everything about student {self.student} was deleted from stage {stage}.",
            f"At {format_time(self.finished_at)}, by the clock of S3, a search over all versions found nothing more.",
            "",
            as_table([["where", "objects", "versions deleted", "kept without the student"], *rows]),
            "",
        ]
        if self.pages:
            lines.append("Reports whose page had to be deleted as a whole (the gradebooks are kept):")
            lines += [*(f"- {page}" for page in self.pages), ""]
        return "\n".join([*lines, _REMAINS])
