"""What a study does: its parents, and for each the operators and sites that chance drew."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from graftwork.architecture import Architecture, SearchSpace
from graftwork.errors import InputError
from graftwork.runtime import generator, integer_seed
from graftwork.training import TrainingOptions
from graftwork.trial import Application
from graftwork.variation import CONTROL, OPERATORS, Refusal, Site, Variation, structural_names

_TRIES = 50


@dataclass(frozen=True, kw_only=True)
class StudyDesign:
    """The design of a randomised experiment.

    Attributes:
        problems: Names of the problems; parents are drawn for each.
        space: Where parents are drawn from.
        parents: Random parents a problem.
        trials: Operators applied to each parent.
        parent_steps: Training of each parent before its trials.
        trial_steps: Training of each trial and of its control.
        operators: Names of the operators that chance draws from.
        seed: Root of every random draw.
        options: How models are trained.
    """

    problems: tuple[str, ...]
    space: SearchSpace
    parents: int
    trials: int
    parent_steps: int = 400
    trial_steps: int = 200
    operators: tuple[str, ...] = field(default_factory=structural_names)
    seed: int = 0
    options: TrainingOptions = field(default_factory=TrainingOptions)

    def __post_init__(self) -> None:
        for name in ("parents", "trials", "parent_steps", "trial_steps"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1, but it is {getattr(self, name)}")
        integer_seed(self.seed, 0, "study")  # refuses what is no seed
        OPERATORS.chosen(self.operators)  # refuses what there is not
        if not self.problems:
            raise InputError("a study needs at least one problem")
        if self.parents < 2:
            raise InputError(
                "a study needs at least 2 parents: one half finds guidelines, the other tests them"
            )

    def spec(self) -> dict[str, Any]:
        """The design as JSON values, by which a folder is known to hold this study."""
        values = asdict(self)
        values["options"]["balancer"] = repr(self.options.balancer)
        return values


@dataclass(frozen=True)
class PlannedTrial:
    """One application that chance drew, and the part that it and its control train."""

    index: int
    application: Application
    trained: frozenset[str]
    control: frozenset[str]


def plan_trials(design: StudyDesign, parent: str, architecture: Architecture) -> list[PlannedTrial]:
    """The trials of one parent: operators drawn uniformly, then sites uniformly; refusals are drawn again.

    The last one is the control with another seed.
    """
    planned = [_draw(design, parent, architecture, index) for index in range(design.trials)]
    names = architecture.network_names
    noise = Application(CONTROL.name, Site("model"), 0)
    return [*(trial for trial in planned if trial), PlannedTrial(design.trials, noise, names, names)]


def _draw(design: StudyDesign, parent: str, architecture: Architecture, index: int) -> PlannedTrial | None:
    rng = generator(design.seed, f"{parent}/{index}", "draw")
    for attempt in range(_TRIES):
        operator = OPERATORS[design.operators[int(rng.integers(len(design.operators)))]]
        sites = operator.sites(architecture)
        if not sites:
            continue
        site = sites[int(rng.integers(len(sites)))]
        seed = integer_seed(design.seed, f"{parent}/{index}/{attempt}", "application")
        variation = operator.apply(architecture, site, seed=seed, space=design.space)
        if not isinstance(variation, Refusal):
            return _planned(index, variation, seed, architecture)
    return None


def _planned(index: int, variation: Variation, seed: int, architecture: Architecture) -> PlannedTrial:
    application = Application(variation.operator, variation.site, seed)
    control = variation.affected & architecture.network_names
    return PlannedTrial(index, application, variation.affected, control or architecture.network_names)
