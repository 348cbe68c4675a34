"""Column types that the other models share."""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class JSONColumn(models.JSONField):
    """Canonical JSON in PostgreSQL's `json` type.

    `jsonb` would reorder keys (a form's fields) and turn 1e22 into an integer that the
    canonical form refuses; `json` gives back what was stored. Not comparable in SQL.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "json"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        return value  # psycopg has parsed it

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        from psycopg.types.json import Json

        return Json(value, dumps=lambda v: json.dumps(v, ensure_ascii=False, separators=(",", ":")))
