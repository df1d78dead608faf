"""Models of spaces that build them themselves, checked before a search begins."""

import inspect

from nas_tutorial.backend import keras
from nas_tutorial.names import digest, require_kind, shown
from nas_tutorial.randomness import kept_global_state
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.flops import count_flops


def own_model(recipe, architecture: Architecture, seed: int) -> keras.Model:
    """The untrained model that a recipe's space builds.

    Layers that take their seeds from Keras take them from this one.

    Raises:
        ValueError: If it is no Keras model, or does not fit the data.
    """
    data, name = recipe.dataset, f"the build of {type(recipe.space).__name__}"
    with kept_global_state(seed):
        model = recipe.space.build(architecture, data.input_shape, data.num_classes, seed=seed)
    require_kind(f"what {name} returns", model, keras.Model, "Return keras.Model(inputs, outputs).")
    shapes = model.input_shape, model.output_shape
    expected = (None, *data.input_shape), (None, data.num_classes)
    if shapes != expected:
        raise ValueError(
            f"{name} must make models from {expected[0]} to {expected[1]} for {data.name}, got "
            f"{shown(shapes[0])} to {shown(shapes[1])}. End with a dense layer of num_classes numbers, "
            "without a softmax."
        )
    return model


def require_own_models(recipe) -> None:
    """Raise unless the models of a recipe's probes can be built, and what they cost is known.

    Raises:
        ValueError: With the first architecture for which that fails, or if there is a skeleton.
    """
    if recipe.skeleton is not None:
        raise ValueError(
            f"{type(recipe.space).__name__} builds its models itself, so the recipe must have no "
            f"skeleton, got {recipe.skeleton}. Leave it out."
        )
    for architecture in recipe.probes():
        try:
            count_flops(recipe.build(architecture, seed=0))
        except Exception as error:
            error.add_note(f"This is architecture {architecture} of {recipe.space.name}.")
            raise


def described(space) -> dict:
    """What a description says of a space that builds its models: a hash of the source that does."""
    if space.build is None:
        return {}
    try:
        source = inspect.getsource(type(space))
    except (OSError, TypeError):  # typed into a console that keeps nothing
        source = type(space).__qualname__
    return {"build_digest": digest(source)}
