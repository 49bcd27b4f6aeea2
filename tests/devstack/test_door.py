"""What stands at the door of the project is complete: settings, dependencies, locks."""

import json
import os
import re
import subprocess
import sys
import tomllib

from django.conf import settings

ROOT = settings.BASE_DIR


def names_in(path: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (ROOT / path).read_text("utf-8"), re.MULTILINE))


def test_explains_every_setting_that_is_read():
    read = names_in("seongbuk/settings.py", r'\benv\.\w+\(\s*"([A-Z_]+)"')
    read |= names_in("deploy/gunicorn.conf.py", r'environ\.get\("([A-Z_]+)"')
    read |= names_in("docker-compose.yml", r"\$\{([A-Z_]+)")
    assert read == names_in(".env.example", r"^([A-Z_]+)=")


def test_says_what_every_dependency_is_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["bench"],
        *(line for group in project["dependency-groups"].values() for line in group),
    ]
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    names = {re.match(r"[a-z0-9-]+", line).group() for line in wanted}
    names |= {*package["dependencies"], *package["devDependencies"]}
    explained = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert [name for name in sorted(names) if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", explained)] == []


def test_names_no_registry_in_the_locks():
    done = subprocess.run([sys.executable, "requirements/check_locks.py"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def test_makes_fresh_keys_that_open_what_they_seal():
    lines = subprocess.check_output([sys.executable, "scripts/make_env.py", "welfare.example"], cwd=ROOT, text=True)
    fresh = dict(line.split("=", 1) for line in lines.splitlines() if "=" in line and not line.startswith("#"))
    script = (
        "import django; django.setup(); from common.encryption import seal, unseal;"
        "print(unseal(seal('홍길동', 'test'), 'test'))"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "seongbuk.settings"} | fresh
    assert subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, env=environment, text=True) == "홍길동\n"
