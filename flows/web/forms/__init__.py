"""Forms from JSON Schema: what the browser sends becomes exactly the JSON that the schema describes."""

from flows.web.forms.form import SchemaForm, Unjudged, schema_form

__all__ = ["SchemaForm", "Unjudged", "schema_form"]
