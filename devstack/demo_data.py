"""Brings the demo's database up to date; one process, because each start of Django costs seconds.

DEMO_SIZE says how large a world to invent: small (default) or district.
"""

import os
from io import StringIO

import django
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seongbuk.settings")
    django.setup()
    print("migrating", flush=True)
    call_command("migrate", verbosity=0)
    print("loading reference data", flush=True)
    quietly("load_reference")
    print("loading the demo world", flush=True)
    call_command("load_demo", size=os.environ.get("DEMO_SIZE") or "small")


def quietly(name: str) -> None:
    """Run a command and show what it says only when it fails."""
    said = StringIO()
    try:
        call_command(name, stdout=said)
    except SystemExit:
        print(said.getvalue(), flush=True)
        raise


if __name__ == "__main__":
    main()
