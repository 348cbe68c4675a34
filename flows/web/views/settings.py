"""What a person sets for themselves."""

from typing import cast

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from flows.services import preferences
from flows.web.pages import page, signed_in
from flows.web.reader import preference_of, zone_of


class Settings(forms.Form):
    use_required_attribute = False
    shortcuts = forms.BooleanField(
        label=gettext_lazy("Keyboard shortcuts"),
        required=False,
        help_text=gettext_lazy("Single keys such as j, k and a. Ctrl+Enter works in any case."),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        required=False,
        help_text=gettext_lazy("Dates with times are shown and read in it."),
        error_messages={"invalid_choice": gettext_lazy("There is no such time zone.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        help_text=gettext_lazy("What flows ask stays in the words of their authors."),
        error_messages={"invalid_choice": gettext_lazy("There is no such language.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings(request: HttpRequest) -> HttpResponseBase:
    """The form; a POST keeps what was set and shows it again."""
    known = preference_of(request)
    now = {"shortcuts": known.shortcuts, "time_zone": known.time_zone, "language": known.language}
    form = Settings(request.POST if request.method == "POST" else None, initial=now)
    zones = [(name, name.replace("_", " ")) for name in sorted(preferences.zones())]
    by_browser = ("", gettext("As my browser says"))
    form.fields["time_zone"].choices = [by_browser, *zones]  # type: ignore[attr-defined]
    form.fields["language"].choices = [by_browser, *preferences.languages().items()]  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        preferences.change(user=cast(User, request.user), **form.cleaned_data)
        return HttpResponseRedirect(f"{reverse('settings')}?saved", status=303)
    context = {"form": form, "zone": zone_of(request), "is_saved": "saved" in request.GET}
    return page(request, "settings/page.html", context, status=422 if form.is_bound else 200)
