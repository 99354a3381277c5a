"""A model behind an endpoint: what is asked, what comes back, and what is said when nothing does."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sentiment.errors import SubjectError
from sentiment.predictors import stored
from sentiment.predictors.endpoint import EndpointPredictor
from sentiment.predictors.endpoint_facts import Endpoint
from sentiment.predictors.pace import LONGEST, waiting_time
from sentiment.predictors.stored import StoredPredictor
from sentiment.predictors.token_shares import label_shares
from sentiment.types import Label, Prompt, Query
from unit_tests.predictors.server import KEY, Reply, Server, serving, text_of, told

pytest.importorskip("openai")
PROMPT = Prompt("house", "Good or bad: {review}?", system="Answer with one word.")
P, N = Label.POSITIVE, Label.NEGATIVE


@pytest.fixture(name="server")
def _server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("sentiment.predictors.pace._FIRST", 0.001)
    with serving() as server:
        yield server


def queries(count: int) -> list[Query]:
    return [Query(PROMPT, f"number {i} is {'good' if i % 3 else 'poor'}") for i in range(count)]


def mine(server: Server, **how: Any) -> EndpointPredictor:
    return EndpointPredictor("mine", Endpoint(server.url, how.pop("model", "small"), **how))


def in_one_line(error: pytest.ExceptionInfo[SubjectError]) -> str:
    said = str(error.value)
    assert "\n" not in said
    assert KEY not in said
    return said


def test_chat_sends_the_prompt_as_messages_and_reads_label_and_shares(server: Server) -> None:
    good, poor = mine(server).predict([Query(PROMPT, "a good one \ud800"), Query(PROMPT, "a poor one")])
    assert (good.label, good.text, poor.label) == (P, " positive.", N)
    share = math.exp(-0.25) / (math.exp(-0.25) + math.exp(-2.0))
    assert good.p_positive == pytest.approx(share)
    assert poor.p_positive == pytest.approx(1 - share)
    assert good.label_mass == pytest.approx(math.exp(-0.25) + math.exp(-2.0))
    body = next(body for body in server.asked if "a good" in body["messages"][-1]["content"])
    assert body["messages"] == [
        {"role": "system", "content": "Answer with one word."},
        {"role": "user", "content": "Good or bad: a good one ??"},
    ]
    assert (body["temperature"], body["max_tokens"], body["logprobs"]) == (0, 8, True)


def test_completions_send_plain_text(server: Server) -> None:
    (found,) = mine(server, api="completions").predict([Query(PROMPT, "a good one")])
    assert found.label is P
    assert found.shares is not None
    assert server.asked[0]["path"] == "/v1/completions"
    assert server.asked[0]["prompt"] == "Answer with one word.\n\nGood or bad: a good one?"


def test_what_is_extra_is_sent_along_and_makes_other_answers(server: Server) -> None:
    plain, extra = mine(server), mine(server, extra={"chat_template_kwargs": {"enable_thinking": False}})
    extra.predict(queries(1))
    assert server.asked[0]["chat_template_kwargs"] == {"enable_thinking": False}
    assert plain.fingerprint != extra.fingerprint
    assert plain.fingerprint == mine(server, workers=2, timeout=3.0).fingerprint


def test_several_are_asked_at_a_time_and_never_more_than_workers(server: Server) -> None:
    at_once, most, lock = 0, 0, threading.Lock()
    together = threading.Barrier(3, timeout=20)

    def counted(number: int, body: dict[str, Any]) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        together.wait()  # three have to be here at once, or it breaks
        with lock:
            at_once -= 1

    server.trouble = counted
    assert len(mine(server, workers=3).predict(queries(12))) == 12
    assert most == 3


def test_a_server_without_log_probabilities_is_asked_without(server: Server) -> None:
    server.trouble = lambda number, body: (
        told(400, {"error": {"message": "logprobs are not supported"}}) if "logprobs" in body else None
    )
    found = mine(server, workers=4).predict(queries(30))
    assert [answer.shares for answer in found] == [None] * 30
    assert 1 <= sum("logprobs" in body for body in server.asked) <= 4  # those that were on their way
    server.trouble, server.gives_shares = lambda number, body: None, False
    assert mine(server).predict(queries(1))[0].shares is None


def test_another_name_for_the_length_of_an_answer_is_taken_up(server: Server) -> None:
    message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    server.trouble = lambda number, body: told(400, {"error": {"message": message}}) if "max_tokens" in body else None
    mine(server, workers=1).predict(queries(2))
    assert server.asked[-1]["max_completion_tokens"] == 8


def test_a_failed_request_is_tried_again_and_no_answer_is_lost(server: Server) -> None:
    """Every question fails two times, in whatever order the workers ask."""
    server.trouble = lambda number, body: (
        told(503, {"error": {"message": "busy"}}) if server.texts().count(text_of(body)) < 3 else None
    )
    asked = queries(30)
    found = mine(server, workers=4, attempts=3).predict(asked)
    assert [answer.label for answer in found] == [P if "good" in query.text else N for query in asked]
    assert len(server.asked) == 90


def test_nobody_asks_before_the_server_said_so(server: Server) -> None:
    refused: list[float] = []

    def limited(number: int, body: dict[str, Any]) -> Reply | None:
        if number == 5:
            refused.append(server.asked[-1]["at"])
            return told(429, {"error": {"message": "slow down"}}, Retry_After="0.4")
        return None

    server.trouble = limited
    assert len(mine(server, workers=1).predict(queries(20))) == 20
    after = [body["at"] for body in server.asked if body["at"] > refused[0]]
    assert min(after) - refused[0] >= 0.4


def test_a_limit_that_lets_some_through_is_waited_out_however_often(server: Server) -> None:
    server.trouble = lambda number, body: (
        told(429, {"error": {"message": "slow down"}}, Retry_After="0.001") if number % 4 else None
    )
    assert len(mine(server, workers=2, attempts=4).predict(queries(12))) == 12


def test_a_limit_that_lets_nobody_through_ends_it(server: Server) -> None:
    server.trouble = lambda number, body: told(429, {"error": {"message": "quota is spent"}})
    with pytest.raises(SubjectError, match="answers status 429, .*quota is spent") as caught:
        mine(server, workers=2, attempts=3).predict(queries(5))
    in_one_line(caught)
    server.trouble = lambda number, body: told(429, {"error": {"message": "tomorrow"}}, Retry_After="86400")
    with pytest.raises(SubjectError, match="asks to come back after 86400 seconds"):
        mine(server).predict(queries(1))


def test_how_long_is_waited() -> None:
    assert waiting_time("3", 1) == 3.0
    assert 0.5 <= (waiting_time("0.5", 1) or 0) < 0.7
    assert (waiting_time("0", 4) or 0) > 2  # a server that rounds down is not asked again at once
    assert waiting_time(str(LONGEST + 1), 1) is None
    assert 0.3 < (waiting_time("Wed, 21 Oct 2015 07:28:00 GMT", 1) or 0) < 0.7
    assert 0.3 < (waiting_time("soon", 1) or 0) < 0.7
    assert 1.4 < (waiting_time(None, 3) or 0) < 2.6
    assert (waiting_time(None, 99) or 0) <= 25


def test_a_key_comes_from_its_variable_and_stands_nowhere(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.wants_key = True
    monkeypatch.setenv("MY_KEY", KEY)
    caplog.set_level("DEBUG")
    keyed = mine(server, key="MY_KEY")
    assert keyed.predict(queries(1))[0].label is N
    server.trouble = lambda number, body: told(400, {"error": {"message": f"bad request by {KEY}"}})
    with pytest.raises(SubjectError, match="bad request by .key.") as caught:
        keyed.predict(queries(1))
    in_one_line(caught)
    printed = capsys.readouterr()
    assert KEY not in caplog.text + printed.out + printed.err + repr(keyed) + repr(keyed.endpoint) + keyed.fingerprint


@pytest.mark.parametrize("padding", ["", "x" * 900])
def test_a_key_is_blotted_out_before_anything_is_shortened(
    server: Server, monkeypatch: pytest.MonkeyPatch, padding: str
) -> None:
    monkeypatch.setenv("MY_KEY", f"{KEY}\n")  # as a mounted file of secrets gives it
    for reply in (
        told(400, {"error": {"message": f"{padding[:390]}{KEY}{padding}"}}),
        (200, {"Content-Type": "text/html"}, f"<html>{padding[:80]}{KEY}{padding}"),
    ):
        server.trouble = lambda number, body, reply=reply: reply
        with pytest.raises(SubjectError) as caught:
            mine(server, key="MY_KEY").predict(queries(1))
        assert KEY[:9] not in in_one_line(caught)
    assert server.asked[0]["key"] == f"Bearer {KEY}"


def test_a_key_that_no_header_can_hold_is_refused_by_the_name_of_its_variable(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "sk s3cret")
    with pytest.raises(SubjectError, match="the key in MY_KEY holds a blank") as caught:
        mine(server, key="MY_KEY").predict(queries(1))
    assert "s3cret" not in str(caught.value)


def test_headers_of_the_environment_go_to_openai_alone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Api-Key: s3cret\nAuthorization: Bearer s3cret")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-s3cret")
    mine(server).predict(queries(1))
    assert "s3cret" not in str(server.asked[0]["headers"])
    assert "OPENAI_ORG_ID" in os.environ


def test_a_key_that_is_refused_missing_or_not_named_is_said_so(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.wants_key = True
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    with pytest.raises(SubjectError, match=r'asked without a key; name the environment variable.*key = "\.\.\."'):
        mine(server).predict(queries(1))
    assert "somebody" not in server.asked[0]["key"]  # a key for OpenAI goes to OpenAI alone
    with pytest.raises(SubjectError, match="asked without a key; MY_KEY is not set"):
        mine(server, key="MY_KEY").predict(queries(1))
    monkeypatch.setenv("MY_KEY", "wrong")
    with pytest.raises(SubjectError, match=r"refuses the key in MY_KEY \(status 401\)") as caught:
        mine(server, key="MY_KEY").predict(queries(1))
    assert "wrong" not in str(caught.value)
    assert len(server.asked) == 3  # no use in trying again
    assert Endpoint("https://api.openai.com/v1", "m").variable == "OPENAI_API_KEY"
    assert Endpoint("https://openai.com.evil.org/v1", "m").variable is None


def test_a_wrong_model_is_said_with_those_that_there_are(server: Server) -> None:
    with pytest.raises(SubjectError, match="has no model 'huge', .*; it has small, large") as caught:
        mine(server, model="huge").predict(queries(1))
    in_one_line(caught)


def test_a_reason_in_another_form_than_openais_is_told_and_understood(server: Server) -> None:
    server.trouble = lambda number, body: told(400, {"detail": "this server has another model"})
    with pytest.raises(SubjectError, match="status 400, .*this server has another model"):
        mine(server).predict(queries(1))
    server.trouble = lambda number, body: told(422, {"detail": "no logprobs here"}) if "logprobs" in body else None
    assert mine(server).predict(queries(1))[0].shares is None


@pytest.mark.parametrize(
    "page",
    [
        (200, {"Content-Type": "text/html"}, "<html><body>Welcome</body></html>"),
        (200, {"Content-Type": "application/json"}, '{"choices": []}'),
        (200, {"Content-Type": "application/json"}, '{"choices": [{}]}'),
        (200, {"Content-Type": "application/json"}, '{"choices": [null]}'),
        (200, {"Content-Type": "application/json"}, '{"choi'),
        (200, {"Content-Type": "application/json"}, "[]"),
    ],
)
def test_what_is_no_answer_is_said_so(server: Server, page: Reply) -> None:
    server.trouble = lambda number, body: page
    with pytest.raises(SubjectError, match="mine: http://127") as caught:
        mine(server, attempts=2).predict(queries(1))
    in_one_line(caught)


def test_a_server_that_is_not_there_is_one_line() -> None:
    with pytest.raises(SubjectError, match=r"cannot be reached \(ConnectError: ") as caught:
        EndpointPredictor("mine", Endpoint("http://127.0.0.1:9/v1", "m", attempts=1)).predict(queries(1))
    in_one_line(caught)


def test_log_probabilities_are_read_as_other_servers_write_them(server: Server) -> None:
    """llama.cpp's completions have the chat's shape; some name no other tokens than the one that was taken."""
    entry = {"token": "\u0120positive", "logprob": -0.1, "top_logprobs": [{"token": "\u0120negative", "logprob": -3.0}]}
    choice = {"index": 0, "finish_reason": "stop", "text": " positive", "logprobs": {"content": [entry]}}
    server.trouble = lambda number, body: told(200, {"id": "x", "object": "text_completion", "choices": [choice]})
    (found,) = mine(server, api="completions").predict(queries(1))
    assert found.p_positive == pytest.approx(1 / (1 + math.exp(-2.9)))
    chat = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "positive"}}
    chat["logprobs"] = {"content": [{"token": "positive", "logprob": -0.1}]}
    server.trouble = lambda number, body: told(200, {"id": "x", "object": "chat.completion", "choices": [chat]})
    (found,) = mine(server).predict(queries(1))
    assert (found.label, found.p_positive) == (P, 1.0)


def test_who_is_interrupted_does_not_wait_for_the_server(server: Server) -> None:
    held = threading.Event()
    server.trouble = lambda number, body: None if number == 1 else (held.wait(20), None)[1]
    answers = mine(server, workers=3).stream(queries(9))
    next(answers)
    answers.close()  # as Ctrl-C does
    assert not held.is_set()
    held.set()


def test_when_the_server_dies_what_it_answered_is_stored_and_asked_no_more(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path))
    answered = 57

    def dying(number: int, body: dict[str, Any]) -> Reply | None:
        return told(500, {"error": {"message": "out of memory"}}) if number > answered else None

    server.trouble = dying
    predictor = mine(server, workers=5, attempts=2)
    with pytest.raises(SubjectError, match="status 500, .*out of memory"):
        StoredPredictor("mine", predictor.fingerprint, lambda: predictor, lambda line: None).predict(queries(400))
    first = set(server.texts()[:answered])
    server.asked.clear()
    server.trouble = lambda number, body: None
    found = StoredPredictor("mine", predictor.fingerprint, lambda: mine(server), lambda line: None).predict(
        queries(400)
    )
    assert len(found) == 400
    assert len(server.asked) == 400 - answered
    assert not first & set(server.texts())


def test_stored_answers_say_when_they_were_given_and_are_forgotten(server: Server) -> None:
    fingerprint = mine(server).fingerprint
    assert stored.given_when(fingerprint, print) == ""
    stored.begun(fingerprint)
    StoredPredictor("mine", fingerprint, lambda: mine(server), lambda line: None).predict(queries(2))
    assert stored.given_when(fingerprint, print).endswith(" UTC")
    assert not stored.is_old(fingerprint)
    for path in stored._files_of(fingerprint):
        if path.exists():
            os.utime(path, (0, 0))
    assert stored.is_old(fingerprint)
    stored.forget(fingerprint)
    assert stored.given_when(fingerprint, print) == ""


def test_only_what_was_asked_is_forgotten(server: Server) -> None:
    def asked(count: int) -> StoredPredictor:
        predictor = StoredPredictor("mine", "of-two-runs", lambda: mine(server), lambda line: None)
        predictor.predict(queries(count))
        return predictor

    whole = asked(6)
    asked(2).forget_asked()
    server.asked.clear()
    asked(6)
    assert len(server.asked) == 2
    whole.forget_asked()
    assert not whole.path.exists()


@pytest.mark.parametrize(
    ("positions", "share"),
    [
        ([{"pos": -1.0, "neg": -1.0}], 0.5),
        ([{" Positive": -0.5, "the": -0.1}], 1.0),
        ([{"\n": -0.1, "positive": -0.05}, {"negative": -0.1}], 1.0),
        ([{" ": -0.05, "positive": -3.0}, {"negative": -0.1}], 0.0),
        ([{"**": -0.1}, {"NEGATIVE.": -0.1}], 0.0),
        ([{"\u0120Positive": -0.1, "\u2581negative": -0.1}], 0.5),
        ([{"the": -0.1, "a": -1.0}], None),
        ([{"<think>": -0.1}, {"positive": -0.1}], None),
        ([{}], None),
        ([], None),
    ],
)
def test_shares_are_read_where_the_answer_begins(positions: list[dict[str, float]], share: float | None) -> None:
    found, mass = label_shares(positions, ("negative", "positive"))
    assert (None if found is None else found[P]) == (share if share is None else pytest.approx(share))
    assert (mass is None) == (share is None)


def test_a_token_that_begins_both_words_counts_for_neither() -> None:
    found, _ = label_shares([{"li": -0.1, "like": -1.0, "lie": -2.0}], ("lie", "like"))
    assert found is not None
    assert found[P] == pytest.approx(math.exp(-1) / (math.exp(-1) + math.exp(-2)))
