"""What every answer of the site carries, asked of the real web server."""

import http.client
from urllib.parse import urlsplit

POLICY = "Content-Security-Policy"


def ask(url, path, **headers):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read()
    connection.close()
    return answer


def test_healthz_is_ok_while_the_database_answers(site):
    assert (ask(site.url, "/healthz").status, ask(site.url, "/healthz").body) == (200, b"ok\n")


def test_pages_and_the_admin_forbid_inline_scripts_and_styles(site):
    for path in ("/accounts/login/", "/admin/login/", "/no-such-page"):
        policy = ask(site.url, path).headers[POLICY]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


def test_static_files_are_served_without_collecting_them(site):
    answer = ask(site.url, "/static/admin/css/base.css")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/css")


def test_an_unknown_host_is_refused(site):
    assert ask(site.url, "/accounts/login/", Host="evil.example.com").status == 400


def test_the_icon_that_browsers_ask_for_by_themselves_is_there(site):
    answer = ask(site.url, "/favicon.ico")
    assert answer.status == 302
    assert ask(site.url, answer.headers["Location"]).headers["Content-Type"].startswith("image/svg")
