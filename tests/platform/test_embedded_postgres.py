"""The embedded server lives as long as somebody uses it, and comes back from anything."""

import subprocess
import threading

import psycopg
import pytest

from approvals_site.pg_embedded.errors import EmbeddedPostgresError
from approvals_site.pg_embedded.server import FAST_AND_UNSAFE, EmbeddedPostgres
from tests.platform.clients import kill_postmaster, postmaster


def connect(host):
    return psycopg.connect(host=host, user="postgres", dbname="approvals", autocommit=True)


def remember(host, word):
    with connect(host) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def recall(host):
    with connect(host) as connection:
        return {word for (word,) in connection.execute("SELECT word FROM words")}


def test_eight_processes_that_start_at_once_share_one_server(join):
    clients = [join() for _ in range(8)]
    hosts = {client.wait_until_connected() for client in clients}
    assert len(hosts) == 1
    remember(hosts.pop(), "shared")


def test_the_last_one_out_stops_the_server(join, folder):
    first, last = join(), join()
    assert first.wait_until_connected() == last.wait_until_connected()
    first.leave()
    assert postmaster(folder)
    last.leave()
    assert not postmaster(folder)


def test_a_killed_client_does_not_disturb_the_others(join, folder):
    killed, other = join(), join()
    host = killed.wait_until_connected()
    other.wait_until_connected()
    killed.kill()
    remember(host, "after the kill")
    other.leave()
    assert not postmaster(folder)


def test_a_server_left_by_killed_clients_is_used_again(join, folder):
    client = join()
    client.wait_until_connected()
    client.kill()
    left = postmaster(folder)
    host = join().wait_until_connected()
    remember(host, "again")
    assert postmaster(folder).pid == left.pid


def test_a_killed_server_is_revived_with_its_data_while_a_client_lives(folder):
    server = EmbeddedPostgres(folder, dbname="approvals")  # with the settings that lose nothing
    host = server.ensure()["host"]
    remember(host, "before the crash")
    assert not server.revive()
    kill_postmaster(folder)
    assert server.revive()
    assert "before the crash" in recall(host)
    server.release()
    assert not postmaster(folder)


def test_a_stale_pid_file_harms_neither_the_start_nor_the_process_it_names(join, folder):
    client = join()
    client.wait_until_connected()
    client.leave()
    with subprocess.Popen(["sleep", "60"]) as bystander:
        (folder / "18" / "postmaster.pid").write_text(f"{bystander.pid}\n{folder / '18'}\n")
        host = join().wait_until_connected()
        remember(host, "stale")
        assert bystander.poll() is None
        bystander.terminate()


def test_threads_that_ask_at_once_take_one_hold(folder):
    server = EmbeddedPostgres(folder, dbname="approvals", settings=FAST_AND_UNSAFE)
    together = threading.Barrier(8)
    threads = [threading.Thread(target=lambda: (together.wait(), server.ensure())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert postmaster(folder)
    server.release()
    assert not postmaster(folder)


def test_a_folder_name_with_spaces_commas_and_an_apostrophe_works(folder):
    server = EmbeddedPostgres(folder / "it's, a test", dbname="approvals", settings=FAST_AND_UNSAFE)
    remember(server.ensure()["host"], "odd")
    server.release()


def test_data_of_another_version_is_left_alone_and_named(folder):
    old = folder / "upgraded" / "17"
    old.mkdir(parents=True)
    (old / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedPostgresError, match="PostgreSQL 17"):
        EmbeddedPostgres(old.parent, dbname="approvals").ensure()
    assert [path.name for path in old.parent.iterdir()] == ["17"]
