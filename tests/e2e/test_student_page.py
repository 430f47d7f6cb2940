"""A student at the deployed page: from the key to the receipt, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

from support.api_calls import call
from support.browser_student import Visitor
from support.chromium import running_chromium
from support.deployed_project import Project

SUBJECT, TEST = "git", "test01"


def test_a_whole_test_on_the_page_ends_with_the_servers_receipt(project: Project) -> None:
    settings = project.student("s003")
    with running_chromium() as browser:
        student = Visitor(browser.new_context(), settings["TEST_TIME_ENDPOINT"], settings["TEST_TIME_API_KEY"])
        student.sign_in()
        page = student.page
        page.get_by_role("link", name="Start Commits, branches and mistakes").click()
        student.sees("Commits, branches and mistakes")
        student.choose(1, "a", "d")
        student.choose(2, "b")
        page.reload()
        student.sees("Commits, branches and mistakes")
        assert student.chosen() == {"1": ["a", "d"], "2": ["b"]}
        student.upload()
        student.sees("Your answers are uploaded")
        receipt = page.locator(".receipt-id").inner_text()
        page.get_by_role("link", name="Back to my tests").click()
        expect(page.get_by_role("link", name="Change answers Commits")).to_be_visible()
        assert student.complaints == []
        assert student.foreign_requests == []
    _, known = call(settings, "GET", "/v1/student")
    assert [(test["state"], test["receiptId"]) for test in known["tests"] if test["subjectName"] == SUBJECT] == [
        ("submitted", receipt)
    ]
