"""Executions, interrupts, responses, events and remote runs, to search and read. Nothing is edited here."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db import DataError
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flows import engine
from flows.models import Event, Execution, Interrupt, RemoteRun, Response

MAX_SHOWN = 20_000  # characters of one value


def pretty(value: Any) -> SafeString | str:
    """Tagged JSON, indented; escaped, because it comes from flows and people."""
    if value is None:
        return "–"
    text = json.dumps(engine.plain_json(value), ensure_ascii=False, indent=2)
    return format_html("<pre>{}</pre>", text[:MAX_SHOWN] + ("\n…" if len(text) > MAX_SHOWN else ""))


def link(row: Model | None) -> SafeString | str:
    """To the page of `row` in this admin."""
    if row is None:
        return "–"
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, row)


def rows_of(model: type[Model], label: str, **filters: Any) -> SafeString:
    """A link to the list of `model` that belongs to one row."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html('<a href="{}?{}">{}</a>', address, query, label)


class Rows(ChangeList):
    """A list that answers to a filter the database cannot take, such as NUL, as to any other bad one."""

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except DataError as error:
            raise IncorrectLookupParameters(error) from None


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """To look at only: services are the one way to change anything."""

    list_per_page = 50
    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Execution)
class ExecutionAdmin(ReadOnly):
    list_display = ("__str__", "status", "requester", "created_at", "finished_at")
    list_filter = ("status", "flow", "created_at")
    list_select_related = ("requester",)
    search_fields = ("id__icontains", "flow", "requester__username", "request_id")
    ordering = ("-id",)
    fields = (
        *("id", "flow", "status", "requester", "request_id", "input_text", "result_text", "error_text"),
        *(
            "interrupt_rows",
            "event_rows",
            "queue",
            "wake_at",
            "lease_owner",
            "lease_until",
            "epoch",
            "claims",
        ),
        *("created_at", "updated_at", "finished_at", "snapshot_text"),
    )

    @admin.display(description="input")
    def input_text(self, row: Execution) -> str:
        return pretty(row.input)

    @admin.display(description="result")
    def result_text(self, row: Execution) -> str:
        return pretty(row.result)

    @admin.display(description="error")
    def error_text(self, row: Execution) -> str:
        return pretty(row.error)

    @admin.display(description="snapshot")
    def snapshot_text(self, row: Execution) -> str:
        try:
            return pretty(json.loads(row.snapshot or "null"))
        except ValueError:
            return format_html("<pre>{}</pre>", (row.snapshot or "")[:MAX_SHOWN])

    @admin.display(description="interrupts")
    def interrupt_rows(self, row: Execution) -> str:
        return rows_of(Interrupt, "Its interrupts", execution__id__exact=row.pk)

    @admin.display(description="events")
    def event_rows(self, row: Execution) -> str:
        return rows_of(Event, "Its events", execution__id__exact=row.pk)


@admin.register(Interrupt)
class InterruptAdmin(ReadOnly):
    list_display = ("title", "status", "type", "flow", "created_at", "closed_at")
    list_filter = ("status", "type", "flow", "created_at")
    search_fields = ("id__icontains", "execution__id__exact", "title", "flow", "key")
    ordering = ("-created_at", "-id")
    fields = (
        *("title", "status", "type", "flow", "step", "execution_link", "response_link", "event_rows", "key"),
        *("payload_text", "response_schema_text", "initial_text", "policy_text", "audience", "excluded"),
        *("digest", "created_at", "closed_at", "closed_reason"),
    )

    @admin.display(description="execution")
    def execution_link(self, row: Interrupt) -> str:
        return link(row.execution)

    @admin.display(description="response")
    def response_link(self, row: Interrupt) -> str:
        return link(Response.objects.select_related("interrupt").filter(interrupt=row).first())

    @admin.display(description="events")
    def event_rows(self, row: Interrupt) -> str:
        return rows_of(Event, "Its events", interrupt__id__exact=row.pk)

    @admin.display(description="payload")
    def payload_text(self, row: Interrupt) -> str:
        return pretty(row.payload)

    @admin.display(description="response schema")
    def response_schema_text(self, row: Interrupt) -> str:
        return pretty(row.response_schema)

    @admin.display(description="initial")
    def initial_text(self, row: Interrupt) -> str:
        return pretty(row.initial)

    @admin.display(description="policy")
    def policy_text(self, row: Interrupt) -> str:
        return pretty(row.policy)


@admin.register(Response)
class ResponseAdmin(ReadOnly):
    list_display = ("interrupt", "by", "door", "created_at")
    list_filter = ("door", "created_at")
    list_select_related = ("interrupt", "by")
    search_fields = ("interrupt__title", "interrupt__id__icontains", "by__username", "request_id")
    ordering = ("-created_at", "-id")
    fields = (
        *("interrupt_link", "execution_link", "value_text", "by", "door", "request_id", "digest"),
        "created_at",
    )

    @admin.display(description="interrupt")
    def interrupt_link(self, row: Response) -> str:
        return link(row.interrupt)

    @admin.display(description="execution")
    def execution_link(self, row: Response) -> str:
        return link(row.execution)

    @admin.display(description="value")
    def value_text(self, row: Response) -> str:
        return pretty(row.value)


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ("created_at", "kind", "execution", "interrupt", "actor", "door")
    list_filter = ("kind", "door", "created_at")
    list_select_related = ("execution", "interrupt", "actor")
    search_fields = ("execution__id__icontains", "execution__flow", "interrupt__title", "actor__username")
    ordering = ("-id",)
    fields = (
        *("kind", "execution_link", "interrupt_link", "actor", "door", "address", "detail_text"),
        "created_at",
    )

    @admin.display(description="execution")
    def execution_link(self, row: Event) -> str:
        return link(row.execution)

    @admin.display(description="interrupt")
    def interrupt_link(self, row: Event) -> str:
        return link(row.interrupt)

    @admin.display(description="detail")
    def detail_text(self, row: Event) -> str:
        return pretty(row.detail)


@admin.register(RemoteRun)
class RemoteRunAdmin(ReadOnly):
    list_display = ("created_at", "step", "execution", "status", "attempt", "epoch", "owner", "due_at")
    list_filter = ("status", "created_at")
    list_select_related = ("execution",)
    search_fields = ("id__icontains", "execution__id__icontains", "step", "owner")
    ordering = ("-created_at", "-id")
    fields = (
        *("id", "step", "execution_link", "activation", "attempt", "status", "epoch", "owner", "sends"),
        *("due_at", "created_at", "started_at", "finished_at"),
    )

    @admin.display(description="execution")
    def execution_link(self, row: RemoteRun) -> str:
        return link(row.execution)
