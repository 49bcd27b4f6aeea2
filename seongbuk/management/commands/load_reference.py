"""`load_reference`: places, names, posts, figures, programmes and holidays every installation starts from."""

from centers.commands import JsonCommand
from seongbuk import reference


class Command(JsonCommand):
    help = "Load the reference data; running it again changes nothing."
    permission = ("settings", "W")
    log = "reference.load"

    def act(self, options: dict) -> dict:
        done = reference.load(until_year=self.now.year + 2)
        return {
            "added": sum(counts["added"] for counts in done.values()),
            "changed": sum(counts["changed"] for counts in done.values()),
            "tables": done,
        }
