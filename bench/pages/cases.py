"""What the bench asks for: a session of an officer who sees the whole district, and the addresses of each kind of page.

`python -m bench.pages.cases COUNT` prints one JSON object: cookie, paths and SQL statements of each case.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
from urllib.parse import urlencode

import django

#: what every page of a signed-in person asks first, and the brackets around it
COMMON = re.compile(r'BEGIN|COMMIT|SAVEPOINT|RELEASE|SELECT 1|.*FROM "(django_session|centers_user|centers_posting)"')


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.pages.settings")
    django.setup()
    client = _officer()
    paths = _paths(int(sys.argv[1]))
    statements = {case: _statements(client, found[0]) for case, found in paths.items()}
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    print(json.dumps({"cookie": cookie, "paths": paths, "statements": statements}))


def _officer():
    import datetime as dt

    from django.test import Client

    from centers.models import Posting, User

    user, _ = User.objects.get_or_create(username="bench-officer", defaults={"name": "유정민"})
    Posting.objects.get_or_create(user=user, role="IM", defaults={"valid_from": dt.date(2014, 1, 1)})
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get("/residents/")  # the first request notes when the session was last used
    return client


def _paths(count: int) -> dict[str, list[str]]:
    from centers.models import Dong
    from planners.models import Person

    chance = random.Random(7)
    people = Person.objects.order_by("pk")
    last = people.count()
    picked = [people[chance.randrange(last)] for _ in range(count)]
    dongs = dict(Dong.objects.values_list("pk", "name"))
    filters = [f"{dongs[p.dong_id]} {p.name[0]} {'' if n % 2 else f'{p.tong}통'}".strip() for n, p in enumerate(picked)]
    return {
        "ours, dong and name": [f"/residents/?{urlencode({'q': text})}" for text in filters],
        "ours, deep": [f"/residents/?{urlencode({'q': p.name[0], 'after': p.uid})}" for p in picked],
        "offset, deep": [f"/peer/offset/?page={chance.randrange(last // 250, last // 51)}" for _ in picked],
        "n+1": [f"/peer/n-plus-one/?{urlencode({'from': p.name})}" for p in picked],
    }


def _statements(client, path: str) -> dict[str, int]:
    """Statements of one request: all of them, and those of the page itself (its log entry is one)."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        client.get(path)
    statements = [one["sql"] for one in caught.captured_queries]
    return {"all": len(statements), "own": sum(not COMMON.match(text) for text in statements)}


if __name__ == "__main__":
    main()
