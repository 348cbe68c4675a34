"""The flows of this app. Every installed app with a module of this name is found like this one."""

from flows import register
from flows.examples import assistant, document_review, refund, release

register(
    refund.flow,
    title="Refund",
    description="Pays money back to a customer. Small refunds pass by themselves, others ask a person.",
    input_schema=refund.INPUT,
)
register(
    document_review.flow,
    title="Document review",
    description="Reads a document, looks for what needs care, and asks Legal when it finds something.",
    input_schema=document_review.INPUT,
)
register(
    release.flow,
    title="Release",
    description="Shows what a new version changes and how its checks went, and rolls it out on a yes.",
    input_schema=release.INPUT,
)
register(
    assistant.flow,
    title="Assistant with tools",
    description="Proposes calls of tools, and makes those that a person approves, as they stand or edited.",
    input_schema=assistant.INPUT,
)
