"""A whole test on the page, and everything that can come between."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Route, expect

from common.api.receipt import MOST_ATTEMPTS
from common.shared.object_keys import answers_key
from support.browser_student import ALL_ANSWERS, SUBJECT, TEST, Student
from support.local_api import LocalApi, sample_questions

KEY = f"answers/{SUBJECT}/s001/{TEST}.json"


def reply(status: int, code: str = "", **headers: str) -> Callable[[Route], None]:
    """A route's handler that answers instead of the server."""
    body = f'{{"code": "{code}", "message": "{code}"}}'
    return lambda route: route.fulfill(status=status, body=body, headers={"content-type": "application/json"} | headers)


def fail_uploads(ada: Student, handler: Callable[[Route], None], times: int | None = None) -> None:
    ada.page.route("**/v1/test", handler, times=times)


def test_a_whole_test_ends_with_the_servers_receipt(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    ada.upload()
    ada.sees("Your answers are uploaded")
    stored = ada.stored()[KEY]
    assert stored["answers"] == ALL_ANSWERS
    expect(ada.page.locator(".receipt-id")).to_have_text(stored["receiptId"])
    ada.page.get_by_role("link", name="Back to my tests").click()
    expect(ada.page.get_by_role("heading", name="Uploaded, not scored yet")).to_be_visible()
    ada.page.get_by_role("link", name="Receipt Kernels").click()
    expect(ada.page.locator(".receipt-id")).to_have_text(stored["receiptId"])


def test_a_test_costs_four_calls(ada: Student, api: LocalApi) -> None:
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    ada.upload()
    ada.sees("Your answers are uploaded")
    calls = [request for request in api.requests if "/v1/" in request]
    assert calls[0] == "GET /v1/student"
    assert set(calls[1:3]) == {"GET /v1/test", "GET /v1/draft"}  # both at once
    assert calls[3:] == ["POST /v1/test"]


def test_answers_survive_a_reload_in_the_middle(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.choose(3, "a", "b")
    ada.page.reload()
    ada.sees("Kernels")
    assert ada.chosen() == {"1": ["a"], "3": ["a", "b"]}
    expect(ada.page.locator(".progress")).to_contain_text("2 of 6 answered")


def test_a_closed_tab_is_taken_up_from_the_list(ada: Student) -> None:
    ada.sign_in(remember=True)
    ada.start_test()
    ada.choose(2, "c")
    ada.page.close()
    ada.page = ada.context.new_page()
    ada.open()
    expect(ada.page.get_by_text("1 of 6 answered on this device")).to_be_visible()
    ada.page.get_by_role("link", name="Continue Kernels").click()
    ada.sees("Kernels")
    assert ada.chosen() == {"2": ["c"]}


def test_an_answer_can_be_changed_and_cleared(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.choose(1, "b")
    ada.choose(2, "a")
    ada.page.locator("#question-2").get_by_role("button", name="Clear answer").click()
    ada.page.reload()
    ada.sees("Kernels")
    assert ada.chosen() == {"1": ["b"]}


def test_unanswered_questions_are_told_before_the_upload_and_linked(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.page.get_by_role("link", name="Review and upload").click()
    expect(ada.page.get_by_role("heading", name="5 questions are unanswered")).to_be_visible()
    ada.page.locator(".jump").get_by_role("link", name="Question 4").click()
    ada.sees("Kernels")
    expect(ada.page.locator("#question-4 input").first).to_be_focused()
    assert ada.stored() == {}


def test_nothing_answered_cannot_be_uploaded(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.page.get_by_role("link", name="Review and upload").click()
    expect(ada.page.get_by_role("heading", name="You have not answered any questions")).to_be_visible()
    expect(ada.page.get_by_role("button", name="Upload my answers")).to_be_hidden()


@pytest.mark.faults
def test_answers_given_offline_are_uploaded_when_back_online(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.context.set_offline(True)
    expect(ada.page.get_by_text("No connection.")).to_be_visible()
    ada.answer_everything()
    ada.upload()
    ada.waits("You are offline.")
    assert ada.stored() == {}
    ada.context.set_offline(False)
    ada.sees("Your answers are uploaded")
    expect(ada.page.get_by_text("No connection.")).to_be_hidden()
    assert ada.stored()[KEY]["answers"] == ALL_ANSWERS


@pytest.mark.faults
def test_questions_open_offline_once_they_were_read(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.page.get_by_role("link", name="Tests").click()
    ada.sees("Your tests")
    ada.page.reload()  # nothing is in memory any more
    ada.sees("Your tests")
    ada.context.set_offline(True)
    ada.page.get_by_role("link", name="Continue Kernels").click()
    ada.sees("Kernels")
    assert ada.chosen() == {"1": ["a"]}


@pytest.mark.faults
def test_a_reply_lost_after_the_server_stored_the_answers_gives_the_same_receipt(ada: Student) -> None:
    def store_and_cut(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    fail_uploads(ada, store_and_cut, times=1)
    ada.upload()
    ada.sees("Your answers are uploaded")
    assert list(ada.stored()) == [KEY]
    expect(ada.page.locator(".receipt-id")).to_have_text(ada.stored()[KEY]["receiptId"])


@pytest.mark.faults
def test_an_upload_interrupted_by_a_reload_goes_on_by_itself(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    fail_uploads(ada, lambda route: route.abort())
    ada.upload()
    ada.waits("Trying again in")
    ada.page.unroute_all(behavior="ignoreErrors")
    ada.open()
    ada.sees("Your answers are uploaded")
    assert ada.stored()[KEY]["answers"] == ALL_ANSWERS


@pytest.mark.faults
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_waited_out_in_sight(ada: Student, status: int) -> None:
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    fail_uploads(ada, reply(status), times=2)
    ada.upload()
    ada.waits(re.compile(r"Trying again in \d+ s"))
    ada.page.get_by_role("button", name="Try now").click()
    ada.sees("Your answers are uploaded")


@pytest.mark.faults
def test_the_servers_retry_after_is_kept(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    fail_uploads(ada, reply(429, "TooManyRequests", **{"retry-after": "47"}), times=1)
    ada.upload()
    ada.waits(re.compile(r"Trying again in 4[5-7] s"))


@pytest.mark.faults
def test_attempts_are_bounded_and_the_answers_kept(ada: Student, api: LocalApi) -> None:
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    seen: list[str] = []

    def refuse(route: Route) -> None:
        seen.append(route.request.url)
        reply(500)(route)

    fail_uploads(ada, refuse)
    ada.upload()
    for _ in range(7):
        ada.page.get_by_role("button", name="Try now").click()
    ada.sees("Not uploaded yet")
    assert len(seen) == 8
    ada.page.unroute_all(behavior="ignoreErrors")
    ada.page.get_by_role("button", name="Try again").click()
    ada.sees("Your answers are uploaded")
    assert ada.stored()[KEY]["answers"] == ALL_ANSWERS


def test_a_test_that_opens_later_is_announced_with_its_times_and_cannot_be_started(ada: Student, api: LocalApi) -> None:
    opens_at = api.now + timedelta(hours=1)
    api.publish_test(
        SUBJECT, TEST, sample_questions(), opens_at + timedelta(hours=9), opensAt=opens_at.isoformat(timespec="seconds")
    )
    ada.sign_in()
    announced = ada.page.locator("section.announced")
    expect(announced.get_by_role("heading", name="Opens later")).to_be_visible()
    expect(announced).to_contain_text(re.compile("Opens Mon.*closes Mon"))
    expect(announced.get_by_role("link")).to_have_count(0)


@pytest.mark.faults
def test_a_test_that_is_not_open_yet_says_when_it_opens_in_local_time(ada: Student, api: LocalApi) -> None:
    opens_at = (api.now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    ada.sign_in()
    api.publish_test(SUBJECT, TEST, sample_questions(), api.now + timedelta(hours=9), opensAt=opens_at)
    ada.page.get_by_role("link", name="Start Kernels").click()
    ada.sees("The test is not open yet")
    expect(ada.page.get_by_text(re.compile(r"Test test01 opens at Mon.* Come back then\."))).to_be_visible()


REFUSALS = [
    (410, "TestClosed", "The test is closed"),
    (404, "TestNotFound", "Test not found"),
    (403, "NotEnrolled", "You are not enrolled"),
    (403, "TestNotOpen", "The test is not open yet"),
    (403, "NotYourStudentId", "Signed in as someone else"),
    (413, "PayloadTooLarge", "Upload too large"),
    (400, "InvalidRequest", "The server rejected the request"),
]


@pytest.mark.faults
@pytest.mark.parametrize(("status", "code", "heading"), REFUSALS)
def test_a_refusal_is_told_in_plain_words_and_keeps_the_answers(
    ada: Student, status: int, code: str, heading: str
) -> None:
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    fail_uploads(ada, reply(status, code))
    ada.upload()
    ada.sees(heading)
    expect(ada.page.get_by_text("Answers you gave are still saved on this device.")).to_be_visible()
    ada.page.get_by_role("link", name="Back to the questions").click()
    ada.sees("Kernels")
    assert len(ada.chosen()) == 6


@pytest.mark.faults
@pytest.mark.parametrize(("status", "code"), [(401, ""), (403, "Forbidden"), (403, "")])
def test_a_key_refused_in_the_middle_asks_for_a_key_and_goes_on_where_it_was(
    ada: Student, status: int, code: str
) -> None:
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    fail_uploads(ada, reply(status, code), times=1)
    ada.upload()
    ada.sees("Sign in")
    expect(ada.page.get_by_role("alert")).to_contain_text("Answers saved on this device stay there")
    ada.page.get_by_label("Your key").fill(ada.key)
    ada.page.get_by_role("button", name="Sign in").click()
    ada.sees("Upload your answers?")
    expect(ada.page.get_by_role("heading", name="All questions are answered")).to_be_visible()


@pytest.mark.faults
def test_other_answers_uploaded_elsewhere_are_told_with_the_receipt_that_counts(
    ada: Student, open_browser: Callable[..., Student]
) -> None:
    elsewhere = open_browser()
    elsewhere.key = ada.key
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "b")
    elsewhere.sign_in()
    elsewhere.start_test()
    elsewhere.choose(1, "a")
    elsewhere.upload()
    elsewhere.sees("Your answers are uploaded")
    ada.upload()
    ada.sees("Already uploaded")
    ada.page.get_by_role("link", name="Receipt for the answers that count").click()
    expect(ada.page.locator(".receipt-id")).to_have_text(ada.stored()[KEY]["receiptId"])
    assert ada.stored()[KEY]["answers"] == {"1": "a"}


@pytest.mark.faults
def test_one_attempt_too_many_is_told_once_and_keeps_the_answers(ada: Student, api: LocalApi) -> None:
    api.publish_test(SUBJECT, TEST, sample_questions(), api.now + timedelta(hours=10), title="Kernels", attempts="last")
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    for n in range(1, MOST_ATTEMPTS + 1):
        api.bucket.create_json(answers_key(SUBJECT, "s001", TEST, n), {}, f"R-{n} 2026-11-23T11:00:00Z x")
    ada.upload()
    ada.sees("Uploaded again elsewhere")
    ada.page.get_by_role("button", name="Upload these answers instead").click()
    ada.sees("No more uploads")
    assert api.requests.count("POST /v1/test") == 2
    expect(ada.page.get_by_text("Answers you gave are still saved on this device.")).to_be_visible()
    ada.page.get_by_role("link", name="Receipt for the answers that count").click()
    expect(ada.page.locator(".receipt-id")).to_have_text("R-100")
    assert len(ada.stored()) == MOST_ATTEMPTS
    # The list offers no further attempt.
    ada.open()
    expect(ada.page.get_by_role("link", name="Change answers")).to_have_count(0)
    assert ada.page.evaluate("Object.keys(localStorage).filter((name) => name.includes('|answer|')).length") == 6


def test_two_tabs_keep_in_step_and_lose_no_answer(ada: Student) -> None:
    ada.sign_in(remember=True)
    other = ada.open(f"#/test/{SUBJECT}/{TEST}", ada.context.new_page())
    ada.sees("Kernels", other)
    ada.start_test()
    for question in range(1, 6):
        ada.choose(question, "a", page=ada.page if question % 2 else other)
    expected = {str(question): ["a"] for question in range(1, 6)}
    expect(other.locator(".progress")).to_contain_text("5 of 6")
    expect(ada.page.locator(".progress")).to_contain_text("5 of 6")
    assert ada.chosen() == ada.chosen(other) == expected
    ada.upload()
    ada.sees("Your answers are uploaded")
    ada.sees("Your answers are uploaded", other)
    assert ada.stored()[KEY]["answers"] == {"1": "a", "2": "a", "3": ["a"], "4": "a", "5": "a"}


def test_the_devices_clock_changes_nothing(ada: Student, api: LocalApi) -> None:
    ada.page.clock.install(time=api.now + timedelta(days=400))
    ada.sign_in()
    expect(ada.page.locator(".chip")).to_contain_text("9 h 59 min left")
    ada.start_test()
    expect(ada.page.locator(".chip")).to_contain_text("9 h 59 min left")
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")


def test_the_last_minute_is_counted_in_seconds(ada: Student, api: LocalApi) -> None:
    api.now += timedelta(hours=9, minutes=59, seconds=30)
    ada.sign_in()
    expect(ada.page.locator(".chip")).to_have_text(re.compile(r"2\d seconds left"))


@pytest.mark.faults
def test_the_deadline_is_the_servers_alone(ada: Student, api: LocalApi) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    api.now += timedelta(hours=11)
    ada.upload()
    ada.sees("The test is closed")
    assert ada.stored() == {}
    ada.page.get_by_role("link", name="Back to my tests").click()
    expect(ada.page.get_by_text("Your answers are still on this device")).to_be_visible()


def test_a_question_changed_since_it_was_answered_is_pointed_out(ada: Student, api: LocalApi) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.choose(2, "b")
    questions = sample_questions()
    questions[0]["text"] = "What is a kernel?"
    api.publish_test(SUBJECT, TEST, questions, api.now + timedelta(hours=9), title="Kernels")
    ada.page.reload()
    expect(ada.page.locator("#question-1")).to_contain_text("changed this question after you answered it")
    expect(ada.page.locator("#question-2")).not_to_contain_text("changed this question")
    assert ada.chosen() == {"1": ["a"], "2": ["b"]}
    ada.choose(1, "c")
    expect(ada.page.locator("#question-1")).not_to_contain_text("changed this question")


def test_shuffled_questions_keep_their_answers(ada: Student, api: LocalApi) -> None:
    api.publish_test(SUBJECT, TEST, sample_questions(), api.now + timedelta(hours=9), title="Kernels", shuffle=True)
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    ada.upload()
    ada.sees("Your answers are uploaded")
    assert ada.stored()[KEY]["answers"] == ALL_ANSWERS


def test_where_the_last_upload_counts_answers_can_be_changed(ada: Student, api: LocalApi) -> None:
    closes = api.now + timedelta(hours=9)
    api.publish_test(SUBJECT, TEST, sample_questions(), closes, title="Kernels", attempts="last")
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")
    ada.page.get_by_role("link", name="Back to my tests").click()
    ada.page.get_by_role("link", name="Change answers Kernels").click()
    ada.sees("Kernels")
    ada.choose(1, "b")
    ada.upload()
    ada.sees("Your answers are uploaded")
    assert [stored["answers"] for stored in ada.stored().values()] == [{"1": "a"}, {"1": "b"}]


@pytest.mark.parametrize(
    ("attempts", "told"),
    [
        ("1", "This upload is final: you cannot change your answers afterwards."),
        ("last", "Until the deadline you can change your answers and upload again; the last upload counts."),
    ],
)
def test_whether_the_upload_is_final_is_told_before_it(ada: Student, api: LocalApi, attempts: str, told: str) -> None:
    closes = api.now + timedelta(hours=9)
    api.publish_test(SUBJECT, TEST, sample_questions(), closes, title="Kernels", attempts=attempts)
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.page.get_by_role("link", name="Review and upload").click()
    expect(ada.page.get_by_text(told)).to_be_visible()


def test_answers_are_looked_over_with_their_questions_and_changed_from_there(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    ada.page.get_by_role("link", name="Review and upload").click()
    second = ada.page.locator(".answers li").nth(1)
    expect(second).to_contain_text("Which command lists processes?")
    expect(second).to_contain_text("ps")
    second.get_by_role("link", name="Question 2").click()
    ada.sees("Kernels")
    expect(ada.page.locator("#question-2 input").first).to_be_focused()


@pytest.mark.parametrize("minutes", [2, -2])
def test_the_time_left_and_the_upload_are_in_sight_on_a_phone(
    open_browser: Callable[..., Student], api: LocalApi, minutes: int
) -> None:
    late = {"untilHours": 24, "credit": 0.8}
    closes = api.now + timedelta(minutes=minutes, seconds=30)
    api.publish_test(SUBJECT, TEST, sample_questions(), closes, title="Kernels", late=late)
    ada = open_browser(viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True)
    ada.sign_in()
    ada.start_test()
    ada.answer_everything()
    left = ada.page.locator(".bar .chip")
    expect(left).to_have_text(
        re.compile(r"\d min \d+ s left" if minutes > 0 else "The deadline has passed; late answers are accepted")
    )
    expect(left).to_be_in_viewport()
    ada.page.get_by_role("link", name="Review and upload").click()
    ada.sees("Upload your answers?")
    expect(left).to_be_in_viewport()
    expect(ada.page.get_by_role("button", name="Upload my answers")).to_be_in_viewport()
    expect(ada.page.get_by_text("earn 80% of their points")).to_have_count(int(minutes < 0))


@pytest.mark.faults
def test_what_will_fail_again_is_not_offered_again(ada: Student) -> None:
    ada.sign_in()
    ada.open(f"#/test/{SUBJECT}/nosuch")
    ada.sees("Test not found")
    expect(ada.page.get_by_role("button", name="Try again")).to_have_count(0)
    ada.page.get_by_role("link", name="Back to my tests").click()
    ada.sees("Your tests")


def test_a_subject_is_called_by_its_title(ada: Student) -> None:
    ada.sign_in()
    expect(ada.page.locator(".test").first).to_contain_text("Operating systems")
    ada.start_test()
    expect(ada.page.locator("main")).to_contain_text("Operating systems")
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")
    expect(ada.page.locator("main")).to_contain_text("Operating systems")


def test_a_browser_that_keeps_nothing_says_so(ada: Student) -> None:
    ada.context.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full') }")
    ada.sign_in()
    expect(ada.page.get_by_text("This browser cannot save your answers")).to_be_visible()
    ada.start_test()
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")
    assert ada.stored()[KEY]["answers"] == {"1": "a"}
