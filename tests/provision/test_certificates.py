"""The brokers' certificates: made once, renewed in time, good for strict clients."""

import ssl
from pathlib import Path

import pytest

from saduak.provision import certificates
from saduak.provision.certificates import keep_authority, keep_broker_certificate

NAMES = ["kafka-1", "kafka.example.go.th", "127.0.0.1"]


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, Path]:
    key, certificate = tmp_path / "ca.key", tmp_path / "ca.pem"
    keep_authority(key, certificate)
    return key, certificate


def shake_hands(ca: Path, tls: Path, name: str) -> None:
    """A whole TLS handshake, as strict as Python 3.13 and later are by default."""
    client = ssl.create_default_context(cafile=ca)
    client.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(tls)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    pending = [ours, theirs]
    for _ in range(10):
        for side in list(pending):
            try:
                side.do_handshake()
                pending.remove(side)
            except ssl.SSLWantReadError:
                continue
        if not pending:
            return
    raise AssertionError("the handshake did not end")


@pytest.mark.parametrize("name", NAMES)
def test_a_strict_client_accepts_every_name(
    authority: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    tls = tmp_path / "tls.pem"
    keep_broker_certificate(*authority, tls, NAMES)
    shake_hands(authority[1], tls, name)


def test_another_name_is_refused(authority: tuple[Path, Path], tmp_path: Path) -> None:
    tls = tmp_path / "tls.pem"
    keep_broker_certificate(*authority, tls, NAMES)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(authority[1], tls, "kafka-2")


def test_what_holds_is_kept(authority: tuple[Path, Path], tmp_path: Path) -> None:
    tls = tmp_path / "tls.pem"
    assert keep_broker_certificate(*authority, tls, NAMES)
    before = tls.read_bytes(), authority[0].read_bytes()
    keep_authority(*authority)
    assert not keep_broker_certificate(*authority, tls, NAMES)
    assert (tls.read_bytes(), authority[0].read_bytes()) == before


def test_another_name_or_a_near_end_makes_a_new_one(
    authority: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = tmp_path / "tls.pem"
    keep_broker_certificate(*authority, tls, NAMES)
    assert keep_broker_certificate(*authority, tls, [*NAMES, "localhost"])
    assert not keep_broker_certificate(*authority, tls, [*NAMES, "localhost"])
    monkeypatch.setattr(certificates, "RENEWAL_DAYS", certificates.BROKER_DAYS)
    assert keep_broker_certificate(*authority, tls, [*NAMES, "localhost"])


def test_another_authority_makes_a_new_one(authority: tuple[Path, Path], tmp_path: Path) -> None:
    tls = tmp_path / "tls.pem"
    keep_broker_certificate(*authority, tls, NAMES)
    for file in authority:
        file.unlink()
    keep_authority(*authority)
    assert keep_broker_certificate(*authority, tls, NAMES)
    shake_hands(authority[1], tls, NAMES[0])


def test_secrets_are_ours_alone(authority: tuple[Path, Path], tmp_path: Path) -> None:
    tls = tmp_path / "tls.pem"
    keep_broker_certificate(*authority, tls, NAMES)
    for file in (tls, authority[0]):
        assert file.stat().st_mode & 0o777 == 0o600
