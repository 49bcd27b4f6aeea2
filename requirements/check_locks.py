"""Fail when a lock names a registry: locks hold versions and hashes, so that any mirror serves."""

import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PINNED = re.compile(
    r"(#.*"
    r"|    --hash=sha256:[0-9a-f]{64}( \\)?"
    r"|[a-z0-9._-]+(\[[a-z0-9,-]+\])?==[a-z0-9.!+]+( ; [\w .<>=!'\"()]+)?( \\)?)?"
)


def main() -> int:
    bad = []
    for path in sorted((PROJECT / "requirements").glob("*.txt")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if not PINNED.fullmatch(line):
                bad.append(f"{path.relative_to(PROJECT)}:{number}: {line}")
    for number, line in enumerate((PROJECT / "package-lock.json").read_text("utf-8").splitlines(), 1):
        if '"resolved"' in line:
            bad.append(f"package-lock.json:{number}: {line.strip()}")
    print("\n".join(bad) or "the locks name no registry")
    return 1 if bad else 0


sys.exit(main())
