"""Write the whole database and every stored file into one encrypted file."""

from pathlib import Path

from centers.commands import JsonCommand
from seongbuk import backups


class Command(JsonCommand):
    help = __doc__
    permission = ("settings", "W")
    log = "backup.write"
    own_transactions = True

    def add_options(self, parser):
        parser.add_argument("path", metavar="PATH", type=Path, help="a file that does not exist yet")

    def act(self, options):
        return backups.write(options["path"], at=self.now)
