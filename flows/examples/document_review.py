"""A document is read and assessed; the flow itself decides whether a person must look at it.

With MODEL_BASE_URL, MODEL_NAME and MODEL_API_KEY in the settings, a model assesses the document;
without them plain rules do, and the page says so.
"""

import re
from typing import Any

from flows import Fields, TriggerFlow, TriggerFlowRuntimeData
from flows.examples import assessment

INPUT = {
    "type": "object",
    "required": ["title", "document"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "title": "Title", "minLength": 1, "maxLength": 120},
        "document": {
            "type": "string",
            "title": "Document",
            "minLength": 1,
            "maxLength": 50_000,
            "description": "Choose a text or Markdown file, or paste the text.",
            "x-ui": {"widget": "file"},
        },
    },
}

ANSWER = {
    "type": "object",
    "properties": {
        "conditions": {
            "type": "string",
            "title": "Conditions",
            "maxLength": 2000,
            "description": "What must change before it goes out, if anything.",
            "x-ui": {"widget": "textarea"},
        }
    },
}

FIELDS: Fields = {"facts.Findings": ("Findings", "number"), "facts.Assessed by": "Assessed by"}

flow = TriggerFlow(name="document_review")


def assess_document(data: TriggerFlowRuntimeData) -> dict[str, Any]:
    text = data.input["document"]
    found = assessment.assess(text)
    data.set_state("document", {"title": data.input["title"], "words": len(text.split())})
    data.set_state("assessment", found)
    return {**data.input, "assessment": found}


def review_gate(data: TriggerFlowRuntimeData) -> Any:
    """Runs once to decide whether a person must look, and again with that person's answer."""
    found = data.input["assessment"]
    resume = data.resume
    if resume is not None:
        return {"released": resume.value["approved"], "decided_by": "a person", "answer": resume.value}
    if not found["needs_person"]:
        return {"released": True, "decided_by": found["assessed_by"], "answer": None}
    return data.pause_for(
        type="approval",
        payload=question(data.input, found),
        response_schema=ANSWER,
        policy={"groups": ["Legal"]},
        resume_to="self",
    )


def record_decision(data: TriggerFlowRuntimeData) -> dict[str, Any]:
    decision: dict[str, Any] = data.input
    data.set_state("decision", decision)
    data.set_result(decision)
    return decision


def question(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The payload that the reviewer sees."""
    return {
        "title": f"Release “{document['title']}”",
        "question": f"May “{document['title']}” go out as it is?",
        "summary": found["summary"],
        "facts": [
            {"label": "Words", "value": len(document["document"].split())},
            {"label": "Findings", "value": len(found["findings"])},
            {"label": "Assessed by", "value": found["assessed_by"]},
        ],
        "body": body(document["document"], found["findings"]),
    }


def body(text: str, findings: list[dict[str, Any]]) -> str:
    """The findings and then the document, as Markdown; the document as code, so that it stays as it is."""
    lines = [
        f"- **{finding['what']}**, line {finding['line']}: {quoted(finding['text'])}" for finding in findings
    ]
    fence = "`" * max(3, longest_run(text) + 1)
    found = ["### Findings", "", *lines, ""] if lines else []
    return "\n".join([*found, "### The document", "", fence, text, fence])


def quoted(text: str) -> str:
    """A piece of the document as code, so that nothing in it counts as Markdown."""
    fence = "`" * (longest_run(text) + 1)
    return f"{fence} {text} {fence}"


def longest_run(text: str) -> int:
    """How many backticks stand in a row at most; a longer fence cannot be closed by the text."""
    return max(map(len, re.findall("`*", text)))


flow.to(assess_document).to(review_gate).to(record_decision)
