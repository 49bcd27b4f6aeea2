"""`extract_targets`: the list of one month, for the district or one dong."""

from centers.commands import JsonCommand
from centers.models import Dong
from common.months import Month
from common.refusals import Refusal
from planners import programmes


class UnknownDong(Refusal):
    code = "UNKNOWN_DONG"


class Command(JsonCommand):
    help = "Write the list of people to visit in a month; twice changes nothing."
    permission = ("target", "W")
    log = "target.extract"

    def add_options(self, parser):
        parser.add_argument("--month", required=True, metavar="YYYY-MM")
        parser.add_argument("--dong", metavar="NAME", help="one dong by its official name")

    def act(self, options: dict) -> dict:
        month = Month.parse(options["month"])
        dongs = self._dongs(options["dong"])
        done = programmes.extract_targets(month, dongs=dongs, by=self.user, at=self.now)
        self.subjects = {target.person_id for target in done.targets}
        return done.as_json()

    def _dongs(self, name: str | None) -> list[Dong] | None:
        """The dongs asked for that the account may change; everything for the operator at the console."""
        if name and not Dong.objects.filter(name=name).exists():
            raise UnknownDong(f"‘{name}’이라는 동이 없습니다. 예: 장위1동")
        rows = Dong.objects.filter(name=name) if name else Dong.objects.all()
        if self.scope is not None and not self.scope.everywhere(*self.permission):
            rows = rows.filter(pk__in=self.scope.dong_ids(*self.permission))
        elif not name:
            return None
        if name and not rows:
            raise UnknownDong(f"{name}의 대상자는 이 계정으로 추출할 수 없습니다.")
        return list(rows)
