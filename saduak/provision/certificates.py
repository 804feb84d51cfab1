"""A certificate authority of our own, and the brokers' certificates.

Key usage and key identifiers are what strict clients (Python 3.13 and later) ask for.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from saduak.provision.secret_files import write_secret

AUTHORITY_DAYS, BROKER_DAYS = 3650, 398
RENEWAL_DAYS = 60
"""A broker's certificate that ends sooner is made anew."""
AUTHORITY = "Saduak authority"


def keep_authority(key_file: Path, certificate_file: Path) -> None:
    """Make the authority, unless it is there. Who holds its key can pass for a broker."""
    if key_file.exists() and certificate_file.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    write_secret(certificate_file, _pem(_authority(key)))
    write_secret(key_file, _secret(key))


def keep_broker_certificate(
    authority_key: Path, authority: Path, key_and_chain: Path, names: Sequence[str]
) -> bool:
    """Make a broker's key (PKCS#8) with its chain for these host names and IP addresses, unless
    it has one of this authority that holds for all of them and does not end soon. True if it was
    made."""
    if key_and_chain.exists() and _holds(key_and_chain, authority, names):
        return False
    signer = serialization.load_pem_private_key(authority_key.read_bytes(), password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{authority_key} is no key on an elliptic curve")
    key = ec.generate_private_key(ec.SECP256R1())
    chain = _pem(_broker(key, signer, names)) + authority.read_text(encoding="utf-8")
    write_secret(key_and_chain, _secret(key) + chain)
    return True


def _first(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(file.read_bytes())[0]


def _holds(file: Path, authority: Path, names: Sequence[str]) -> bool:
    kept = _first(file)
    try:
        kept.verify_directly_issued_by(_first(authority))
    except (ValueError, InvalidSignature):
        return False
    found = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lasts = kept.not_valid_after_utc - datetime.now(UTC) > timedelta(days=RENEWAL_DAYS)
    return lasts and set(_alternatives(names)) == set(found)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _secret(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in dict.fromkeys(names):
        address: IPv4Address | IPv6Address | None = None
        with suppress(ValueError):
            address = ip_address(name)
        found.append(x509.DNSName(name) if address is None else x509.IPAddress(address))
    return found


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _started(subject: str, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(AUTHORITY))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    public = key.public_key()
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(public)
    return (
        _started(AUTHORITY, public, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _broker(
    key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, names: Sequence[str]
) -> x509.Certificate:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        _started("Saduak broker", key.public_key(), BROKER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(issuer, critical=False)
        .sign(signer, hashes.SHA256())
    )
