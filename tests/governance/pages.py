"""Counting what a page asks of the database."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse


def queries(user, name, *args) -> int:
    """Statements of one page for somebody who is signed in already."""
    client = Client()
    client.force_login(user)
    url = reverse(name, args=args)
    assert client.get(url).status_code == 200  # what is read once per process is read
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)
