from django.apps import AppConfig


class ExamplesConfig(AppConfig):
    name = "flows.examples"
    label = "flow_examples"
    verbose_name = "Example flows"
