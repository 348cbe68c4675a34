"""Everything this site answers to."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from approvals_site.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("accounts/login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("", include("flows.web.urls")),
]

handler400 = "flows.web.views.failures.bad_request"
handler500 = "flows.web.views.failures.server_error"
