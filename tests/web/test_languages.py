"""Pages speak the language that their reader has set, else what the browser prefers, else English."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone, translation

from flows.services import errors, interrupts, preferences
from flows.templatetags.ui import age_words, ago, moment
from flows.web.listing import worded
from flows.web.pages import count_text
from tests.web.conftest import Ask

CHINESE = {"HTTP_ACCEPT_LANGUAGE": "zh-CN,zh;q=0.9,en;q=0.8"}


@pytest.fixture(autouse=True)
def _back_to_english() -> Iterator[None]:
    """The language of a request stays active in its thread until the next one."""
    yield
    translation.activate("en")


def test_the_language_that_was_set_then_the_browsers_then_english(as_fiona: Client, fiona: User) -> None:
    def language(**headers: str) -> str:
        response = as_fiona.get("/inbox/", **headers)
        page = response.content.decode()
        found = page.partition('<html lang="')[2].partition('"')[0]
        assert response["Content-Language"] == found
        assert ("待办" in page) is (found == "zh-hans")
        return found

    assert language() == "en"
    assert language(**CHINESE) == "zh-hans"
    assert language(HTTP_ACCEPT_LANGUAGE="fr") == "en"
    preferences.change(user=fiona, language="en")
    assert language(**CHINESE) == "en"
    preferences.change(user=fiona, language="zh-hans")
    assert language() == "zh-hans"


def test_it_can_be_set_on_the_page_of_settings(as_fiona: Client, fiona: User) -> None:
    as_fiona.post("/settings/", {"shortcuts": "on", "language": "zh-hans"})
    assert preferences.of(fiona).language == "zh-hans"
    assert '<option value="zh-hans" selected>简体中文</option>' in as_fiona.get("/settings/").content.decode()
    refused = as_fiona.post("/settings/", {"language": "tlh"})
    assert refused.status_code == 422
    assert "没有这种语言" in refused.content.decode()


def test_a_language_that_does_not_exist_is_refused(fiona: User) -> None:
    with pytest.raises(errors.InvalidInput, match="There is no language “tlh”"):
        preferences.change(user=fiona, language="tlh")


def test_pages_without_a_person_follow_the_browser(client: Client) -> None:
    assert "登录" in client.get("/accounts/login/", **CHINESE).content.decode()
    missing = client.get("/nowhere/", **CHINESE)
    assert missing.status_code == 404
    assert "未找到" in missing.content.decode()


def test_an_answer_in_chinese_with_what_is_wrong_and_what_was_done(
    as_fiona: Client, ask: Ask, fiona: User, leo: User
) -> None:
    preferences.change(user=fiona, language="zh-hans")
    item = ask(title="Refund Ann", audience=("g:Finance", "g:Legal"))
    form = {"digest": item.digest}
    assert "请选择通过或驳回。" in as_fiona.post(f"/inbox/{item.pk}/answer/", form).content.decode()
    interrupts.decide(interrupt_id=item.pk, answer={"approved": False}, by=leo)
    late = as_fiona.post(f"/inbox/{item.pk}/answer/", form | {"decision": "approve"}).content.decode()
    assert "Leo已驳回" in late.replace("<bdi>", "").replace("</bdi>", "")
    assert "Refund Ann" in late  # texts of authors stay as they are
    assert "Leo驳回了“Refund Ann”" in as_fiona.get(f"/inbox/{item.pk}/background/").content.decode()


def test_a_person_who_is_too_late_is_told_in_their_language_and_zone(ask: Ask, fiona: User) -> None:
    item = ask()
    interrupts.decide(interrupt_id=item.pk, answer={"approved": True}, by=fiona)
    with translation.override("zh-hans"), pytest.raises(errors.AlreadyClosed) as caught:
        interrupts.decide(interrupt_id=item.pk, answer={"approved": True})
    assert caught.value.message.startswith("Fiona已于")
    assert caught.value.message.endswith("（UTC）处理：已通过。")


def test_times_and_counts_are_written_as_people_there_do() -> None:
    now = timezone.now()
    with translation.override("zh-hans"):
        assert "5 分钟前" in ago(now - timedelta(minutes=5, seconds=1))
        assert "3 天后" in ago(now + timedelta(days=3, seconds=1))
        assert f"{now.year + 1}年" in ago(now.replace(year=now.year + 1, month=6, day=1))
        assert "星期" in moment(now + timedelta(days=2))
        assert worded({"a": "Newest first"}) == {"a": "最新优先"}
        assert count_text(1001) == "1,000+"
    assert [age_words("past", "day", count) for count in (1, 2)] == ["1 day ago", "2 days ago"]
