"""A personnel order and the posts of a center."""

import datetime as dt

import pytest

from centers import personnel
from centers.models import Dong
from staffing import post_orders, posts, ranks
from staffing.models import CenterPost
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db
DAY = dt.date(2015, 8, 1)


@pytest.fixture
def placed(reference):
    """A social worker who holds a post of the center, and the account that gives orders."""
    dong = Dong.objects.get(name="장위1동")
    worker, officer = posted("worker", "오세진", "PS", dong), posted("officer", "유정민", "IM")
    worker.employee_number = "S2010007"
    worker.save()
    post = CenterPost.objects.filter(dong=dong, template__duties__contains="상담").order_by("template__order")
    post = next(p for p in post if ranks.Rank("welfare", "8") in posts.accepted_ranks(p.template))
    posts.appoint(post, holder=worker, rank=ranks.Rank("welfare", "8"), by=officer, on=dt.date(2015, 7, 1), at=f.NOW)
    return worker, officer, post


def order(worker, act, **given):
    return personnel.plan(personnel.Order(worker.employee_number, worker.name, DAY, act, **given))


def holder_on(post, day):
    row = CenterPost.objects.on(day).get(dong=post.dong, template=post.template)
    return row.holder


def test_leaves_the_post_vacant_from_the_day_somebody_goes(placed):
    worker, officer, post = placed
    elsewhere = Dong.objects.get(name="월곡1동")
    done = post_orders.carry_out(order(worker, personnel.Act.MOVE, dong=elsewhere), by=officer, at=f.NOW)
    assert holder_on(post, DAY - dt.timedelta(1)) == worker
    assert holder_on(post, DAY) is None
    assert len(done["posts"]) == 1


def test_keeps_the_post_of_somebody_who_stays_in_the_center(placed):
    worker, officer, post = placed
    post_orders.carry_out(order(worker, personnel.Act.MOVE, dong=post.dong, role="CM"), by=officer, at=f.NOW)
    assert holder_on(post, DAY) == worker


def test_gives_the_post_back_when_the_order_is_taken_back(placed):
    worker, officer, post = placed
    done = post_orders.carry_out(order(worker, personnel.Act.END), by=officer, at=f.NOW)
    post_orders.take_back(done, by=officer, reason="잘못 올림", on=DAY, at=f.NOW)
    assert holder_on(post, DAY) == worker
