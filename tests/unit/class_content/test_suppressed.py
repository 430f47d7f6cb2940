"""Students to whom SES sends nothing are found before anything is published."""

from __future__ import annotations

from typing import Any, cast

from ansible_collections.training.test_time.plugins.module_utils.class_content.suppressed import suppressed_students
from ansible_collections.training.test_time.plugins.module_utils.class_content.written import Student

from support.class_files import student


class Ses:
    """SES with a suppression list, of which it gives two addresses a page."""

    def __init__(self, *suppressed: str) -> None:
        self.suppressed = suppressed
        self.asked = 0

    def list_suppressed_destinations(self, PageSize: int, NextToken: str = "0") -> dict[str, Any]:
        assert PageSize <= 1000
        self.asked += 1
        start = int(NextToken)
        summaries = [{"EmailAddress": address, "Reason": "BOUNCE"} for address in self.suppressed[start : start + 2]]
        more = {"NextToken": str(start + 2)} if start + 2 < len(self.suppressed) else {}
        return {"SuppressedDestinationSummaries": summaries, **more}


def pupil(number: int, **changes: str) -> Student:
    return cast(Student, student(number, **changes))


def test_a_student_on_any_page_of_the_list_is_found_whatever_the_case() -> None:
    ses = Ses("x@example.org", "y@example.org", "S002@Example.org")
    assert suppressed_students(ses, [pupil(1), pupil(2), pupil(3)]) == ["s002"]


def test_the_case_in_which_the_class_writes_an_address_does_not_matter() -> None:
    assert suppressed_students(Ses("ada@example.org"), [pupil(1, email="Ada@Example.org")]) == ["s001"]


def test_an_address_is_compared_in_the_form_in_which_it_is_used() -> None:
    ses = Ses("ada@xn--bcher-kva.example")
    assert suppressed_students(ses, [pupil(1, email="ada@b\u00fccher.example")]) == ["s001"]


def test_the_list_is_read_once_whatever_the_size_of_the_class() -> None:
    ses = Ses("x@example.org", "y@example.org", "z@example.org")
    assert suppressed_students(ses, [pupil(number) for number in range(1, 900)]) == []
    assert ses.asked == 2
