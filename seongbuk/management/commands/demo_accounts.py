"""`demo_accounts`: who can sign in to the demo, with what."""

import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from seongbuk.demo import accounts


class Command(BaseCommand):
    help = "List the demo accounts, one or more for each role. Only in demo mode."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="the last line is the list as JSON")

    def handle(self, *args, **options):
        if not settings.IS_DEMO:
            raise CommandError("시연 계정은 시연 모드(SEONGBUK_MODE=demo)에만 있습니다.", returncode=1)
        rows = accounts.listed()
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write(
                f"{row['username']:<20} {row['password']}  {row['role']} {row['role_title']}"
                f"  {row['dong'] or '성북구청'}  {row['home_url']}"
            )
