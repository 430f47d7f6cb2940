"""The figures that a run keeps beside its report are those of the report."""

from __future__ import annotations

import json
from typing import Any

from support.documents import question
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world
from support.weekly_run import World


def test_the_figures_beside_a_report_are_those_that_it_shows() -> None:
    world = make_world()
    assert world.run()
    [key] = [key for key in world.s3.objects if key.endswith("/statistics.json")]
    kept = json.loads(world.s3.objects[key])
    page = world.s3.objects[key.replace("statistics.json", "report.html")].decode()
    assert f"<b>{kept['scored']}</b> of {kept['students']} students graded, mean <b>{kept['mean']:.1f}%</b>" in page
    assert kept["scored"] == sum(kept["distribution"]) > 0
    for figures in kept["questions"]:
        assert f"{figures['number']}. {figures['text']}" in page
        assert f"{figures['facility']:.0f}%" in page
        for option in figures["options"]:
            count = option["lower"] if option["upper"] is None else f"{option['upper']} + {option['lower']}"
            assert f'nowrap">{count}</td>' in page


def test_the_options_are_counted_by_halves_and_a_suspect_one_is_named() -> None:
    world = World()
    world.publish(SUBJECT, [make_test()], make_students(12))
    for number in range(1, 13):
        strong = {"2": "b", "3": ["b", "c"]} if number <= 6 else {}
        world.submit(SUBJECT, TEST, f"s{number}", {"1": "d" if number <= 5 else "a", **strong})
    first = kept_in(world)["questions"][0]
    assert [(each["option"], each["right"], each["upper"], each["lower"]) for each in first["options"]] == [
        ("a", True, 1, 6),
        ("b", False, 0, 0),
        ("c", False, 0, 0),
        ("d", False, 5, 0),
        ("", False, 0, 0),
    ]
    assert first["suspects"] == ["d"]


def test_long_texts_are_cut_short_so_that_the_page_can_load_any_test() -> None:
    """200 questions of 10,000 characters would be more than a function may answer."""
    asked = [question(1, options="ab"), question(2), question(3, "multiple")]
    asked[0]["text"] = asked[0]["options"][0]["text"] = "long " * 2000
    world = make_world(questions=asked)
    first = kept_in(world)["questions"][0]
    assert (len(first["text"]), first["text"][-1], len(first["options"][0]["text"])) == (200, "…", 100)


def kept_in(world: World) -> Any:
    """The figures that a run keeps."""
    assert world.run()
    [kept] = [body for key, body in world.s3.objects.items() if key.endswith("/statistics.json")]
    return json.loads(kept)


def test_the_figures_name_no_student() -> None:
    world = make_world()
    assert world.run()
    [kept] = [body.decode() for key, body in world.s3.objects.items() if key.endswith("/statistics.json")]
    roster = [json.loads(line) for line in world.s3.objects["roster.jsonl"].splitlines()]
    assert roster
    for student in roster:
        assert not {
            value for value in (student["name"], student["email"], f'"{student["studentId"]}"') if value in kept
        }
