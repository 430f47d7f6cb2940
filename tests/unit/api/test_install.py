"""GET /install and GET /test-time.sh: who may have them, and what is in them."""

from __future__ import annotations

import re
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from common.shared.object_keys import CLASS
from support.student_api import HANDLERS, Api, deployed

CLIENT = Path(__file__).parents[3] / "bin" / "test-time.sh"
RECORD = {"endpoint": "https://api.example/api", "className": "Demo", "classDir": "class"}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    return deployed(monkeypatch)


def test_the_client_is_the_one_of_the_project_and_its_entity_tag_is_its_digest(api: Api) -> None:
    answer = HANDLERS["GET /test-time.sh"].lambda_handler(api.open_event("GET /test-time.sh"), None)
    assert answer["statusCode"] == 200
    assert answer["body"].encode() == CLIENT.read_bytes()
    assert answer["headers"]["ETag"] == f'"{sha256(CLIENT.read_bytes()).hexdigest()}"'
    assert answer["headers"]["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("tag", ['"{}"', 'W/"{}"', '"other", "{}"', "*"])
def test_who_has_the_client_does_not_get_it_again(api: Api, tag: str) -> None:
    event = api.open_event("GET /test-time.sh")
    event["headers"]["If-None-Match"] = tag.format(sha256(CLIENT.read_bytes()).hexdigest())
    assert api.send(event)[0] == 304
    event["headers"]["If-None-Match"] = '"0"'
    assert api.send(event)[0] == 200


def test_the_script_names_the_class_its_address_and_the_clients_digest(api: Api) -> None:
    api.bucket.put_json(CLASS, RECORD)
    status, script = api.send(api.open_event("GET /install"))
    assert status == 200
    digest = sha256(CLIENT.read_bytes()).hexdigest()
    [version] = re.findall(r"^readonly VERSION=(\S+)$", CLIENT.read_text(), re.M)
    assert f"local endpoint=https://api.example/api class=Demo version={version} sha256={digest}\n" in script
    assert "@" not in script.replace('"$@"', "")


@pytest.mark.parametrize("name", ["Ops'; touch /tmp/x; '", "$(id)", "`id`", "a\nb", "@endpoint@", "Łódź 1"])
def test_a_name_is_nothing_but_a_word_to_the_shell(api: Api, name: str) -> None:
    api.bucket.put_json(CLASS, {**RECORD, "className": name})
    _, script = api.send(api.open_event("GET /install"))
    line = script[script.index("local endpoint=") : script.index(" version=")]
    shown = subprocess.run(
        ["bash", "-c", f'f() {{ {line}; printf "%s" "$class"; }}; f'], capture_output=True, text=True, check=True
    )
    assert shown.stdout == name


def test_before_the_class_is_published_the_script_says_so_and_fails(api: Api) -> None:
    """Whatever curl is told to do with an error: `curl -f` would hide the text, and bash would succeed."""
    status, script = api.send(api.open_event("GET /install"))
    assert status == 200
    shown = subprocess.run(["bash"], input=script, capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr == "install: your class is not published yet. Ask your trainer, and try again later\n"
    assert api.send(api.open_event("GET /test-time.sh"))[0] == 200
