"""Print the settings of a production place with fresh keys: make_env.py HOST > .env"""

import base64
import secrets
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"


def fresh_settings(host: str) -> dict[str, str]:
    """Values that must differ between any two places."""
    database, valkey = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    return {
        "ALLOWED_HOSTS": host,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "BLIND_INDEX_KEY": secrets.token_urlsafe(32),
        "DATABASE_URL": f"postgres://app:{database}@db:5432/app",
        "REDIS_URL": f"redis://:{valkey}@valkey:6379/0",
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "APP_DATABASE_PASSWORD": database,
        "REDIS_PASSWORD": valkey,
    }


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    fresh = fresh_settings(arguments[0])
    for line in EXAMPLE.read_text("utf-8").splitlines():
        name = line.partition("=")[0]
        print(f"{name}={fresh[name]}" if name in fresh else line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
