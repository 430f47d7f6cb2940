"""What to do after a deployment, as the playbook prints it."""

from __future__ import annotations

from pathlib import Path

import jinja2

TEMPLATES = Path(__file__).parents[3] / "playbooks" / "templates"


def next_steps(program: str = "deploy-api-gateway.sh", **variables: str) -> str:
    """The text, as Ansible renders it."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, autoescape=False)
    template = environment.get_template("next-steps.txt.j2")
    return template.render(
        program=program, deadline_weekday="monday", deadline_time="23:00", timezone="Europe/Warsaw", **variables
    )


def test_next_steps_name_the_endpoint_and_the_options_of_this_deployment() -> None:
    text = next_steps(endpoint="http://127.0.0.1:4566/x", options="--local --stage two", cloud="http://127.0.0.1:4566")
    assert "http://127.0.0.1:4566/x/" in text
    assert "./bin/pull-api-config.sh --local --stage two --student" in text
    assert "./bin/check-deployment.sh --local --stage two\n" in text
    assert "./bin/local-cloud.sh mail" in text
    assert "Monday at 23:00 (Europe/Warsaw)" in text
    aws = next_steps(endpoint="https://x", options="", cloud="")
    assert "./update-subjects-or-students.sh\n" in aws
    assert "--local" not in aws
    assert "--stage" not in aws
    assert "local-cloud" not in aws


def test_a_playbook_that_no_script_runs_names_no_script() -> None:
    text = next_steps(program="", endpoint="https://x", options="", cloud="")
    assert "https://x/" in text
    assert "Monday at 23:00 (Europe/Warsaw)." in text
    assert ".sh" not in text
