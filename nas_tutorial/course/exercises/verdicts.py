"""What the checks are made of: the verdict "wrong", and whether an answer is still the stub."""

import types


class Wrong(Exception):
    """The answer is wrong; the message holds the counter-example."""


def require(condition: bool, complaint: str) -> None:
    """Raise `Wrong` with the complaint unless the condition holds."""
    if not condition:
        raise Wrong(complaint)


def is_untouched(answer) -> bool:
    """Whether the answer is still the stub: `...`, or a function with nothing but a docstring."""
    if answer is ...:
        return True
    if not isinstance(answer, types.FunctionType):
        return False
    code = answer.__code__
    returns_none = (code.co_consts or (0,))[
        -1
    ] is None  # "return 0" has the same code, another constant
    return returns_none and code.co_code in (_described.__code__.co_code, _bare.__code__.co_code)


def _described():
    """Nothing but a docstring."""


def _bare(): ...
