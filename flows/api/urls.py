from django.urls import path

from flows.api import callbacks

urlpatterns = [
    path("callbacks/<uuid:execution_id>/<str:signature>/<path:key>", callbacks.callback, name="callback"),
]
