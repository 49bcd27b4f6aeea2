"""The peer: a stock django-import-export resource that keeps the same people with the same normaliser."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import tablib
from import_export import fields, resources

from centers.models import Dong
from common.hangul import bigrams, choseong
from planners.lists.list_columns import Column, Layout, _columns
from planners.lists.list_reading import dong_names
from planners.lists.resident_columns import RESIDENTS
from planners.lists.resident_values import Reader
from planners.models import Household, Membership, Person
from planners.residents import match_key

ON = dt.date(2026, 11, 20)


def peer_dataset(path: Path) -> tablib.Dataset:
    """The file as stock import-export reads a CSV."""
    return tablib.Dataset().load(path.read_text("utf-8-sig"), format="csv")


class PassThrough(fields.Field):
    def clean(self, row, **kwargs):
        return row[self.column_name]


class PeerResource(resources.ModelResource):
    """Rows are normalised in `before_import_row`; widgets pass values through, so this is a lower bound."""

    class Meta:
        model = Person
        import_id_fields = ("match_key",)
        skip_diff = True
        fields = (
            "household_id",
            "name",
            "birth_on",
            "sex",
            "dong_id",
            "tong",
            "ban",
            "address",
            "phone",
            "mobile",
            "relation",
            "match_key",
            "name_choseong",
            "name_bigrams",
        )

    def before_import(self, dataset, **kwargs):
        columns = tuple(
            Column(c.index, c.header, c.field, c.how)
            for c in _columns([(1, list(dataset.headers))], _Sheet(), RESIDENTS)
        )
        layout = Layout(0, "", (1,), columns, ragged_is_wrong=True, vocabulary=RESIDENTS)
        self.reader = Reader(layout, dong_names(), on=ON)
        self.dongs = {name: pk for pk, name in Dong.objects.values_list("pk", "name")}
        self.headers = list(dataset.headers)

    def before_import_row(self, row, **kwargs):
        resident = self.reader.read(kwargs.get("row_number", 0), [row[h] for h in self.headers])
        if resident.is_rejected:
            raise ValueError(resident.issues[0].code)
        # The household as stock code finds it: one query a row, another when it is new.
        home, _ = Household.objects.get_or_create(
            dong_id=self.dongs[resident.dong], address=resident.address_main, address_detail=resident.address_detail
        )
        row.update(
            household_id=home.pk,
            name=resident.name,
            birth_on=resident.birth_on,
            sex=resident.sex,
            dong_id=self.dongs[resident.dong],
            tong=resident.tong,
            ban=resident.ban,
            address=resident.address,
            phone=resident.phone,
            mobile=resident.mobile,
            relation=resident.relation,
            match_key=match_key(resident.name, resident.birth_on, resident.sex),
            name_choseong=choseong(resident.name),
            name_bigrams=bigrams(resident.name),
        )

    def after_import(self, dataset, result, **kwargs):
        """Memberships of the people just added, in bulk even for the default way."""
        known = Membership.objects.values("person_id")
        people = Person.objects.exclude(pk__in=known).values_list("pk", "household_id", "relation")
        rows = [
            Membership(person_id=pk, household_id=home, relation=relation, valid_from=ON)
            for pk, home, relation in people
        ]
        Membership.objects.bulk_create(rows, batch_size=1000)


class _Sheet:
    merges = ()
    hidden_columns = frozenset()


for _name in PeerResource._meta.fields:
    PeerResource.fields[_name] = PassThrough(attribute=_name, column_name=_name)


class BulkPeerResource(PeerResource):
    class Meta(PeerResource.Meta):
        use_bulk = True
        batch_size = 1000


for _name in PeerResource._meta.fields:
    BulkPeerResource.fields[_name] = PassThrough(attribute=_name, column_name=_name)


def peer_resource(*, is_bulk: bool) -> PeerResource:
    return BulkPeerResource() if is_bulk else PeerResource()
