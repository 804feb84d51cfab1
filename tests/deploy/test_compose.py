"""The compose files: guarded, watched, alone where they should be, and whole."""

import json
import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from libs.events.codes import Stream
from libs.standards import load
from saduak.provision.filling import cluster, fill_servers
from saduak.provision.kafka import site_user
from saduak.provision.postgres import MOST_SESSIONS, NATIONAL_SCHEMAS, site_database_name
from saduak.provision.postgres import NATIONAL as NATIONAL_DATABASE
from saduak.provision.vault import Vault
from services.reporting.pools import CONNECTIONS
from tests.deploy.compose import (
    FILES,
    NATIONAL,
    REPOSITORY,
    ROOT,
    SITE,
    VARIABLE,
    Composed,
    Service,
    example,
    read,
)
from tests.deploy.dockerfile import stages

SCHEMA = json.loads((Path(__file__).parent / "compose-spec.json").read_text(encoding="utf-8"))
MEMORY = re.compile(r"\d+[mg]")
MEANT_FOR_OTHERS = {
    SITE: {"proxy"},
    NATIONAL: {"kafka-1", "kafka-2", "kafka-3"},
    ROOT: set[str](),
}
"""Whose ports other machines reach; everything else is published on this one, if at all."""
PUBLISHED_HERE = {
    ROOT: {"reporting-1", "reporting-2", "prometheus", "grafana"},
    NATIONAL: {"reporting-1", "reporting-2", "prometheus", "grafana"},
    SITE: {"ticketing", "feedback"},
}
MORE_RIGHTS = {"proxy": ["NET_BIND_SERVICE"]}
"""Whose program is not started without them; nobody else has any."""


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.parent.name)
def composed(request: pytest.FixtureRequest) -> Composed:
    return read(request.param)


def every(composed: Composed) -> Iterator[Service]:
    yield from composed.services.values()


def test_it_is_what_the_specification_says(composed: Composed) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(composed.told)


def test_every_variable_is_in_the_example_and_asked_for(composed: Composed) -> None:
    assert composed.variables == set(example(composed.path))
    text = composed.path.read_text(encoding="utf-8")
    for name in composed.variables:
        assert f"${{{name}:?" in text, f"{name} may be left out without a word"
    assert "$" not in VARIABLE.sub("", text)


def test_what_ends_is_started_again(composed: Composed) -> None:
    """Also PostgreSQL, which a full disk stops, as often as it takes."""
    for service in every(composed):
        expected = "no" if service.one_shot else "unless-stopped"
        assert service.told["restart"] == expected, service.name
    assert not composed.services["postgres"].one_shot


def test_every_service_is_guarded(composed: Composed) -> None:
    for service in every(composed):
        told = service.told
        assert told["read_only"] is True, service.name
        assert told["cap_drop"] == ["ALL"], service.name
        assert told.get("cap_add") == MORE_RIGHTS.get(service.name), service.name
        assert not told.get("privileged"), service.name
        assert told["security_opt"] == ["no-new-privileges:true"], service.name
        assert re.fullmatch(r"[1-9]\d*:\d+", told["user"]), service.name
        assert MEMORY.fullmatch(told["mem_limit"]), service.name
        assert told["pids_limit"] > 0, service.name
        assert told["logging"]["options"]["max-size"], service.name


def test_every_image_has_an_exact_tag(composed: Composed) -> None:
    for service in every(composed):
        name, _, tag = service.image.partition(":")
        assert re.search(r"\d+\.\d+", tag), service.image
        assert "@" not in tag
        if service.role is not None:
            assert service.role in stages(), name
    foreign = {service.image for service in every(composed) if service.role is None}
    everywhere = {one.image for path in FILES for one in every(read(path)) if one.role is None}
    assert len({image.split(":")[0] for image in everywhere}) == len(everywhere)
    assert foreign <= everywhere


def test_images_are_built_once_from_their_target(composed: Composed) -> None:
    for service in every(composed):
        build = service.told.get("build")
        if build is not None:
            assert build["target"] == service.role
            assert (composed.path.parent / build["context"] / "Dockerfile").exists()
    built = {service.role for service in every(composed) if "build" in service.told}
    assert built == {service.role for service in every(composed)} - {None}


def test_what_runs_is_watched_and_started_in_order(composed: Composed) -> None:
    services = composed.services
    for service in every(composed):
        assert service.one_shot != ("healthcheck" in service.told), service.name
        for name, condition in service.told.get("depends_on", {}).items():
            wanted = "completed_successfully" if services[name].one_shot else "healthy"
            assert condition == {"condition": f"service_{wanted}"}, service.name
        check = service.told.get("healthcheck")
        if check:
            assert check["test"][0] == "CMD", service.name
            assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


def waited_for(composed: Composed, name: str) -> set[str]:
    """All that must be there before a service starts."""
    direct = set(composed.services[name].told.get("depends_on", {}))
    return direct.union(*(waited_for(composed, one) for one in direct))


def test_a_site_waits_for_no_broker_and_everyone_for_the_secrets(composed: Composed) -> None:
    for service in every(composed):
        before = waited_for(composed, service.name)
        if service.role == "site":
            assert not {name for name in before if "kafka" in name or "broker" in name}
        if any(mount.volume == "vault" for mount in service.mounts) and service.name != "secrets":
            assert "secrets" in before, service.name


def test_secrets_are_files_and_everyone_sees_his_own(composed: Composed) -> None:
    for service in every(composed):
        for name, value in service.environment.items():
            if re.search("PASSWORD|SECRET|KEY", name) and "DISABLED" not in name:
                assert name.endswith("FILE"), f"{service.name}: {name}"
                assert value.startswith(("/run/secrets/", "/run/ministry/", "/vault/"))
        seen = [mount for mount in service.mounts if mount.volume == "vault"]
        if service.one_shot:
            assert [mount.target for mount in seen] == ["/vault"]
            continue
        for mount in seen:
            assert mount.read_only, service.name
            assert mount.target == "/run/secrets"
            assert mount.subpath == folder_of(composed, service), service.name


def folder_of(composed: Composed, service: Service) -> str:
    """The folder of the vault that is a service's."""
    if service.role == "site":
        return f"sites/{service.environment['SADUAK_SITE']}"
    if service.name.startswith("kafka"):
        return f"brokers/{service.name}"
    return service.role or service.name


def test_every_mount_is_there_and_used(composed: Composed) -> None:
    volumes = set(composed.told["volumes"])
    used: set[str] = set()
    for service in every(composed):
        for mount in service.mounts:
            if mount.path is None:
                assert mount.volume in volumes, service.name
                used.add(mount.volume or "")
                continue
            assert mount.read_only, f"{service.name}: {mount.target}"
            # What the ministry hands over is no part of this tree.
            assert mount.path.exists() or mount.path.name == "ministry", mount.path
    assert used == volumes
    postgres = composed.services["postgres"]
    assert "/var/lib/postgresql" in {mount.target for mount in postgres.mounts}


def test_paths_of_settings_are_mounted(composed: Composed) -> None:
    """A file that a setting names lies in a mounted place, or in the image."""
    for service in every(composed):
        places = [mount.target for mount in service.mounts]
        for name, value in service.environment.items():
            if name.endswith(("_FILE", "_FOLDER")):
                assert any(value.startswith(place) for place in places), f"{service.name}: {name}"
            if name == "SADUAK_STANDARDS":
                [standards] = [
                    target
                    for sources, target in stages()[service.role or ""].copies
                    if sources == ["standards"]
                ]
                assert value == standards


def test_only_the_meant_ports_are_published(composed: Composed) -> None:
    published: dict[str, list[str]] = {
        service.name: service.told["ports"]
        for service in every(composed)
        if "ports" in service.told
    }
    others = {name for name, ports in published.items() if not all(map(is_local, ports))}
    assert others == MEANT_FOR_OTHERS[composed.path]
    here = published.keys() - others
    sites = {one.name for one in every(composed) if one.role == "site" and not one.one_shot}
    assert here == PUBLISHED_HERE[composed.path] | (sites if composed.path == ROOT else set())
    numbers = [port.split(":")[1] for ports in published.values() for port in ports]
    assert len(numbers) == len(set(numbers))


def is_local(port: str) -> bool:
    assert port.count(":") == 2, f"{port} says not where it is published"
    return port.startswith("127.0.0.1:")


def test_networks_are_there_and_used(composed: Composed) -> None:
    used = set[str]().union(*(service.networks for service in every(composed)))
    assert used == set(composed.told["networks"])
    for service in every(composed):
        assert service.networks or service.told.get("network_mode") == "none", service.name


def test_a_service_reaches_what_it_needs(composed: Composed) -> None:
    services = composed.services
    needs = {
        "site": {"postgres"},
        "reporting": {"postgres", *(name for name in services if name.startswith("kafka"))},
    }
    for service in every(composed):
        named = needs.get(service.role or "", set[str]())
        if service.one_shot:  # of the set-up's settings, each step uses what it waits for
            named = {name for name in service.told.get("depends_on", {}) if name != "secrets"}
        if service.name == "grafana":
            named = {"postgres", "prometheus"}
        if service.name == "prometheus":
            named = {"reporting-1", "reporting-2"}
        for name in named:
            assert services[name].networks & service.networks, f"{service.name} to {name}"


def test_what_is_published_is_on_an_open_network(composed: Composed) -> None:
    networks = composed.told["networks"]
    for service in every(composed):
        internal = [bool((networks[name] or {}).get("internal")) for name in service.networks]
        assert not ("ports" in service.told and all(internal)), service.name


# The country on one machine


@pytest.fixture(scope="module")
def country() -> Composed:
    return read(ROOT)


def test_every_active_site_is_there_and_no_other(country: Composed) -> None:
    active = [site.code for site in load(REPOSITORY / "standards").active_sites]
    wanted = {f"{code}-{stream}" for code in active for stream in Stream}
    assert {one.name for one in every(country) if one.role == "site"} == wanted
    for code in active:
        for stream in Stream:
            service = country.services[f"{code}-{stream}"]
            settings, database = service.environment, site_database_name(code)
            assert service.told["command"] == [stream, "run"]
            assert settings["SADUAK_SITE"] == code
            assert settings["SADUAK_KAFKA_USER"] == site_user(code)
            assert settings["SADUAK_DATABASE_NAME"] == database
            assert settings["SADUAK_DATABASE_USER"] == f"{database}_{stream}_app"
            assert settings["SADUAK_DATABASE_PASSWORD_FILE"] == f"/run/secrets/{stream}"
            [port] = service.told["ports"]
            assert settings["SADUAK_PUBLIC_URL"] == f"http://{port.removesuffix(':8000')}"
            [peer] = [one for one in Stream if one != stream]
            public = country.services[f"{code}-{peer}"].environment["SADUAK_PUBLIC_URL"]
            assert settings["SADUAK_PEER_URL"] == public


def test_a_site_reaches_its_database_and_the_brokers_only(country: Composed) -> None:
    for service in every(country):
        if service.role == "site":
            near = {one.name for one in every(country) if one.networks & service.networks}
            code = service.environment["SADUAK_SITE"]
            assert near == {f"{code}-ticketing", f"{code}-feedback", "postgres", "kafka"}


def test_no_network_leads_out(country: Composed) -> None:
    for name, told in country.told["networks"].items():
        closed = told["driver_opts"]["com.docker.network.bridge.enable_ip_masquerade"]
        assert closed == "false", name


# The ministry and one centre


@pytest.mark.parametrize("path", [ROOT, NATIONAL], ids=["root", "national"])
def test_brokers_are_those_that_secrets_are_made_for(path: Path) -> None:
    composed = read(path)
    told = composed.services["secrets"].environment["SADUAK_BROKERS"]
    brokers = cluster(told)
    assert {one.host for one in brokers} == {
        service.name for service in every(composed) if service.image.startswith("apache/kafka")
    }
    for broker in brokers:
        service = composed.services[broker.host]
        for port in (broker.ports.local, broker.ports.sites):
            assert f"/dev/tcp/127.0.0.1/{port}" in service.told["healthcheck"]["test"][-1]
        for port in service.told.get("ports", []):
            assert port == f"0.0.0.0:{broker.ports.sites}:{broker.ports.sites}"


def test_the_ministry_runs_three_brokers_and_reporting_twice() -> None:
    national = read(NATIONAL)
    names = set(national.services)
    assert {"kafka-1", "kafka-2", "kafka-3", "reporting-1", "reporting-2"} <= names
    assert national.services["brokers"].environment["SADUAK_REPLICAS"] == "3"
    assert not [one.name for one in every(national) if one.role == "site"]
    replicas = [
        one.environment["SADUAK_REPLICA"] for one in every(national) if one.role == "reporting"
    ]
    assert replicas == ["reporting-1", "reporting-2"]


@pytest.mark.parametrize("path", [ROOT, NATIONAL], ids=["root", "national"])
def test_the_database_has_room_for_everybody_at_once(path: Path) -> None:
    """Every replica with all its pools, Grafana and an analyst at their limits, an operator; of
    the root's file the offices' services too."""
    composed = read(path)
    command = composed.services["postgres"].told["command"]
    most = next(int(one.split("=")[1]) for one in command if one.startswith("max_connections="))
    replicas = sum(one.role == "reporting" for one in every(composed))
    offices = sum(one.role == "site" for one in every(composed))
    operator, superuser = 2, 3
    needed = replicas * CONNECTIONS + 2 * MOST_SESSIONS + operator + superuser
    assert replicas == 2
    assert needed + 16 * offices <= most
    if path == NATIONAL:
        assert needed + CONNECTIONS <= most, "one more replica finds room"


def test_a_centre_needs_nothing_of_the_ministry_to_start() -> None:
    office = read(SITE)
    assert {one.role for one in every(office)} == {"site", None}
    ours = {"secrets", "database", "postgres", "ticketing", "feedback"}
    assert set(office.services) == ours | {"proxy"}
    assert office.told["networks"]["inside"] == {"internal": True}
    assert office.services["postgres"].networks == {"inside"}


def test_a_centre_is_reached_by_its_proxy_and_by_nothing_else() -> None:
    """By https, under the names that its services go by; and they believe nobody but the proxy."""
    office = read(SITE)
    proxy = office.services["proxy"]
    [(network, place)] = proxy.told["networks"].items()
    [subnet] = [one["subnet"] for one in office.told["networks"][network]["ipam"]["config"]]
    assert ip_address(place["ipv4_address"]) in ip_network(subnet)
    inside = {port.split(":")[1]: port.split(":")[2] for port in proxy.told["ports"]}
    name = proxy.environment["SADUAK_NAME"]
    caddyfile = (SITE.parent / "Caddyfile").read_text(encoding="utf-8")
    assert f"https_port {inside['443']}" in caddyfile
    assert f"http_port {inside['80']}" in caddyfile
    for stream, address in (("ticketing", name), ("feedback", f"{name}:8444")):
        settings = office.services[stream].environment
        assert settings["SADUAK_PUBLIC_URL"] == f"https://{address}"
        peer = "feedback" if stream == "ticketing" else "ticketing"
        public = office.services[peer].environment["SADUAK_PUBLIC_URL"]
        assert settings["SADUAK_PEER_URL"] == public
        assert settings["SADUAK_TRUSTED_PROXIES"] == place["ipv4_address"]
        assert network in office.services[stream].networks
        site = address.replace(name, "{$SADUAK_NAME}")
        assert f"reverse_proxy {stream}:8000" in block(caddyfile, f"https://{site}")
        assert "import door" in block(caddyfile, f"https://{site}")
    assert inside["8444"] == "8444"
    assert "redir https://{$SADUAK_NAME}{uri} 308" in block(caddyfile, "http://")
    # Every variable that the file asks for is given.
    asked_for = set(re.findall(r"\{\$([A-Z_]+)\}", caddyfile))
    assert asked_for == {one for one in proxy.environment if one.startswith("SADUAK_")}
    assert "9000" not in caddyfile


def block(caddyfile: str, address: str) -> str:
    """What stands in the block of ``address``."""
    return caddyfile.split(f"\n{address} {{\n")[1].split("\n}", maxsplit=1)[0]


def test_what_operators_see_is_published_on_this_machine_only(composed: Composed) -> None:
    for service in every(composed):
        if service.role is None or service.one_shot:
            continue
        assert service.environment["SADUAK_OPERATIONS_PORT"] == "9000"
        for port in service.told.get("ports", []):
            here, _, inner = port.rpartition(":")
            assert inner != "9000" or here.startswith("127.0.0.1:"), service.name


@pytest.mark.parametrize("path", [ROOT, NATIONAL], ids=["root", "national"])
def test_prometheus_and_grafana_find_their_files(path: Path) -> None:
    composed = read(path)
    mounts = {
        mount.target: mount.path and mount.path.resolve()
        for name in ("prometheus", "grafana")
        for mount in composed.services[name].mounts
        if mount.path
    }
    deploy = REPOSITORY / "deploy"
    assert mounts == {
        "/etc/prometheus/prometheus.yml": deploy / "prometheus/prometheus.yml",
        "/etc/prometheus/rules": deploy / "prometheus/rules",
        "/etc/grafana/provisioning": deploy / "grafana/provisioning",
        "/etc/grafana/dashboards": deploy / "grafana/dashboards",
    }
    told: dict[str, Any] = yaml.safe_load((deploy / "prometheus/prometheus.yml").read_text())
    addresses = {
        target
        for job in told["scrape_configs"]
        for static in job["static_configs"]
        for target in static["targets"]
    }
    assert {"reporting-1:9000", "reporting-2:9000"} <= addresses
    targets = {address.split(":")[0] for address in addresses}
    reached = {
        one.name
        for one in every(composed)
        if one.networks & composed.services["prometheus"].networks
    }
    assert {"reporting-1", "reporting-2"} <= targets <= reached | {"localhost", "127.0.0.1"}
    settings = composed.services["grafana"].environment
    assert {name for name, value in settings.items() if value == "false"} >= {
        "GF_ANALYTICS_REPORTING_ENABLED",
        "GF_ANALYTICS_CHECK_FOR_UPDATES",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
        "GF_NEWS_NEWS_FEED_ENABLED",
    }
    assert composed.services["grafana"].image.startswith("grafana/grafana:13.1.")


@pytest.mark.parametrize("path", [ROOT, NATIONAL], ids=["root", "national"])
def test_what_grafanas_files_ask_for_is_given(path: Path, tmp_path: Path) -> None:
    fill_servers(Vault(tmp_path))
    given = {f"/run/secrets/{file.name}" for file in (tmp_path / "grafana").iterdir()}
    assert len(given) == 2, "Grafana is given its own secrets and no other login's"
    settings = read(path).services["grafana"].environment
    assert settings["GF_SECURITY_ADMIN_PASSWORD__FILE"] in given
    for file in (REPOSITORY / "deploy/grafana/provisioning").rglob("*.y*ml"):
        text = file.read_text(encoding="utf-8")
        assert set(re.findall(r"\$__file\{([^}]+)\}", text)) <= given, file
        assert set(re.findall(r"\$([A-Z][A-Z_]+)", text)) <= settings.keys(), file


def test_no_two_logins_of_the_nation_share_a_password(tmp_path: Path) -> None:
    passwords = Vault(tmp_path).passwords(NATIONAL_DATABASE, NATIONAL_SCHEMAS, tmp_path / "holder")
    assert len(set(passwords.values())) == len(passwords) == 4
