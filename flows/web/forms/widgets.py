"""Widgets that Django does not have."""

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

FILE_BYTES = 200_000  # what a flow is given at most is 256 KiB of JSON; text grows when it is quoted


class TextOrFile(forms.Textarea):
    """A text area with a file control above it: a document can be pasted or chosen."""

    needs_multipart_form = True

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        typed = value[0] if isinstance(value, tuple) else value
        area = super().render(name, typed, attrs, renderer)
        context = {"area": area, "name": self.file_name(name), "id": (attrs or {}).get("id", name)}
        return render_to_string("forms/_text_or_file.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return (data.get(name), files.get(self.file_name(name)))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and self.file_name(name) not in files

    @staticmethod
    def file_name(name: str) -> str:
        return f"{name}.file"
