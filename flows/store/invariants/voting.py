"""What approvals that are counted say about their interrupts."""

from flows.store.invariants.invariant import Invariant, of_one

# Each stage of each interrupt whose policy asks for several people, with its quorum and who has approved.
STAGES = """
SELECT q.id, q.status, q.stage, s.number - 1 AS number, coalesce((s.stage ->> 'quorum')::int, 1) AS quorum,
    (SELECT count(*) FROM flows_vote v WHERE v.interrupt_id = q.id AND v.stage = s.number - 1) AS votes,
    (SELECT count(*) FROM flows_vote v WHERE v.interrupt_id = q.id AND v.stage = s.number - 1
        AND (v.effective_at IS NULL OR v.effective_at < now() - interval '5 minutes')) AS counted
FROM flows_interrupt q, json_array_elements(coalesce(q.policy -> 'stages', json_build_array(q.policy)))
    WITH ORDINALITY AS s(stage, number)
WHERE q.policy ->> 'stages' IS NOT NULL OR (q.policy ->> 'quorum')::int > 1
"""

VOTING = (
    Invariant(
        "quorum_is_kept",
        "What people have approved has the votes of every stage.",
        "interrupt",
        f"SELECT s.id FROM ({STAGES}) AS s JOIN flows_response r ON r.interrupt_id = s.id "  # noqa: S608
        "WHERE s.status = 'answered' AND r.by_id IS NOT NULL AND (r.value ->> 'approved')::bool "
        "AND s.votes < s.quorum",
    ),
    Invariant(
        "stages_are_in_order",
        "A question is in a stage only when all stages before it have their votes.",
        "interrupt",
        f"SELECT DISTINCT s.id FROM ({STAGES}) AS s "  # noqa: S608
        "WHERE (s.number < s.stage AND s.votes < s.quorum) OR (s.number > s.stage AND s.votes > 0)",
    ),
    Invariant(
        "votes_are_counted",
        "A question does not wait when it has all the votes of its stage.",
        "interrupt",
        f"SELECT s.id FROM ({STAGES}) AS s "  # noqa: S608
        "WHERE s.status = 'waiting' AND s.number = s.stage AND s.counted >= s.quorum",
    ),
    Invariant(
        "vote_is_allowed",
        "Nobody votes who may not answer, and each vote is on what was shown.",
        "vote",
        "SELECT v.id FROM flows_vote v JOIN flows_interrupt q ON q.id = v.interrupt_id "
        "WHERE v.by_id = q.excluded_id OR v.digest <> q.digest OR v.execution_id <> q.execution_id",
    ),
    Invariant(
        "vote_is_told",
        "Every vote has its event, and what was taken back has two.",
        "interrupt",
        "SELECT q.id FROM flows_interrupt q LEFT JOIN flows_event v ON v.interrupt_id = q.id "  # noqa: S608
        f"WHERE {of_one('q.execution_id')} GROUP BY q.id HAVING count(*) FILTER (WHERE v.kind = "
        "'interrupt.voted') - count(*) FILTER (WHERE v.kind = 'interrupt.unvoted') "
        "<> (SELECT count(*) FROM flows_vote w WHERE w.interrupt_id = q.id)",
    ),
)
