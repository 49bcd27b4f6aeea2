import pytest
from django.conf import settings

import centers.reference
import staffing.reference


@pytest.fixture
def reference(db):
    folder = settings.BASE_DIR / "fixtures" / "reference"
    centers.reference.load(folder)
    staffing.reference.load(folder)


@pytest.fixture
def sign_in_as(client):
    def sign_in(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in
