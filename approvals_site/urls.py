"""Everything this site answers to."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from approvals_site.health import healthz

admin.site.site_header = admin.site.site_title = "Approvals administration"
admin.site.index_title = "Everything, to search and to read"

urlpatterns = [
    path("favicon.ico", RedirectView.as_view(url=static("favicon.svg"))),  # what the admin's pages ask for
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("accounts/login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("", include("flows.api.urls")),
    path("", include("flows.web.urls")),
]

handler400 = "flows.web.views.failures.bad_request"
handler500 = "flows.web.views.failures.server_error"
