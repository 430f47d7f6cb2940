"""What to do after a deployment."""

from __future__ import annotations

from cli.next_steps import next_steps
from cli.parameter import parameter


def test_next_steps_name_the_endpoint_and_the_options_of_this_deployment() -> None:
    text = next_steps("http://127.0.0.1:4566/x", "two", is_local=True)
    assert "http://127.0.0.1:4566/x/" in text
    assert "./bin/pull-api-config.sh --local --stage two --student" in text
    assert "./bin/local-cloud.sh mail" in text
    aws = next_steps("https://x", parameter("stage"), is_local=False)
    assert "--local" not in aws
    assert "--stage" not in aws
    assert "local-cloud" not in aws
