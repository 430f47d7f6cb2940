"""The mails that the local cloud took, as `local-cloud.sh mail` shows them."""

from __future__ import annotations

from cli.local_mail import mails, readable


def record(seconds: float, **more: object) -> dict[str, object]:
    mail = {
        "Source": "a@example.org",
        "To": ["b@example.org"],
        "Subject": "Hi",
        "BodyText": "One\nTwo",
        "BodyHtml": None,
    }
    return {**mail, "Timestamp": seconds, **more}


def test_mails_of_all_accounts_come_oldest_first() -> None:
    answer = {"messages": {"1": [record(20.5, Subject="late")], "2": [record(10, Subject="early")]}}
    assert [(mail["subject"], mail["date"]) for mail in mails(answer)] == [
        ("early", "1970-01-01T00:00:10Z"),
        ("late", "1970-01-01T00:00:20Z"),
    ]


def test_readable_mail_has_its_head_and_its_text() -> None:
    (mail,) = mails({"messages": {"1": [record(0)]}})
    assert readable(mail).splitlines()[1:] == [
        "From:    a@example.org",
        "To:      b@example.org",
        "Subject: Hi",
        "Date:    1970-01-01T00:00:00Z",
        "",
        "One",
        "Two",
    ]


def test_control_characters_of_a_mail_never_reach_the_terminal() -> None:
    (mail,) = mails({"messages": {"1": [record(0, Subject="\x1b[31mred", BodyText="\x1b]0;title\x07 \u202e")]}})
    assert readable(mail).replace("\n", "").isprintable()
    assert "\\x1b[31mred" in readable(mail)
