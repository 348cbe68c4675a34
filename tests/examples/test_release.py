import pytest

from flows.examples import release


def start(version="4.12.0"):
    return release.flow.start_execution({"service": "billing", "version": version}, auto_close=False)


def test_it_asks_with_what_changes():
    (interrupt,) = start().get_pending_interrupts().values()
    payload = interrupt["payload"]
    assert payload["title"] == "Release billing 4.12.0"
    assert [block["type"] for block in payload["blocks"]] == ["diff", "table", "code", "file"]
    assert "billing:4.11.0" in payload["blocks"][0]["before"]
    assert "billing:4.12.0" in payload["blocks"][0]["after"]


@pytest.mark.parametrize("version, before", [("4.12.0", "4.11.0"), ("4.12.3", "4.12.2"), ("4.0.0", "4.0.0")])
def test_the_version_before(version, before):
    assert release.version_before(version) == before


@pytest.mark.parametrize("approved, share", [(True, "everybody"), (False, None)])
def test_it_releases_on_a_yes_only(approved, share):
    execution = start()
    (key,) = execution.get_pending_interrupts()
    data = {"share": share} if approved else {}
    execution.continue_with(key, {"approved": approved, "action": "x", "comment": None, "data": data})
    assert execution.close()["$final_result"] == {"released": approved, "began_with": share}
