"""The house: who may import whom, relations go down, domain never imports edges, the solver is pure."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = ["common", "centers", "staffing", "planners", "governance", "casemgmt", "seongbuk"]
EDGES = {"urls", "views", "forms", "tasks", "admin", "management", "page_urls", "account_urls", "tasks_schedule"}
EMPTY_NAMES = {"utils", "helpers", "misc", "services", "base", "signals"}
MOST_LINES = 600


def modules(package: str):
    return [p for p in sorted((ROOT / package).rglob("*.py")) if "migrations" not in p.parts]


def imported(path: Path) -> set[str]:
    """Full dotted names of what a module imports from the project."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                base = ".".join([*package, *([base] if base else [])])
            names |= {f"{base}.{alias.name}" for alias in node.names} | {base}
    return {name for name in names if name.split(".")[0] in FLOORS or name.split(".")[0] == "devstack"}


def room(dotted: str) -> str:
    """The room of an app a dotted name lives in: the part after the package."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.mark.parametrize("package", FLOORS)
def test_imports_only_from_floors_below(package):
    floor = FLOORS.index(package)
    wrong = []
    for path in modules(package):
        for name in imported(path):
            other = name.split(".")[0]
            if other in FLOORS and FLOORS.index(other) > floor:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
            if other == "devstack" and path.name not in {"settings.py", "settings_test.py"}:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


def test_relates_models_only_downwards_and_without_reverse_names_across_apps():
    wrong = []
    for model in apps.get_models():
        if model._meta.app_label not in FLOORS or "History" in model.__name__:
            continue
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or not field.concrete:
                continue
            mine, theirs = model._meta.app_label, field.related_model._meta.app_label
            if theirs not in FLOORS or mine == theirs:
                continue
            if FLOORS.index(theirs) > FLOORS.index(mine):
                wrong.append(f"{model.__name__}.{field.name} points up to {theirs}")
            if not field.remote_field.hidden and mine != "centers":
                wrong.append(f"{model.__name__}.{field.name} needs related_name='+'")
    assert wrong == []


@pytest.mark.parametrize("package", FLOORS[1:])
def test_keeps_the_domain_free_of_edges(package):
    wrong = []
    for path in modules(package):
        parts = path.relative_to(ROOT / package).with_suffix("").parts
        if parts[0] in EDGES or parts[0] in {
            "apps",
            "celery",
            "settings",
            "settings_test",
            "wsgi",
            "navigation",
            "demo",
        }:
            continue
        for name in imported(path):
            if room(name) in EDGES:
                wrong.append(f"{path.relative_to(ROOT)} imports the edge {name}")
    assert wrong == []


def test_keeps_the_solver_pure():
    wrong = []
    for path in modules("planners/solver"):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.split(".")[0]
                if top in {"django", *FLOORS} and not name.startswith("planners.solver"):
                    wrong.append(f"{path.name} imports {name}")
    assert wrong == []


def test_uses_file_names_that_say_something_and_keeps_files_short():
    wrong = []
    for package in FLOORS:
        for path in modules(package):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if path.stem in EMPTY_NAMES:
                wrong.append(f"{path.relative_to(ROOT)} has an empty name")
            if lines > MOST_LINES:
                wrong.append(f"{path.relative_to(ROOT)} has {lines} lines")
    assert wrong == []


def test_opens_every_module_with_a_sentence_on_what_it_is_for():
    silent = []
    for package in FLOORS:
        for path in modules(package):
            text = path.read_text(encoding="utf-8")
            if text.strip() and path.name not in {"__init__.py", "apps.py"} and not ast.get_docstring(ast.parse(text)):
                silent.append(str(path.relative_to(ROOT)))
    assert silent == []


def test_keeps_common_small_and_without_tables():
    top = [p for p in (ROOT / "common").iterdir() if p.name not in {"__init__.py", "apps.py", "__pycache__"}]
    named = {p.stem for p in top if p.suffix == ".py" or p.is_dir()} - {"templatetags"}
    assert not list(apps.get_app_config("common").get_models())
    assert len(named) <= 12, sorted(named)
