"""Real documents, the rules, and a real HTTP server in the place of the model's."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from flows.examples import document_review
from flows.examples.assessment import ModelUnavailable

HARMLESS = "# Opening hours\n\nWe are open from nine to five on weekdays.\n"
CONTRACT = (
    "# Offer\n\nThe supplier shall indemnify the buyer up to €250,000.\nWrite to jo@example.org. ``` TODO\n"
)


def start(text, **options):
    return document_review.flow.start_execution({"title": "Offer", "document": text}, auto_close=False)


def test_a_harmless_document_passes_without_a_person():
    result = start(HARMLESS).close()["$final_result"]
    assert result == {"released": True, "decided_by": "plain rules (no model is configured)", "answer": None}


def test_findings_are_put_before_legal_with_their_lines():
    (interrupt,) = start(CONTRACT).get_pending_interrupts().values()
    assert interrupt["policy"] == {"groups": ["Legal"]}
    body = interrupt["payload"]["body"]
    for found in (
        "**Obligation**, line 3",
        "**Large sum**, line 3",
        "**Personal data**, line 4",
        "**Unfinished**",
    ):
        assert found in body
    assert {"label": "Assessed by", "value": "plain rules (no model is configured)"} in interrupt["payload"][
        "facts"
    ]


def test_the_document_cannot_break_out_of_its_quotation():
    body = start(CONTRACT).save()["interrupts"][0]["payload"]["body"]
    assert f"````\n{CONTRACT}\n````" in body


def test_the_gate_runs_again_with_the_answer():
    execution = start(CONTRACT)
    (key,) = execution.get_pending_interrupts()
    answer = {"approved": False, "action": "reject", "comment": "No sums", "data": {}}
    execution.continue_with(key, answer)
    assert execution.close()["$final_result"] == {
        "released": False,
        "decided_by": "a person",
        "answer": answer,
    }


@pytest.fixture
def model(settings):
    """An OpenAI-compatible server on loopback; `model.answers` is what it says, `model.asked` what it got."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            server.asked.append(
                (self.path, self.headers["Authorization"], json.loads(self.rfile.read(length)))
            )
            status, text = server.answers.pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps({"choices": [{"message": {"content": text}}]}).encode())

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.answers = [], []
    settings.MODEL_BASE_URL = f"http://127.0.0.1:{server.server_port}/v1"
    settings.MODEL_NAME, settings.MODEL_API_KEY = "reader-1", "key"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_configured_model_decides(model):
    said = {"needs_person": False, "summary": "Fine.", "findings": []}
    model.answers.append((200, f"```json\n{json.dumps(said)}\n```"))
    assert start(CONTRACT).close()["$final_result"]["decided_by"] == "the model reader-1"
    ((path, authorization, body),) = model.asked
    assert (path, authorization, body["model"]) == ("/v1/chat/completions", "Bearer key", "reader-1")
    assert body["messages"][-1] == {"role": "user", "content": CONTRACT}


@pytest.mark.parametrize(
    "said", ["I cannot say", '{"needs_person": "perhaps"}', "{}", '{"summary": "x", "findings": 3}']
)
def test_an_answer_that_cannot_be_read_asks_a_person(model, said):
    model.answers.append((200, said))
    (interrupt,) = start(HARMLESS).get_pending_interrupts().values()
    assert "could not be read" in interrupt["payload"]["summary"]


def test_a_model_that_is_away_fails_the_execution_and_retry_asks_again(model):
    model.answers += [(503, "busy"), (200, '{"needs_person": false, "summary": "Fine."}')]
    execution = document_review.flow.create_execution(auto_close=False)
    with pytest.raises(ModelUnavailable, match="reader-1 did not answer"):
        execution.start({"title": "Offer", "document": HARMLESS})
    execution.retry()
    assert execution.close()["$final_result"]["released"] is True
