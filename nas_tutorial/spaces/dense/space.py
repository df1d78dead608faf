"""`DenseSpace`: fully connected networks with layers of one width."""

from typing import Any

from nas_tutorial.names import one_of, require_kind, whole
from nas_tutorial.spaces.architecture import Architecture, Choice
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.graph import INPUT, OUTPUT, Graph

ACTIVATIONS = ("relu", "gelu", "tanh")
NORMALISATIONS = ("none", "batch", "layer")
CONNECTIONS = ("plain", "residual")


class DenseSpace(SearchSpace):
    """Fully connected networks for tables: what a row of numbers goes through before the last layer.

    A layer is dense, then normalised, then activated, then dropped out. With residual connections
    each layer after the first adds what it is given to what it returns. With one layer there is
    nothing to add, so both encodings are one network.

    The space builds its models itself, so a `Recipe` has no skeleton for it.

    Args:
        layers: How many; whole numbers from 1.
        units: Their width; whole numbers from 1.
        activations: Of "relu", "gelu" and "tanh".
        normalisations: Of "none", "batch" and "layer".
        dropout_percents: How many of a hundred numbers are set to 0 in training; from 0 to 99.
        connections: Of "plain" and "residual".

    Raises:
        ValueError: If one of them is not a tuple of such options.

    Reference:
        Gorishniy et al. 2021, Revisiting deep learning models for tabular data, section 3 (the MLP and
        ResNet that this space spans).
    """

    def __init__(
        self,
        layers: tuple[int, ...] = (1, 2, 3, 4),
        units: tuple[int, ...] = (16, 32, 64, 128),
        activations: tuple[str, ...] = ACTIVATIONS,
        normalisations: tuple[str, ...] = NORMALISATIONS,
        dropout_percents: tuple[int, ...] = (0, 10, 30),
        connections: tuple[str, ...] = CONNECTIONS,
    ):
        options: dict[str, Any] = {
            "layers": layers, "units": units, "activation": activations,
            "normalisation": normalisations, "dropout_percent": dropout_percents,
            "connections": connections,
        }  # fmt: skip
        known = {
            "activation": ACTIVATIONS, "normalisation": NORMALISATIONS, "connections": CONNECTIONS
        }  # fmt: skip
        for name, given in options.items():
            require_kind(f"the options of {name}", given, tuple | list, "Write (1, 2).")
            what = f"an option of {name}"
            if name in known:
                options[name] = tuple(one_of(what, each, known[name]) for each in given)
            else:
                bounds = (0, 99) if name == "dropout_percent" else (1, None)
                options[name] = tuple(whole(what, each, *bounds) for each in given)
        super().__init__("dense", tuple(Choice(name, given) for name, given in options.items()))

    def graph(self, architecture: Architecture) -> Graph:
        """A row of layers; with residual connections each one gets the sum of all before it."""
        values: tuple[Any, ...] = architecture.values
        layers, units, activation, normalisation, percent, connections = values
        label = f"dense {units}, {normalisation} norm, {activation}, dropout {percent} %"
        edges = {(node, node + 1) for node in range(layers + 1)}
        if connections == "residual":
            edges |= {(a, b) for b in range(2, layers + 2) for a in range(1, b)}
        return Graph((INPUT, *[label] * layers, OUTPUT), frozenset(edges))

    def build(
        self,
        architecture: Architecture,
        input_shape: tuple[int, ...],
        num_classes: int,
        *,
        seed: int,
    ):
        """The untrained model: (batch, num_features) -> (batch, num_classes).

        Inputs of more axes are flattened first.

        Args:
            architecture: Of this space.
            input_shape: Without the batch.
            num_classes: Size of the output.
            seed: Of the initial weights and of dropout.
        """
        from nas_tutorial.spaces.dense.network import dense_network

        self.require(architecture)
        names = (choice.name for choice in self.choices)
        choices: dict[str, Any] = dict(zip(names, architecture.values))
        return dense_network(input_shape, num_classes, seed=seed, **choices)
