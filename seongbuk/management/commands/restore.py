"""Restore a backup into an empty instance and compare every table and file with it."""

from pathlib import Path

from django.core.management.base import CommandError
from django.db import connection

from centers.commands import JsonCommand
from seongbuk import backups


class Command(JsonCommand):
    help = __doc__
    permission = ("settings", "W")
    log = "backup.restore"
    own_transactions = True
    requires_migrations_checks = False

    def add_options(self, parser):
        parser.add_argument("path", metavar="PATH", type=Path, help="a file that `backup` has written")

    def act(self, options):
        return backups.restore(options["path"])

    def _become(self, username):
        if username:
            raise CommandError("빈 곳에는 아직 계정이 없습니다. --as 없이 실행해 주세요.", returncode=2)

    def _log(self, outcome, **detail):
        """Where no tables are there is no log to write to; a restored instance has one."""
        if "centers_accesslog" in connection.introspection.table_names():
            super()._log(outcome, **detail)
