"""The application's own pages, and beside them the list of residents as it is usually written."""

from django.urls import include, path

from bench.pages import peers

urlpatterns = [
    path("peer/offset/", peers.by_offset, name="peer_offset"),
    path("peer/n-plus-one/", peers.one_query_a_row, name="peer_n_plus_one"),
    path("", include("seongbuk.urls")),
]

handler403 = "seongbuk.views.errors.forbidden"
handler404 = "seongbuk.views.errors.not_found"
handler500 = "seongbuk.views.errors.broken"
