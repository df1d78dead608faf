# The public names. lazy_loader reads this file when the package is imported, editors and type
# checkers read it too; each name is loaded when it is first used.

from . import course as course
from .data.datasets import DATASETS as DATASETS, Dataset as Dataset, load_dataset as load_dataset
from .evaluators.one_program.darts import Darts as Darts
from .evaluators.one_program.supernet import (
    OneShotEvaluator as OneShotEvaluator,
    Supernet as Supernet,
)
from .evaluators.one_program.training import CompiledEvaluator as CompiledEvaluator
from .evaluators.metrics import classification_metrics as classification_metrics
from .evaluators.proxies import PROXIES as PROXIES, ProxyEvaluator as ProxyEvaluator
from .evaluators.recipe import Recipe as Recipe
from .evaluators.training import TrainingEvaluator as TrainingEvaluator
from .history import History as History
from .loop.search import search as search
from .loop.simulated import SimulatedWorkers as SimulatedWorkers
from .loop.workers import processes as processes
from .pareto import hypervolume as hypervolume, pareto_front as pareto_front
from .randomness import trial_seed as trial_seed
from .reporting import plots as plots
from .reporting.run_card import run_card as run_card
from .spaces import SPACES as SPACES
from .spaces.architecture import Architecture as Architecture, Choice as Choice
from .spaces.base import SearchSpace as SearchSpace
from .spaces.chain import ChainSpace as ChainSpace
from .spaces.dense import DenseSpace as DenseSpace
from .spaces.edge_cell import EdgeCellSpace as EdgeCellSpace
from .spaces.flops import count_flops as count_flops
from .spaces.graph import Graph as Graph
from .spaces.node_cell import NodeCellSpace as NodeCellSpace
from .spaces.skeleton import Skeleton as Skeleton
from .statistics.chance import expected_best_of as expected_best_of
from .statistics.repeats import (
    compare as compare,
    final_values as final_values,
    on_grid as on_grid,
    quartiles as quartiles,
)
from .statistics.tests import (
    friedman_nemenyi as friedman_nemenyi,
    paired_difference as paired_difference,
    probability_of_superiority as probability_of_superiority,
    wilcoxon_holm as wilcoxon_holm,
)
from .strategies import STRATEGIES as STRATEGIES
from .strategies.asha import Asha as Asha
from .strategies.bananas import Bananas as Bananas
from .strategies.base import Strategy as Strategy
from .strategies.bayesian import Bayesian as Bayesian
from .strategies.exhaustive import Exhaustive as Exhaustive
from .strategies.genetic import Genetic as Genetic
from .strategies.hyperband import Hyperband as Hyperband
from .strategies.local_search import LocalSearch as LocalSearch
from .strategies.nsga2 import Nsga2 as Nsga2
from .strategies.random_search import RandomSearch as RandomSearch
from .strategies.regularized_evolution import RegularizedEvolution as RegularizedEvolution
from .strategies.reinforce import Reinforce as Reinforce
from .strategies.simulated_annealing import SimulatedAnnealing as SimulatedAnnealing
from .strategies.successive_halving import SuccessiveHalving as SuccessiveHalving
from .strategies.tabu import Tabu as Tabu
from .strategies.warm_start import WarmStart as WarmStart, best_of_random as best_of_random
from .tables.table import (
    Table as Table,
    TableEvaluator as TableEvaluator,
    regret as regret,
    true_means as true_means,
)
from .trials import (
    Candidate as Candidate,
    Constraint as Constraint,
    Objective as Objective,
    Result as Result,
    Trial as Trial,
)
