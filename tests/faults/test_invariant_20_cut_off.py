"""20. A page whose connection is cut: 503, also where Django would say that the browser was wrong."""

import pytest

from tests.conftest import PASSWORD
from tests.faults import reach
from tests.faults.proxy import Cut, Way

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {"username": "fiona", "password": PASSWORD}


@pytest.mark.parametrize("needle", [b'INSERT INTO "django_session"', b'UPDATE "django_session"'])
def test_signing_in_without_a_database_is_a_503_and_works_afterwards(needle, proxy, proxied_site, fiona):
    nobody = reach.Person(proxied_site.url)
    cut = proxy.cut_at(Cut(Way.UP, needle=needle))
    refused = nobody.post("/accounts/login/", FORM)
    assert cut.done.is_set()
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert "by reloading this page" in refused.text
    assert "refresh" not in refused.text
    assert proxied_site.log.read_text().count("503 for POST /accounts/login/") == 1
    assert "Traceback" not in proxied_site.log.read_text()
    proxy.heal()
    assert nobody.post("/accounts/login/", FORM).status == 302
