"""`python -m bench [NAME ...]`: every benchmark, or the named ones; exits 1 when one misses a goal.

A benchmark is a package under `bench` with a `__main__`; it prints its table and appends JSON lines to
`var/bench`. Its own options: `python -m bench.NAME --help`.
"""

import subprocess
import sys
from pathlib import Path


def names() -> list[str]:
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/__main__.py"))


def main() -> None:
    wanted = sys.argv[1:] or names()
    if unknown := sorted(set(wanted) - set(names())):
        raise SystemExit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(names())}")
    missed = [
        name for name in wanted if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
    ]
    if missed:
        raise SystemExit(f"goals missed in: {', '.join(missed)}")


if __name__ == "__main__":
    main()
