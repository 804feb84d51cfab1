"""What the environment says, and how it is told that it is wrong."""

from pathlib import Path

import pytest

from libs.service.settings import DatabaseSettings, SettingsError, SiteSettings, load


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A complete environment of a site's service."""
    secret = tmp_path / "secret"
    secret.write_text("  a secret\n", encoding="utf-8")
    values = {
        "SITE": "pjo-50",
        "DATABASE_HOST": "127.0.0.1",
        "DATABASE_NAME": "site",
        "DATABASE_USER": "app",
        "DATABASE_PASSWORD_FILE": str(secret),
        "LISTEN_PORT": "8080",
        "STANDARDS": str(tmp_path),
        "LINK_KEY_FILE": str(secret),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"SADUAK_{name}", value)
    return monkeypatch


def test_secrets_come_from_files_and_stay_out_of_sight(environment: pytest.MonkeyPatch) -> None:
    settings = load(SiteSettings)
    assert settings.database.password == "a secret"
    assert settings.link_key == b"a secret"
    assert "a secret" not in repr(settings) + repr(settings.database)
    assert str(settings.database) == "app@127.0.0.1:5432/site"


def test_a_site_works_without_a_broker_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SADUAK_KAFKA_BOOTSTRAP", "")
    assert load(SiteSettings).kafka is None


def test_the_broker_as_it_is_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("SADUAK_KAFKA_BOOTSTRAP", "kafka:9094")
    environment.setenv("SADUAK_KAFKA_USER", "site-pjo-50")
    environment.setenv("SADUAK_KAFKA_PASSWORD_FILE", str(tmp_path / "secret"))
    kafka = load(SiteSettings).kafka
    assert kafka is not None
    assert (kafka.bootstrap, kafka.user, kafka.current_password()) == (
        "kafka:9094",
        "site-pjo-50",
        "a secret",
    )


def test_cookies_are_secure_where_pages_are(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SADUAK_PUBLIC_URL", "https://queue.example.go.th/")
    settings = load(SiteSettings)
    assert settings.secure
    assert settings.public_url == "https://queue.example.go.th"


def test_names_and_proxies_are_what_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SADUAK_PUBLIC_URL", "https://Queue.example.go.th:8444")
    assert load(SiteSettings).reach.client("10.0.0.1", ["10.9.9.9"]) == "10.0.0.1"
    environment.setenv("SADUAK_HOSTS", "queue.local")
    environment.setenv("SADUAK_TRUSTED_PROXIES", "10.0.0.1, 172.31.9.0/28")
    reach = load(SiteSettings).reach
    assert reach.client("10.0.0.1", ["10.9.9.9", "172.31.9.3"]) == "10.9.9.9"
    known = ("queue.example.go.th:8444", "queue.local:80", "127.0.0.1:8080")
    assert all(map(reach.admits, known))
    assert not reach.admits("elsewhere.example")
    assert load(SiteSettings).public_host == "Queue.example.go.th:8444"


def test_where_no_address_is_named_a_service_goes_by_none(environment: pytest.MonkeyPatch) -> None:
    assert not load(SiteSettings).reach.admits("queue.example.go.th")


def test_every_fault_is_named_with_its_cure(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty").touch()
    environment.delenv("SADUAK_DATABASE_NAME")
    environment.setenv("SADUAK_LISTEN_PORT", "eighty")
    environment.setenv("SADUAK_SITE", "Chiang Mai")
    environment.setenv("SADUAK_PUBLIC_URL", "queue.example.go.th")
    environment.setenv("SADUAK_TRUSTED_PROXIES", "the proxy")
    environment.setenv("SADUAK_HOSTS", "http://queue.local")
    environment.setenv("SADUAK_OPERATIONS_PORT", "70000")
    environment.setenv("SADUAK_LINK_KEY_FILE", str(tmp_path / "empty"))
    environment.setenv("SADUAK_DATABASE_PASSWORD_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError) as caught:
        load(SiteSettings)
    lines = str(caught.value).splitlines()
    assert sorted(line.split()[0] for line in lines) == [
        "SADUAK_DATABASE_NAME",
        "SADUAK_DATABASE_PASSWORD_FILE",
        "SADUAK_HOSTS",
        "SADUAK_LINK_KEY_FILE",
        "SADUAK_LISTEN_PORT",
        "SADUAK_OPERATIONS_PORT",
        "SADUAK_PUBLIC_URL",
        "SADUAK_SITE",
        "SADUAK_TRUSTED_PROXIES",
    ]
    assert "SADUAK_DATABASE_NAME is not set." in str(caught.value)


def test_a_migration_needs_the_database_only(environment: pytest.MonkeyPatch) -> None:
    for name in ("SITE", "LISTEN_PORT", "STANDARDS", "LINK_KEY_FILE"):
        environment.delenv(f"SADUAK_{name}")
    assert load(DatabaseSettings).database.name == "site"
