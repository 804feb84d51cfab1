"""What a process is told by its environment. Secrets come as files, never as values."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, DirectoryPath, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.database.pool import Database
from libs.events.codes import SiteCode
from libs.service.reach import Reach, read_hosts, read_proxies
from libs.stream.kafka import KafkaAccess

PREFIX = "SADUAK_"


class SettingsError(ValueError):
    """The environment is wrong; the text names every variable, what is wrong and the cure."""


def _secret_file(path: Path) -> Path:
    try:
        content = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read {path} ({error.__class__.__name__})") from None
    if not content:
        raise ValueError(f"{path} is empty; it must hold the secret and nothing else")
    return path


def _base_url(url: str) -> str:
    if not url.startswith(("http://", "https://")) or "?" in url or "#" in url:
        raise ValueError("must be an address like https://queue.example.go.th")
    return url.rstrip("/")


def _proxies(text: str) -> str:
    try:
        read_proxies(text)
    except ValueError as error:
        raise ValueError(
            f"{error}; write addresses or networks with commas between, like 10.0.0.5,172.31.9.0/24"
        ) from None
    return text


def _hosts(text: str) -> str:
    read_hosts(text)
    return text


SecretFile = Annotated[Path, AfterValidator(_secret_file)]
"""A readable file that holds one secret."""
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Port = Annotated[int, Field(ge=0, le=65535)]


def read_secret(path: Path) -> str:
    """The secret in ``path``, without the white space around it. Raises :class:`SettingsError`."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read {path} ({type(error).__name__})") from None


class DatabaseSettings(BaseSettings):
    """All that a migration needs: the database, as the schema's owner."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True
    )

    database_host: str
    database_port: int = Field(default=5432, ge=1, le=65535)
    database_name: str
    database_user: str
    database_password_file: SecretFile

    @property
    def database(self) -> Database:
        return Database(
            host=self.database_host,
            port=self.database_port,
            name=self.database_name,
            user=self.database_user,
            password=read_secret(self.database_password_file),
        )


class ServiceSettings(DatabaseSettings):
    """What every running service is told."""

    listen_host: str = "127.0.0.1"
    listen_port: Port
    """0 takes any free port; the log says which."""
    public_url: BaseUrl | None = None
    """The address visitors reach the service at; https makes its cookies secure."""
    hosts: Annotated[str, AfterValidator(_hosts)] = ""
    """Further names that it is called by, with commas between. A request that names another
    machine is refused."""
    trusted_proxies: Annotated[str, AfterValidator(_proxies)] = ""
    """Addresses or networks, with commas between, of proxies whose ``X-Forwarded-For`` is true."""
    operations_host: str = "127.0.0.1"
    operations_port: Port | None = None
    """Where metrics, detailed health and the API's description are, for who runs the service and
    not for visitors. 0 takes any free port; absent: nowhere."""
    standards: Path
    kafka_bootstrap: str | None = None
    """Absent: the service works, and keeps its events until it is told."""
    kafka_user: str | None = None
    kafka_password_file: SecretFile | None = None
    kafka_ca_file: Path | None = None
    """Absent: the connection is not encrypted."""
    demo: bool = False
    """Marks every event as played and shows a banner on every page."""

    @property
    def secure(self) -> bool:
        """Whether pages travel by https, so that cookies must."""
        return self.public_url is not None and self.public_url.startswith("https://")

    @property
    def public_host(self) -> str | None:
        """The host, with its port, that browsers see."""
        return urlsplit(self.public_url).netloc if self.public_url else None

    @property
    def reach(self) -> Reach:
        """By which names the service is called, and which proxies it believes."""
        own = {urlsplit(self.public_url).hostname or ""} if self.public_url else set[str]()
        own |= {self.listen_host.lower()}
        return Reach(read_hosts(self.hosts) | own, read_proxies(self.trusted_proxies))

    @property
    def kafka(self) -> KafkaAccess | None:
        """How to reach the broker, if one was named."""
        if self.kafka_bootstrap is None:
            return None
        return KafkaAccess(
            bootstrap=self.kafka_bootstrap,
            user=self.kafka_user,
            ca_file=self.kafka_ca_file,
            password_file=self.kafka_password_file,
        )


class SiteSettings(ServiceSettings):
    """What a site's service is told besides."""

    site: SiteCode
    link_key_file: SecretFile
    """The key of ticket links, shared by the site's two services."""
    peer_url: BaseUrl | None = None
    """Where the site's other service shows its pages."""
    disk: DirectoryPath = Path("/")
    """Any folder of the disk that the database writes to: its room is watched, and the beats tell
    it."""

    @property
    def link_key(self) -> bytes:
        return read_secret(self.link_key_file).encode()


S = TypeVar("S", bound=BaseSettings)


def load(kind: type[S]) -> S:
    """The settings of ``kind`` from the environment.

    Raises :class:`SettingsError` with a line for each variable that is missing or wrong.
    """
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError("\n".join(_faults(error))) from None


def _faults(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_input=False):
        name = PREFIX + "_".join(str(part) for part in detail["loc"]).upper()
        if detail["type"] == "missing":
            yield f"{name} is not set. Set it in the service's environment."
        else:
            yield f"{name} is wrong: {detail['msg'].removeprefix('Value error, ')}."
