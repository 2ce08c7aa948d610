"""The shell as the server gives it: one version, all of it, in the first language."""

import json
import re

import pytest

from kiosk import shell
from survey.app import create_app
from survey.settings import Settings
from tests.kiosk.client import application


@pytest.fixture
def client(hcmc):
    return application(hcmc).test_client()


def told(client):
    text = client.get("/kiosk/service-worker.js").text
    return json.loads(text.partition("self.SHELL = ")[2].partition(";\n")[0])


def test_every_file_of_the_version_is_there_and_kept_for_ever(client):
    said = told(client)
    assert {"main.js", "words.json", "shell.html", "css/base.css"} <= set(said["files"])
    for path in said["files"]:
        answer = client.get(said["base"] + path)
        assert answer.status_code == 200, path
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"].startswith(shell.media_type(path))
    assert client.get(said["base"] + "shell.html").data == client.get("/kiosk/").data


def test_the_shell_names_nothing_that_is_not_cached(client):
    said = told(client)
    cached = {said["base"] + path for path in said["files"]} | {"/kiosk/manifest.webmanifest"}
    page = client.get("/kiosk/").text
    assert set(re.findall(r'(?:src|href)="(/[^"]+)"', page)) <= cached
    for path in said["files"]:
        if path.endswith(".js"):
            text = client.get(said["base"] + path).text
            folder = (said["base"] + path).rpartition("/")[0]
            for name in re.findall(
                r'^(?:import|export)[^"]* from "(\.[^"]+)";', text, re.MULTILINE
            ):
                assert resolved(folder, name) in cached, (path, name)


def resolved(folder, name):
    parts = folder.split("/")
    for part in name.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def test_another_version_has_no_files(client):
    assert client.get("/kiosk/v/0123456789abcdef/main.js").status_code == 404
    assert client.get(told(client)["base"] + "types.d.ts").status_code == 404


@pytest.mark.usefixtures("bare_client")
def test_a_changed_file_is_another_version(hcmc, bare_client):
    first = told(application(hcmc).test_client())["version"]
    assert told(application(hcmc).test_client())["version"] == first
    with (bare_client / "problem.js").open("a", encoding="utf-8") as file:
        file.write("// changed\n")
    assert told(application(hcmc).test_client())["version"] != first


def test_the_language_is_chosen_on_the_device(client):
    answer = client.get("/en/kiosk/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/kiosk/")
    words = client.get(told(client)["base"] + "words.json").json
    assert list(words) == ["vi", "en"]
    assert all(key == text for key, text in words["vi"].items())
    assert words["vi"].keys() == words["en"].keys()


def test_the_manifest_describes_an_application(client):
    answer = client.get("/kiosk/manifest.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert (answer.json["start_url"], answer.json["display"]) == ("/kiosk/", "fullscreen")
    assert client.get(answer.json["icons"][0]["src"]).status_code == 200


def test_no_shell_is_given_that_does_not_know_what_it_is(tmp_path):
    nowhere = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'none' / 'none.sqlite'}"))
    assert nowhere.test_client().get("/kiosk/service-worker.js").status_code == 503
