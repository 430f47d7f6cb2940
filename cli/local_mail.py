"""Print the emails that the local cloud was asked to send, newest last: `python -m cli.local_mail URL [--json]`."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypedDict

from ansible_collections.training.test_time.plugins.module_utils.shared.harmful_characters import escaped

SEPARATOR = "-" * 72


# An email. `date`: UTC, as text. `text` or `html` is None if there is no such part.
Mail = TypedDict(
    "Mail", {"from": str, "to": list[str], "subject": str, "date": str, "text": str | None, "html": str | None}
)


def mails(answer: Mapping[str, Any]) -> list[Mail]:
    """The emulator's `{"messages": {account: [...]}}` as a list, oldest first."""
    records = [record for account in answer["messages"].values() for record in account]
    return [
        {
            "from": record["Source"],
            "to": record["To"],
            "subject": record["Subject"],
            "date": datetime.fromtimestamp(record["Timestamp"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "text": record["BodyText"],
            "html": record["BodyHtml"],
        }
        for record in sorted(records, key=lambda record: float(record["Timestamp"]))
    ]


def readable(mail: Mail) -> str:
    """An email for people to read. Harmful characters are shown as their numbers, because emails are not trusted."""
    head = {"From": mail["from"], "To": ", ".join(mail["to"]), "Subject": mail["subject"], "Date": mail["date"]}
    lines = [f"{name + ':':8} {' '.join(escaped(value).split())}" for name, value in head.items()]
    return "\n".join([SEPARATOR, *lines, "", escaped(mail["text"] or "(no text part)").rstrip("\n"), ""])


def main(url: str, as_json: bool) -> None:
    """Print all emails of the local cloud at `url`."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/_ministack/ses/messages", timeout=10) as reply:
        found = mails(json.load(reply))
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    elif found:
        print("\n".join(readable(mail) for mail in found))
    else:
        print("No email has been sent yet.")


if __name__ == "__main__":
    try:
        main(sys.argv[1], "--json" in sys.argv[2:])
    except OSError as problem:
        sys.exit(f"local-cloud.sh: the local cloud at {sys.argv[1]} did not answer: {problem}")
