# ruff: noqa: E501
"""Break the durable runtime on purpose, one place at a time, and see that the tests notice.

    python -m tests.store.mutate             every break; exit code 1 when one goes unnoticed

The results are kept in docs/testing.md.
"""

from tests.mutation import Break, run

EVENTS, AUDIT = "tests/store/test_events.py", "tests/services/test_audit.py"
INTEGRITY, LOAD = "tests/services/test_integrity.py", "tests/services/test_integrity_under_load.py"
COMMITS, QUEUE = "tests/store/test_commits.py", "tests/store/test_queue.py"
CRASHES, UNDO = "tests/faults/test_crash_points.py", "tests/services/test_undo.py"
RUNS = "tests/store/test_runs.py"
VOTES = "tests/services/test_votes.py"
ORDERS = "tests/worker/test_interleavings.py"
TAKEOVER, DECIDE = "tests/worker/test_takeover.py", "tests/services/test_decide.py"
PRUNING, DOCTOR = "tests/services/test_pruning.py", "tests/services/test_doctor.py"
HASH, CHAIN = "migrations/0004_event_hash.py", "migrations/0005_chain_events.py"

BREAKS = [
    # -- the chain of events
    Break("an event's hash forgets the one before it", CHAIN, "flows_event_hash(NEW, before)", "flows_event_hash(NEW, NULL)", (EVENTS,)),
    Break("the address is not hashed", HASH, "event.address, ", "", (EVENTS,)),
    Break("the chain does not see what its statement waited for", CHAIN, "VOLATILE SET", "STABLE SET", (EVENTS,)),
    Break("the chain reads a young table whole", CHAIN, " SET enable_seqscan = off", "", (EVENTS,)),
    Break("old events are not chained", CHAIN, "migrations.RunSQL(FILL, migrations.RunSQL.noop),", "", ("tests/store/test_event_migrations.py",)),
    Break("events can be changed", CHAIN, "BEFORE UPDATE ON flows_event", "BEFORE UPDATE OF id ON flows_event", (EVENTS,)),
    Break("events can be deleted", CHAIN, "IF EXISTS (", "IF FALSE AND EXISTS (", (EVENTS,)),
    Break("events can be truncated", CHAIN, "BEFORE TRUNCATE ON flows_event\n    FOR EACH STATEMENT EXECUTE FUNCTION flows_event_refuse()", "BEFORE TRUNCATE ON flows_event\n    FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger()", (EVENTS,)),
    Break("verify_audit leaves out a column", "services/audit.py", "kind, actor, door, address)]", "kind, actor, door, door)]", (EVENTS, AUDIT)),
    Break("verify_audit does not ask who misses an event", "services/audit.py", "if invariant.testifies and", "if False and", (AUDIT,)),
    # -- one event for each transition
    Break("an answer leaves no event", "store/answers.py", "json_build_object('value', %(value)s::json)\n    FROM closed", "json_build_object('value', %(value)s::json)\n    FROM closed WHERE false", ("tests/worker/test_kills.py",)),
    Break("a cancelled interrupt leaves no event", "store/doors.py", "%(door)s, '', %(detail)s::json FROM closed", "%(door)s, '', %(detail)s::json FROM closed WHERE false", (TAKEOVER,)),
    Break("a retry leaves no event", "store/doors.py", "'', NULL::json FROM retried", "'', NULL::json FROM retried WHERE false", (LOAD,)),
    Break("an opened interrupt leaves no event", "store/commits.py", "'interrupt.opened', NULL FROM opened", "'interrupt.opened', NULL FROM opened WHERE false", (TAKEOVER,)),
    Break("an end leaves no event", "worker/held.py", "self._record.tell(EventKind.EXECUTION_COMPLETED)", "pass", (LOAD,)),
    Break("an expiry leaves no event", "store/answers.py", "'timer', '', NULL FROM closed", "'timer', '', NULL FROM closed WHERE false", (INTEGRITY, "tests/worker/test_timers.py")),
    # -- one writer, one answer, nothing parked
    Break("a stale worker may commit", "store/commits.py", "i ON i.id = e.id AND i.epoch = e.epoch", "i ON i.id = e.id", (COMMITS, TAKEOVER)),
    Break("a lease is taken before it ends", "store/queue.py", "AND (e.lease_until IS NULL OR e.lease_until <= now())\n        ORDER BY e.wake_at LIMIT (SELECT", "ORDER BY e.wake_at LIMIT (SELECT", (QUEUE, TAKEOVER)),
    Break("a worker lets go although a message came", "store/commits.py", " OR e.message_seq <> i.message_seq", "", (COMMITS, TAKEOVER)),
    Break("an answer counts although another was faster", "store/answers.py", "AND q.status = 'waiting'\n        AND (q.expires_at", "AND (q.expires_at", (DECIDE, "tests/services/test_decide_race.py")),
    Break("a claim is no new epoch", "store/queue.py", "SET epoch = e.epoch + 1, claims", "SET epoch = e.epoch, claims", (QUEUE,)),
    Break("a claim waits for who holds a row", "store/queue.py", "FOR NO KEY UPDATE SKIP LOCKED\n    ) AS mine", "FOR NO KEY UPDATE\n    ) AS mine", (QUEUE,)),
    Break("who has handed it back may still commit", "store/commits.py", "AND e.lease_owner = %(owner)s ORDER", "ORDER", (COMMITS,)),
    Break("a commit may be repeated", "store/commits.py", "epoch = e.epoch + 1,", "epoch = e.epoch,", (COMMITS,)),
    Break("a worker renews what is another's", "store/queue.py", "AND lease_owner = %(owner)s ORDER BY id FOR NO KEY UPDATE SKIP", "ORDER BY id FOR NO KEY UPDATE SKIP", (QUEUE,)),
    Break("a worker hands back what is another's", "store/queue.py", "AND lease_owner = %(owner)s ORDER BY id FOR NO KEY UPDATE\n)\nUPDATE flows_execution e\nSET lease_owner", "ORDER BY id FOR NO KEY UPDATE\n)\nUPDATE flows_execution e\nSET lease_owner", (QUEUE,)),
    Break("messages are applied before they are due", "store/queue.py", "CASE WHEN m.due_at > now() THEN", "CASE WHEN false THEN", (UNDO,)),
    Break("an answer may be taken back too late", "store/answers.py", " AND m.due_at > clock_timestamp()", "", (UNDO,)),
    Break("an early answer is forgotten when its delivery fails", "worker/held.py", "if any(self._chores()):", "if False:", ("tests/worker/test_early_answers.py",)),
    Break("a point is passed unseen", "store/commits.py", 'crash.point("commit.after")', "pass", ("tests/store/test_crash.py",)),
    Break("a chunk starts before what led to it is committed", "worker/held.py", "if core is None or self.finished or not core.ready or", "if core is None or not core.ready or", (CRASHES,)),
    Break("an answer to another question counts", "services/interrupts.py", "digest is not None and digest != interrupt.digest", "False", (DECIDE,)),
    Break("a question stays on hold after a late retry", "store/commits.py", "WHERE h.recovered))", "WHERE false))", (COMMITS,)),
    Break("an answer taken back reopens under a failure", "store/answers.py", "CASE WHEN e.status = 'failed' THEN 'suspended' ELSE 'waiting' END", "'waiting'", ("tests/services/test_undo.py",)),
    Break("messages stay after they were applied", "store/commits.py", "AND m.id = a.id AND", "AND false AND m.id = a.id AND", (TAKEOVER,)),
    # -- several people
    Break("a vote is cast without the execution's lock", "services/interrupts.py", "doors.lock(interrupt.execution_id)\n        interrupt = find(attempt", "interrupt = find(attempt", (VOTES,)),
    Break("a vote taken back is counted for later", "store/votes.py", "AND m.due_at = gone.effective_at", "AND false", (VOTES,)),
    Break("votes count while they can be taken back", "services/votes.py", "Q(effective_at=None) | Q(effective_at__lte=Now())", "Q()", (VOTES,)),
    Break("who has approved is asked again", "store/inbox/scope.py", "for text in (aside, NOT_VOTED)", "for text in (aside,)", ("tests/web/test_voting.py",)),
    # -- the same again, and more of it, for the random orders of steps alone
    Break("orders: a stale worker may commit", "store/commits.py", "i ON i.id = e.id AND i.epoch = e.epoch", "i ON i.id = e.id", (ORDERS,)),
    Break("orders: who has handed it back may still commit", "store/commits.py", "AND e.lease_owner = %(owner)s ORDER", "ORDER", (ORDERS,)),
    Break("orders: anybody may commit", "store/commits.py", "AND i.epoch = e.epoch\n    WHERE e.id = ANY(%(id)b::uuid[]) AND e.lease_owner = %(owner)s ORDER", "WHERE e.id = ANY(%(id)b::uuid[]) ORDER", (ORDERS,)),
    Break("orders: a commit may be repeated", "store/commits.py", "epoch = e.epoch + 1,", "epoch = e.epoch,", (ORDERS,)),
    Break("orders: a worker lets go although a message came", "store/commits.py", " OR e.message_seq <> i.message_seq", "", (ORDERS,)),
    Break("orders: a time to wake at is lost", "store/commits.py", "ELSE to_timestamp(i.wake_at) END", "ELSE NULL END", (ORDERS,)),
    Break("orders: messages stay after they were applied", "store/commits.py", "AND m.id = a.id AND", "AND false AND m.id = a.id AND", (ORDERS,)),
    Break("orders: a claim is no new epoch", "store/queue.py", "SET epoch = e.epoch + 1, claims", "SET epoch = e.epoch, claims", (ORDERS,)),
    Break("orders: a lease is taken before it ends", "store/queue.py", "AND (e.lease_until IS NULL OR e.lease_until <= now())\n        ORDER BY e.wake_at LIMIT (SELECT", "ORDER BY e.wake_at LIMIT (SELECT", (ORDERS,)),
    Break("orders: an answer counts although another was faster", "store/answers.py", "AND q.status = 'waiting'\n        AND (q.expires_at", "AND (q.expires_at", (ORDERS,)),
    Break("orders: an answer to another question counts", "services/interrupts.py", "digest is not None and digest != interrupt.digest", "False", (ORDERS,)),
    Break("orders: a cancel is no new epoch", "store/doors.py", "SET status = 'cancelled', epoch = epoch + 1, wake_at = NULL, lease_owner = NULL", "SET status = 'cancelled', wake_at = NULL, lease_owner = lease_owner", (ORDERS,)),
    # -- runs on a fleet
    Break("who was replaced brings an outcome", "store/runs.py", "r.epoch = %(epoch)s AND r.status IN ('queued', 'running')\n    RETURNING r.execution_id, r.status", "r.status IN ('queued', 'running')\n    RETURNING r.execution_id, r.status", (RUNS,)),
    Break("who was replaced keeps the lease", "store/runs.py", "r.epoch = %(epoch)s AND r.status IN ('queued', 'running')\n    AND e.id", "r.status IN ('queued', 'running')\n    AND e.id", (RUNS,)),
    Break("a run is claimed while somebody has it", "store/runs.py", "(r.status = 'running' AND r.due_at <= now())", "r.status = 'running'", (RUNS,)),
    Break("what belongs to an ended execution is sent", "store/runs.py", "FROM taken WHERE NOT over", "FROM taken", (RUNS,)),
    # -- what looks whether all is well
    Break("the checks see several moments", "store/reading.py", "ISOLATION LEVEL REPEATABLE READ, READ ONLY", "READ ONLY", (INTEGRITY,)),
    Break("the checks may write", "store/reading.py", "REPEATABLE READ, READ ONLY", "REPEATABLE READ", (INTEGRITY,)),
    Break("a retry on its way is called a fault", "services/integrity.py", "or execution.is_retried", "", (INTEGRITY, LOAD)),
    Break("the doctor overlooks missing steps", "services/doctor.py", "raise Trouble(MISSING_STEPS, str(error), error.missing) from None", "return False", (DOCTOR,)),
    Break("the doctor counts what was set aside before", "services/doctor.py", "if is_parked:", "if False:", (DOCTOR,)),
    # -- forgetting
    Break("what is open is pruned", "store/prune.py", "WHERE finished_at < now() - %(seconds)s * interval '1 second' AND status IN ('completed', 'cancelled')", "WHERE created_at < now() + %(seconds)s * interval '1 second'", (PRUNING,)),
    Break("pruning waits for who holds a row", "store/prune.py", "FOR UPDATE SKIP LOCKED", "FOR UPDATE", (PRUNING,)),
    Break("pruning removes everything at once", "store/prune.py", "LIMIT %(limit)s ", "", (PRUNING,)),
]  # fmt: skip

if __name__ == "__main__":
    raise SystemExit(run(BREAKS))
