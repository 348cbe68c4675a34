from django.urls import path
from django.views.generic import RedirectView

from flows.web.views import answers, catalogue, drafts, executions, files, inbox, settings

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="inbox"), name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/count/", inbox.count, name="inbox_count"),
    path("inbox/<uuid:interrupt_id>/", inbox.inbox, name="interrupt"),
    path("inbox/<uuid:interrupt_id>/answer/", answers.answer, name="answer"),
    path("inbox/<uuid:interrupt_id>/draft/", drafts.save, name="draft"),
    path("inbox/<uuid:interrupt_id>/draft/discard/", drafts.discard, name="discard_draft"),
    path("settings/", settings.settings, name="settings"),
    path("inbox/<uuid:interrupt_id>/undo/", answers.undo, name="undo"),
    path("inbox/<uuid:interrupt_id>/outcome/", inbox.outcome, name="outcome"),
    path("inbox/<uuid:interrupt_id>/background/", inbox.background, name="background"),
    path("inbox/<uuid:interrupt_id>/files/<int:number>/", files.download, name="file"),
    path("flows/", catalogue.flows, name="flows"),
    path("flows/<str:name>/", catalogue.flow, name="flow"),
    path("executions/", executions.execution_list, name="executions"),
    path("executions/<uuid:execution_id>/", executions.execution, name="execution"),
    path("executions/<uuid:execution_id>/retry/", executions.retry, name="retry"),
    path("executions/<uuid:execution_id>/cancel/", executions.cancel, name="cancel"),
]
