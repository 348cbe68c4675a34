from django.urls import path, re_path

from flows.web.consumers import LiveConsumer, Nowhere

websocket_urlpatterns = [path("live/", LiveConsumer.as_asgi()), re_path("", Nowhere.as_asgi())]
