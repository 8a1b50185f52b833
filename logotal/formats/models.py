"""JSON of others as models: what is read of it, and errors that say where it is otherwise."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from logotal.errors import InputError

Frame = Annotated[int, Field(ge=-(2**53), le=2**53)]
"""The number of a frame, or a count of them; others are no seconds at any rate."""

Model = TypeVar("Model", bound=BaseModel)


class Others(BaseModel):
    """JSON of another tool: keys that are not read may be there, numbers must be finite."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


def modelled(model: type[Model], value: Any, where: object) -> Model:
    """The value as a model; `where` it stands, for messages.

    Raises:
        InputError: the first place that is not as the model says.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the value"
        raise InputError(f"{where}: {place}: {first['msg'].lower()}, found {first.get('input')!r:.60}") from None
