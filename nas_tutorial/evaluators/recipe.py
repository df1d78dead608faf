"""The settings of a training run: `Recipe`, checked once, which every evaluator takes."""

from dataclasses import KW_ONLY, asdict, dataclass
from functools import partial

import numpy as np

from nas_tutorial.backend import dtype_policy, keras
from nas_tutorial.data.datasets import Dataset
from nas_tutorial.evaluators.tasks import models
from nas_tutorial.evaluators.tasks.options import Options, Settings
from nas_tutorial.evaluators.tasks.outputs import with_head
from nas_tutorial.names import real, require_kind, shown, whole
from nas_tutorial.spaces.architecture import Architecture
from nas_tutorial.spaces.base import SearchSpace
from nas_tutorial.spaces.skeleton import Skeleton
from nas_tutorial.trials import Candidate


@dataclass(frozen=True)
class Recipe(Options):
    """What an evaluator trains, on what, and how: all that a result depends on except the seed.

    Args:
        space: Where candidates come from.
        dataset: What to train on.
        skeleton: How cells are stacked; None chooses `Skeleton.for_input`, and is right for a space
            that builds its models itself.
        epochs: Passes over the training set, at least 1.
        batch_size: Samples per step, at least 1.
        learning_rate: At the first step, above 0; None takes 0.1 for SGD and 0.002 for the others.
        dtype_policy: With which all networks are built, in other processes too; None takes the one
            that Keras has when the recipe is made.

    Other settings, which all have usual values, are those of `tasks.options.Options`: optimizer,
    weight_decay, label_smoothing, class_weight, patience, callbacks and max_seconds.

    Raises:
        ValueError: If an argument is of another kind, or out of range, or networks of the space
            cannot be built for the data set, or their costs are not known.
    """

    space: SearchSpace
    dataset: Dataset
    skeleton: Skeleton = None  # type: ignore[assignment]  # None only until __post_init__ has run
    epochs: int = 5
    _: KW_ONLY
    batch_size: int = 128
    learning_rate: float = None  # type: ignore[assignment]  # the same
    dtype_policy: str = None  # type: ignore[assignment]  # the same

    def __post_init__(self):
        set_field = partial(object.__setattr__, self)  # as only __post_init__ may
        data, advice = self.dataset, "Write Recipe(space, dataset, ...), with all settings in it."
        require_kind("the space of a recipe", self.space, SearchSpace, advice)
        require_kind("the dataset of a recipe", data, Dataset, advice)
        set_field("epochs", whole("epochs", self.epochs, 1))
        set_field("batch_size", whole("batch_size", self.batch_size, 1))
        for name, value in self.checked(data, self.learning_rate).items():
            set_field(name, value)
        policy = self.dtype_policy or keras.config.dtype_policy()
        set_field("dtype_policy", keras.dtype_policies.get(policy).name)
        if self.space.build is not None:
            models.require_own_models(self)
            return
        if self.skeleton is None:
            set_field("skeleton", Skeleton.for_input(data.input_shape, data.vocabulary_size))
        require_kind("the skeleton of a recipe", self.skeleton, Skeleton, advice)
        if self.skeleton.vocabulary_size != data.vocabulary_size:
            raise ValueError(
                f"skeleton and data set must have one vocabulary_size, got "
                f"{self.skeleton.vocabulary_size} and {data.vocabulary_size}. Give both the same."
            )
        for architecture in self.probes():
            self.require(architecture)

    @classmethod
    def of(
        cls, recipe: "Recipe | SearchSpace", dataset: Dataset | None, settings: Settings, **usual
    ) -> "Recipe":
        """The recipe that an evaluator is given: whole, or as a space, a data set and settings.

        Args:
            recipe: A recipe, or the space of a new one.
            dataset: Of a new recipe; None beside a whole one.
            settings: Of a new recipe; empty beside a whole one.
            usual: The evaluator's own defaults for a new recipe.

        Raises:
            ValueError: If anything comes beside a whole recipe, or an argument is wrong.
        """
        if isinstance(recipe, SearchSpace) and dataset is not None:
            return cls(recipe, dataset, **{**usual, **settings})
        if isinstance(recipe, Recipe) and dataset is None and not settings:
            return recipe
        raise ValueError(
            f"an evaluator must get a recipe and nothing else, or a space and a data set, got "
            f"{shown(recipe)} and {shown(dataset)}. Write Recipe(space, dataset, ...), with all "
            "settings in it."
        )

    def probes(self) -> list[Architecture]:
        """An architecture and all its neighbours: among them, every option of every choice."""
        first = self.space.sample(np.random.default_rng(0))
        return [first, *self.space.neighbors(first)]

    def require(self, architecture: Architecture) -> None:
        """Raise unless an architecture is of the space, and its network can be built and counted.

        Raises:
            ValueError: If it is not, or an operation or the cost of one of its layers is unknown.
        """
        self.space.require(architecture)
        if self.skeleton is not None:
            operations = self.space.graph(architecture).operations[1:-1]
            self.skeleton.require(self.dataset.input_shape, operations)

    def describe(self) -> dict:
        """What a result depends on, JSON-ready: what stores and checkpoints compare.

        Space and data set are there by name, for readers, and by what they are.
        """
        space, data = self.space, self.dataset
        named = {
            "space": space.name,
            "dataset": data.name,
            "skeleton": self.skeleton and asdict(self.skeleton),
        }
        digests = {"space_digest": space.digest, "dataset_digest": data.digest}
        own = self.described() | models.described(space)
        settings = {name: value for name, value in vars(self).items() if name not in named}
        return {**named, **settings, **digests, **own}

    def batches(self, num_samples: int, rng: np.random.Generator) -> np.ndarray:
        """Which samples each step takes: a permutation per epoch, without an incomplete last batch.

        Args:
            num_samples: How many there are.
            rng: Draws the permutations.

        Returns:
            Indices of shape (num_steps, batch_size); where there are fewer samples than a batch
            has, all of them are one batch.
        """
        size = min(self.batch_size, num_samples)
        steps = num_samples // size
        order = [rng.permutation(num_samples)[: steps * size] for _ in range(self.epochs)]
        return np.reshape(order, (self.epochs * steps, size))

    def build(self, architecture: Architecture, *, seed: int) -> keras.Model:
        """The untrained model of an architecture; the seed is that of its initial weights."""
        graph, data = self.space.graph(architecture), self.dataset
        with dtype_policy(self.dtype_policy):
            if self.skeleton is None:
                model = models.own_model(self, architecture, seed)
            else:
                model = self.skeleton.build(graph, data.input_shape, data.num_classes, seed=seed)
            return with_head(model, data)

    def epochs_of(self, candidate: Candidate) -> float:
        """After how many epochs the training run of a candidate stops.

        Raises:
            ValueError: If the candidate asks for more epochs than the recipe has, or for any where
                patience or callbacks stop a run.
        """
        if candidate.epochs is None:
            return self.epochs
        self.require_no_stops(candidate.epochs)
        advice = "Give the evaluator more epochs."
        return real("a candidate's epochs", candidate.epochs, most=self.epochs, advice=advice)
