"""Reference data of the staffing floor: job series, headcount tables, the posts of all centers, and the budget of the pilot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from centers.models import Dong
from centers.reference import AS_OF, read_csv, upsert
from staffing.models import Budget, BudgetLine, CenterPost, HeadcountCell, JobSeries, PostTemplate

POSTS_SINCE = dt.date(2015, 7, 1)
#: columns of the welfare workforce table that are shown beside its total, not inside it (plan II.3)
SHOWN_BESIDE = {"village_activist"}


def load(folder: Path) -> dict[str, dict[str, int]]:
    """Series, headcount and posts from `folder`; counts per table."""
    rows = read_csv(folder / "series.csv")
    done = {"series": upsert(JobSeries, map(_series, rows), key=("key",))}
    by_key = {series.key: series for series in JobSeries.objects.all()}
    parts = [{"key": r["key"], "part_of": by_key[r["part_of"]]} for r in rows if r["part_of"]]
    upsert(JobSeries, parts, key=("key",))
    by_key = {series.key: series for series in JobSeries.objects.all()}
    dongs = {dong.name: dong for dong in Dong.objects.all()}
    done["headcount"] = upsert(
        HeadcountCell, _headcount(folder, by_key, dongs), key=("table", "as_of", "dong", "series", "grade")
    )
    done["post_templates"] = upsert(PostTemplate, map(_template, read_csv(folder / "posts.csv")), key=("order",))
    posts = [
        {"dong": dong, "template": template, "valid_from": POSTS_SINCE}
        for dong in dongs.values()
        for template in PostTemplate.objects.all()
    ]
    done["center_posts"] = upsert(CenterPost, posts, key=("dong", "template", "valid_from"))
    done["budgets"] = _budgets(folder, dongs)
    return done


def _budgets(folder: Path, dongs: dict[str, Dong]) -> dict[str, int]:
    """Budgets that are not there yet; one that the office keeps is its own."""
    added, known = 0, 0
    rows = read_csv(folder / "budgets.csv")
    for title, year, dong in dict.fromkeys((row["budget"], int(row["year"]), row["dong"]) for row in rows):
        budget, is_new = Budget.objects.get_or_create(title=title, year=year, dong=dongs.get(dong))
        if not is_new:
            known += 1
            continue
        added += 1
        items: dict[str, BudgetLine] = {}
        own = [row for row in rows if (row["budget"], int(row["year"]), row["dong"]) == (title, year, dong)]
        for order, row in enumerate(own, 1):
            line = BudgetLine.objects.create(
                budget=budget, order=order, category=row["category"], item=row["item"], calculation=row["calculation"],
                amount_kkrw=row["amount_kkrw"] or None, part_of=items.get(row["part_of"]),
            )  # fmt: skip
            if not row["part_of"]:
                items[line.item] = line
    return {"added": added, "changed": 0, "unchanged": known}


def _series(row: dict) -> dict:
    return {"key": row["key"], "name": row["name"], "order": int(row["order"])}


def _headcount(folder: Path, series: dict[str, JobSeries], dongs: dict[str, Dong]) -> Iterable[dict]:
    """Cells without the printed sums: those are counted."""
    for table, row_types in (("grade", {"grade"}), ("center", {"dong"}), ("welfare", {"dong", "head_office"})):
        for row in read_csv(folder / f"headcount_{table}.csv"):
            if row["type"] not in row_types:
                continue
            for key in series:
                authorised, actual = row.get(f"{key}_authorised", ""), row.get(f"{key}_actual", "")
                if authorised or actual:
                    yield {
                        "table": table,
                        "as_of": AS_OF,
                        "dong": dongs.get(row["row"]),
                        "series": series[key],
                        "grade": int(row["row"].removesuffix("급")) if table == "grade" else None,
                        "authorised": int(authorised or 0),
                        "actual": int(actual or 0),
                        "is_counted": series[key].part_of_id is None and key not in SHOWN_BESIDE,
                    }


def _template(row: dict) -> dict:
    return {
        "order": int(row["order"]),
        "number": int(row["number"]) if row["number"] else None,
        "team_kind": row["team"],
        "rank": row["rank"],
        "series": row["series"],
        "grade": int(row["grade"]) if row["grade"] else None,
        "is_leader": row["leader"] == "yes",
        "duties": row["duties"],
        "substitutable_rank": row["substitutable_rank"],
    }
