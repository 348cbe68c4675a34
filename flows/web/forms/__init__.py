"""Forms from JSON Schema: what the browser sends becomes exactly the JSON that the schema describes."""

from flows.web.forms.form import SchemaForm, schema_form

__all__ = ["SchemaForm", "schema_form"]
