from django.urls import path

from flows.web.views import (
    answers,
    catalogue,
    drafts,
    executions,
    files,
    inbox,
    saved,
    settings,
    snoozes,
)

urlpatterns = [
    path("", saved.home, name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/count/", inbox.count, name="inbox_count"),
    path("inbox/views/save/", saved.save, name="save_view"),
    path("inbox/views/<int:view_id>/change/", saved.change, name="change_view"),
    path("inbox/<uuid:interrupt_id>/", inbox.inbox, name="interrupt"),
    path("inbox/<uuid:interrupt_id>/answer/", answers.answer, name="answer"),
    path("inbox/<uuid:interrupt_id>/draft/", drafts.save, name="draft"),
    path("inbox/<uuid:interrupt_id>/draft/discard/", drafts.discard, name="discard_draft"),
    path("settings/", settings.settings, name="settings"),
    path("inbox/<uuid:interrupt_id>/undo/", answers.undo, name="undo"),
    path("inbox/<uuid:interrupt_id>/snooze/", snoozes.snooze, name="snooze"),
    path("inbox/<uuid:interrupt_id>/unsnooze/", snoozes.unsnooze, name="unsnooze"),
    path("inbox/<uuid:interrupt_id>/outcome/", inbox.outcome, name="outcome"),
    path("inbox/<uuid:interrupt_id>/background/", inbox.background, name="background"),
    path("inbox/<uuid:interrupt_id>/paper/", inbox.paper, name="paper"),
    path("inbox/<uuid:interrupt_id>/files/<int:number>/", files.download, name="file"),
    path("flows/", catalogue.flows, name="flows"),
    path("flows/<str:name>/", catalogue.flow, name="flow"),
    path("executions/", executions.execution_list, name="executions"),
    path("executions/<uuid:execution_id>/", executions.execution, name="execution"),
    path("executions/<uuid:execution_id>/retry/", executions.retry, name="retry"),
    path("executions/<uuid:execution_id>/cancel/", executions.cancel, name="cancel"),
]
