"""What a flow promises to take and to give, checked where the value comes in."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from flows.engine.errors import ContractError

Check = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Contract:
    """A type for each entrance; None takes any JSON. A type is a class, a generic such as `list[int]`,
    a union, or with Pydantic installed anything that Pydantic can validate."""

    initial_input: Any = None
    stream: Any = None
    result: Any = None

    def check(self, entrance: str, value: Any) -> None:
        """Raises ContractError when `value` does not fit what is promised of `entrance`."""
        wanted = getattr(self, entrance)
        if wanted is not None:
            checker(wanted)(entrance, value)


NO_CONTRACT = Contract()


def checker(wanted: Any) -> Callable[[str, Any], None]:
    """A function that raises ContractError for what is not a `wanted`."""
    if importlib.util.find_spec("pydantic") is None:
        return lambda entrance, value: _check_plainly(entrance, value, wanted)
    pydantic = importlib.import_module("pydantic")
    adapter = pydantic.TypeAdapter(wanted)

    def check(entrance: str, value: Any) -> None:
        try:
            adapter.validate_python(value, strict=not hasattr(wanted, "model_validate"))
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            raise ContractError(entrance, first["loc"], first["msg"]) from None

    return check


def _check_plainly(entrance: str, value: Any, wanted: Any) -> None:
    if not fits(value, wanted):
        name = getattr(wanted, "__name__", str(wanted))
        raise ContractError(entrance, (), f"a value of type {type(value).__name__} is not {name}")


def fits(value: Any, wanted: Any) -> bool:
    """Whether `value` is of the type, for classes, unions, list[…] and dict[…]; a bool is not an int."""
    if wanted is Any:
        return True
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        return any(fits(value, argument) for argument in arguments)
    if origin is list:
        return isinstance(value, list) and all(fits(item, arguments[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(fits(item, arguments[1]) for item in value.values())
    if isinstance(value, bool) and wanted in (int, float):
        return False
    if wanted is None:
        return value is None
    kinds = (int, float) if wanted is float else origin or wanted
    return isinstance(value, kinds)
