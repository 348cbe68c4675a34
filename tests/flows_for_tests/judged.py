"""Flows whose answers are judged by their authors' own code."""

from pydantic import BaseModel, field_validator

from flows import Refused, TriggerFlow, register

seen = []


class Payment(BaseModel):
    amount: int

    @field_validator("amount")
    @classmethod
    def is_even(cls, amount):
        if amount % 2:
            raise ValueError("Only even amounts are paid.")
        return amount


def ask_amount(data):
    return data.pause_for(response_schema=Payment, **data.input)


def ask_word(data):
    return data.pause_for(type="human_input", payload={"title": "A word"}, **(data.input or {}))


def judge_word(answer, asked):
    seen.append(asked)
    if answer == "bug":
        raise RuntimeError("The dictionary is closed")
    if answer == "raise":
        raise Refused({"": "Not that word."})
    if answer == "odd":
        return 7
    return {"letters.0": "Too plain."} if answer == "plain" else None


model_flow = TriggerFlow(name="judged by a model")
model_flow.to(ask_amount).to(model_flow.chunk("keep")(lambda data: data.set_result(data.input)))
register(model_flow, validators={"ask_amount": Payment})

word_flow = TriggerFlow(name="judged by a function")
word_flow.to(ask_word).to(word_flow.chunk("keep")(lambda data: data.set_result(data.input)))
register(word_flow, validators={"ask_word": judge_word})
