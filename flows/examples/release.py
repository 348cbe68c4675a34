"""A release: what changes, what was tested, and one person who says yes.

Its question shows how a payload is laid out: what happens then, facts, and evidence in blocks.
"""

from typing import Any

from flows import TriggerFlow, TriggerFlowRuntimeData

INPUT = {
    "type": "object",
    "required": ["service", "version"],
    "additionalProperties": False,
    "properties": {
        "service": {"title": "Service", "enum": ["billing", "search", "website"], "default": "billing"},
        "version": {
            "type": "string",
            "title": "Version",
            "pattern": r"^\d+\.\d+\.\d+$",
            "description": "Three numbers, such as 4.12.0.",
            "x-ui": {"placeholder": "4.12.0"},
        },
    },
}
ANSWER = {
    "type": "object",
    "required": ["share"],
    "properties": {
        "share": {
            "title": "Begin with",
            "enum": ["5 % of customers", "25 % of customers", "everybody"],
            "default": "5 % of customers",
        }
    },
}
BEFORE = """service: {service}
replicas: 6
image: registry.example.com/{service}:{before}
resources:
  memory: 512Mi
  cpu: 500m
probes:
  path: /healthz
  timeout_seconds: 2
  period_seconds: 10
  failures: 3
logs:
  level: info
  format: json
  keep_days: 30
database:
  pool: 20
  statement_timeout: 30s
features:
  new_invoices: false
  dark_mode: true
"""
CHANGES = (
    ("image: registry.example.com/{service}:{before}", "image: registry.example.com/{service}:{after}"),
    ("memory: 512Mi", "memory: 768Mi"),
    ("statement_timeout: 30s", "statement_timeout: 10s"),
    ("new_invoices: false", "new_invoices: true"),
)
MIGRATION = """-- Adds a column without a lock that customers would notice.
ALTER TABLE invoice ADD COLUMN issued_on date;

CREATE INDEX CONCURRENTLY invoice_issued_on
    ON invoice (issued_on)
    WHERE issued_on IS NOT NULL;
"""
CHECKS = [
    {"name": "Unit tests", "passed": 2184, "failed": 0, "seconds": 212.4},
    {"name": "Contract tests", "passed": 96, "failed": 0, "seconds": 48.1},
    {"name": "Load, 400 requests a second", "passed": 11, "failed": 1, "seconds": 600},
]

flow = TriggerFlow(name="release")


def collect_changes(data: TriggerFlowRuntimeData) -> dict[str, Any]:
    """What a build server would know; here it is made up."""
    service, after = data.input["service"], data.input["version"]
    names = {"service": service, "before": version_before(after), "after": after}
    before = after_changes = BEFORE
    for old, new in CHANGES:
        after_changes = after_changes.replace(old, new)
    release = {
        **names,
        "config_before": before.format(**names),
        "config_after": after_changes.format(**names),
    }
    data.set_state("release", {"service": service, "version": after})
    return release


def ask_for_release(data: TriggerFlowRuntimeData) -> Any:
    return data.pause_for(
        type="approval",
        payload=question(data.input),
        response_schema=ANSWER,
        priority="high",
        resume_to="next",
    )


def roll_out(data: TriggerFlowRuntimeData) -> dict[str, Any]:
    answer = data.input
    outcome = {"released": answer["approved"], "began_with": answer["data"].get("share")}
    data.set_state("outcome", outcome)
    data.set_result(outcome)
    return outcome


def question(release: dict[str, Any]) -> dict[str, Any]:
    """The payload that the reviewer sees."""
    service, after = release["service"], release["after"]
    return {
        "title": f"Release {service} {after}",
        "question": f"Roll out {service} {after} to customers?",
        "actions": actions(release),
        "facts": [
            {"label": "From", "value": release["before"], "kind": "code"},
            {"label": "To", "value": after, "kind": "code"},
            {"label": "Checks", "value": "3, one with a failure"},
        ],
        "blocks": [
            {
                "type": "diff",
                "title": "What changes",
                "name": f"{service}/config.yaml",
                "before": release["config_before"],
                "after": release["config_after"],
                "before_label": release["before"],
                "after_label": after,
            },
            {
                "type": "table",
                "title": "Checks",
                "columns": [
                    {"key": "name", "label": "Check"},
                    {"key": "passed", "label": "Passed", "kind": "number"},
                    {"key": "failed", "label": "Failed", "kind": "number"},
                    {"key": "seconds", "label": "Seconds", "kind": "number"},
                ],
                "rows": CHECKS,
            },
            {
                "type": "code",
                "title": "Migration",
                "name": "0042_issued_on.sql",
                "language": "sql",
                "text": MIGRATION,
            },
            {
                "type": "file",
                "name": f"{service}-{after}-checks.csv",
                "media_type": "text/csv",
                "text": csv(),
            },
        ],
    }


def actions(release: dict[str, Any]) -> list[dict[str, Any]]:
    """What can be decided, and what happens then."""
    service, before, after = release["service"], release["before"], release["after"]
    return [
        {
            "id": "withdraw",
            "label": "Withdraw",
            "style": "destructive",
            "approved": False,
            "confirm": after,
            "reason": "required",
            "then": f"{service} {after} is withdrawn for good: nobody can release it later.",
        },
        {
            "id": "reject",
            "label": "Not now",
            "style": "danger",
            "reasons": ["Checks have failed", "Outside of the release hours", "Needs a second look"],
            "then": f"Nothing changes. {service} {before} stays.",
        },
        {
            "id": "approve",
            "label": "Release",
            "style": "primary",
            "reason": "none",
            "then": f"{service} {after} goes live for the customers that you choose, within a minute.",
        },
    ]


def version_before(version: str) -> str:
    major, minor, patch = (int(part) for part in version.split("."))
    return f"{major}.{minor}.{patch - 1}" if patch else f"{major}.{max(0, minor - 1)}.0"


def csv() -> str:
    rows = [",".join(map(str, check.values())) for check in CHECKS]
    return "\n".join(["name,passed,failed,seconds", *rows, ""])


flow.to(collect_changes).to(ask_for_release).to(roll_out)
