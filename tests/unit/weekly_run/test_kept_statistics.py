"""The figures that a run keeps beside its report are those of the report."""

from __future__ import annotations

import json

from support.weekly_class import make_world


def test_the_figures_beside_a_report_are_those_that_it_shows() -> None:
    world = make_world()
    assert world.run()
    [key] = [key for key in world.s3.objects if key.endswith("/statistics.json")]
    kept = json.loads(world.s3.objects[key])
    page = world.s3.objects[key.replace("statistics.json", "report.html")].decode()
    assert f"<b>{kept['scored']}</b> of {kept['students']} students graded, mean <b>{kept['mean']:.1f}%</b>" in page
    assert kept["scored"] == sum(kept["distribution"]) > 0
    for question in kept["questions"]:
        assert f"{question['number']}. {question['text']}" in page
        assert f"{question['facility']:.0f}%" in page


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
