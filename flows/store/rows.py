"""Single rows by their keys: for one of them the ORM takes longer than PostgreSQL does."""

from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from flows.store.connection import prepared

Row = TypeVar("Row", bound=Model)


def by_key(model: type[Row], key: Any) -> Row | None:
    """The row of `model` with that primary key, as the ORM gives it; None when there is none."""
    names, query = _select(model)
    with prepared() as cursor:
        cursor.execute(query, [key])
        values = cursor.fetchone()
    return None if values is None else model.from_db(connection.alias, names, values)


@cache
def _select(model: type[Model]) -> tuple[list[str], str]:
    """The attributes of a row, and the query that reads their columns in that order."""
    fields = model._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table, key = model._meta.db_table, model._meta.pk
    names = [field.attname for field in fields]
    return names, f'SELECT {columns} FROM {table} WHERE "{key.column}" = %s'  # noqa: S608
