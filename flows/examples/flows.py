"""The flows of this app. Every installed app with a module of this name is found like this one."""

from flows import register
from flows.examples import address_check, assistant, document_review, purchase, refund, release

register(
    refund.flow,
    title="Refund",
    description="Pays money back to a customer. Small refunds pass by themselves, others ask a person.",
    input_schema=refund.INPUT,
    fields=refund.FIELDS,
)
register(
    document_review.flow,
    title="Document review",
    description="Reads a document, looks for what needs care, and asks Legal when it finds something.",
    input_schema=document_review.INPUT,
    fields=document_review.FIELDS,
)
register(
    purchase.flow,
    title="Purchase",
    description="Asks the team that pays whether something may be bought.",
    input_schema=purchase.INPUT,
    fields=purchase.FIELDS,
)
register(
    address_check.flow,
    title="Address check",
    description="Asks whoever looks after a customer for an address that no carrier knows.",
    input_schema=address_check.INPUT,
    fields=address_check.FIELDS,
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
