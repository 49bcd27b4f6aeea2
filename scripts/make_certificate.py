"""Make a self-signed certificate for a first try: make_certificate.py FOLDER HOST

Does nothing when the folder holds one already: put the office's own cert.pem and key.pem there.
"""

import datetime as dt
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_FOR = dt.timedelta(days=90)


def make_certificate(folder: Path, host: str, *, at: dt.datetime) -> None:
    """Write `cert.pem` and `key.pem` for one host name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - dt.timedelta(hours=1))
        .not_valid_after(at + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_file = folder / "key.pem"
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder, host = Path(arguments[0]), arguments[1].split(",")[0]
    if (folder / "cert.pem").exists():
        print("the folder holds a certificate already")
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    make_certificate(folder, host, at=dt.datetime.now(dt.UTC))
    print(f"made a self-signed certificate for {host}; browsers will warn about it")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
