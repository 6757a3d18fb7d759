"""The deployment files agree with the settings and with what is installed; no Docker engine is needed."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from ldn_kb.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
OURS = ("migrate", "web", "worker", "beat", "proxy", "door")
LASTING = ("db", "redis", "web", "worker", "beat", "proxy", "door")
SECRETS = re.compile(r"PASSWORD|SECRET_KEY|API_KEY")


@pytest.fixture(scope="module")
def services() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def commands(services: dict) -> list[str]:
    """Every command line of ours: of the image, of the services and of their health checks."""
    image = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.M)
    assert image
    lists = [json.loads(image[1])]
    for name in OURS[:-2]:  # the proxy and the door have programs of their own images
        lists.append(services[name].get("command", []))
        lists.append(services[name].get("healthcheck", {}).get("test", []))
    return [" ".join(words) for words in lists if words]


def test_every_variable_is_one_that_is_read(services):
    for name in OURS:
        assert {key.lower() for key in services[name]["environment"]} <= set(Environment.model_fields)
    documented = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS"}
    assert set(services["db"]["environment"]) <= documented


def test_the_site_gets_every_address_it_would_otherwise_start_a_service_for(services):
    for name in ("migrate", "web", "worker", "beat"):
        environment = yaml.safe_dump(services[name]["environment"])
        filled = re.sub(r"\$\{PUBLIC_URL:[^}]*\}", "https://kb.example", environment)
        filled = re.sub(r"\$\{[^}]*\}", "x", filled)
        settings = Environment(**{key.lower(): value for key, value in yaml.safe_load(filled).items()})
        assert settings.database_url
        assert settings.redis_url
        assert settings.behind_proxy


def test_no_secret_stands_in_the_file(services):
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if SECRETS.search(name):
                assert re.fullmatch(r"\$\{[A-Z_]+:[?-].*\}", value), name


def test_all_that_lasts_comes_back_and_no_part_of_ours_is_root(services):
    assert set(services) == {*OURS, *LASTING}
    for name in LASTING:
        assert services[name]["restart"] == "unless-stopped"
    for name in OURS:
        assert services[name]["user"] == "10001"
        assert services[name]["read_only"] is True
    assert "--uid 10001" in (ROOT / "Dockerfile").read_text()


def test_each_part_that_answers_is_asked_whether_it_is_well(services):
    for name in ("db", "redis", "web", "worker", "proxy", "door"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"
    assert services["web"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_commands_are_programs_of_the_environment_and_commands_of_the_site(services):
    programs = {word for line in commands(services) for word in re.findall(r"\.venv/bin/(\S+)", line)}
    assert programs == {"celery", "python"}
    for program in programs:
        assert (Path(sys.executable).parent / program).exists()
    known = {"migrate", "load_evidence", "collect_static"}
    assert {word for line in commands(services) for word in re.findall(r"manage\.py (\w+)", line)} == known


def test_the_files_a_deployment_names_are_there():
    text = (ROOT / "Dockerfile").read_text()
    for name in ("Caddyfile", "nginx.conf", "unavailable.html"):
        assert (ROOT / "deploy" / name).exists()
        assert f"deploy/{name}" in text
    assert ".env" in (ROOT / ".dockerignore").read_text().splitlines()


def test_who_makes_pages_and_who_serves_their_files_share_them(services):
    """In a volume, where earlier ones outlive the image that brought them."""
    assert "manage.py collect_static" in " ".join(services["migrate"]["command"])
    for name in ("migrate", "web", "worker"):
        assert "static:/data/static" in services[name]["volumes"]
    assert "static:/srv/static:ro" in services["proxy"]["volumes"]
    assert "alias /srv/static/;" in (ROOT / "deploy/nginx.conf").read_text()
    image = (ROOT / "Dockerfile").read_text()
    assert "DATA_DIR=/data" in image
    assert "chown ldn /data/static" in image


def test_the_proxy_finds_the_web_server_at_a_file_and_nobody_else_does(services):
    image, configuration = (ROOT / "Dockerfile").read_text(), (ROOT / "deploy/nginx.conf").read_text()
    place = "/run/ldn-kb/web.sock"
    assert f'"--socket", "{place}"' in image
    assert f"server unix:{place};" in configuration
    assert place in services["web"]["healthcheck"]["test"][-1]
    mounted = {
        name: [v for v in services[name].get("volumes", []) if v.startswith("web:")] for name in services
    }
    assert {name: v for name, v in mounted.items() if v} == {
        "web": ["web:/run/ldn-kb"],
        "proxy": ["web:/run/ldn-kb:ro"],
    }
    assert [name for name in services if "ports" in services[name]] == ["door"]
    # The volume's owner is the directory's, in whichever of the two images it is made first.
    assert image.count("/run/ldn-kb && chown ldn") == 2


def test_only_the_outermost_door_names_the_reader():
    """The application takes the last address named: one that a door in between added would be its own."""
    configuration = (ROOT / "deploy/nginx.conf").read_text()
    named = re.findall(r"proxy_set_header X-Forwarded-For ([^;]+);", configuration)
    assert len(named) == configuration.count("proxy_pass ")
    assert set(named) == {"$http_x_forwarded_for"}
