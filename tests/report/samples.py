"""Small things to report on, with figures that can be found again."""

from __future__ import annotations

import math

import numpy as np

from graftwork.architecture import Architecture, Connection, InputNode, Layer, Network, OutputNode
from graftwork.diagnosis import WHOLE, Diagnosis, Finding
from graftwork.evaluation import complexity
from graftwork.guidelines import Guideline, Guidelines
from graftwork.guidelines.guideline import Evidence
from graftwork.problem import Score
from graftwork.report import (
    Section,
    best_section,
    comparison_section,
    conflicts_section,
    effects_section,
    findings_section,
    front_section,
    guidelines_section,
    need_section,
    parts_section,
    progress_section,
    provenance_section,
    redundancy_section,
    relevance_section,
    samples_section,
    skill_section,
)
from graftwork.search import Baseline, Candidate, Comparison, Milestone, PolicyRun, PolicySummary
from graftwork.study import Effect, Interval
from graftwork.trial import Outcome

HOSTILE = "<script>alert('\"&')</script>"


def architecture(width: int = 7) -> Architecture:
    return Architecture(
        inputs=(InputNode("pixels", 64),),
        outputs=(OutputNode("digit", "classification", 10),),
        networks=(Network("n0", "discretizer", 10, (Layer(width, "relu"),)),),
        connections=(Connection("pixels", "n0"), Connection("n0", "digit")),
    )


def score(skill: float) -> Score:
    value = 0.9 * (1 - skill)
    return Score("classification", "error_rate", value, skill, "log_loss", value, skill, {})


def best(single: float = 0.912, name: str = "digit", origin: str = "") -> Section:
    return best_section(
        architecture(),
        {"test": {name: score(0.934)}, "validation": {name: score(0.951)}},
        complexity(architecture()),
        {name: score(0.0)},
        (Baseline("single_task", {name: score(single)}, 4321), Baseline("boosting", {}, None)),
        origin=origin,
    )


def history(end: float, length: int = 5) -> tuple[Milestone, ...]:
    return tuple(Milestone(i + 1, 100 * (i + 1), 1.0, end * (i + 1) / length) for i in range(length))


def summary(policy: str, ends: list[float], p: float | None = None, gain: float = 0.0) -> PolicySummary:
    return PolicySummary(
        policy=policy,
        hypervolumes=tuple(ends),
        evaluations=5 * len(ends),
        steps=500,
        seconds=1.0,
        mean=float(np.mean(ends)),
        difference=None if p is None else (gain, gain - 0.011, gain + 0.012),
        wins=0 if p is None else len(ends),
        p=p,
        evaluations_to_baseline=None if p is None else 0.42,
    )


def comparison(seeds: int, p: float, gain: float = 0.123) -> Comparison:
    ends = {"random": [0.4] * seeds, "guided": [0.4 + gain] * seeds}
    runs = tuple(
        PolicyRun(policy, seed, history(end), tuple({"digit": end} for _ in range(5)))
        for policy, of in ends.items()
        for seed, end in enumerate(of)
    )
    summaries = (summary("random", ends["random"]), summary("guided", ends["guided"], p, gain))
    return Comparison(runs, summaries, {"seeds": list(range(seeds))})


def effect(
    operator: str, response: str, median: float, *, q: float = 1.0, affected: bool | None = True
) -> Effect:
    interval = Interval(median, median - 0.01, median + 0.01)
    return Effect(operator, response, affected, 31, 13, interval, 0.77, 0.5, q, q)


def effects(q: float = 0.001) -> list[Effect]:
    return [
        effect("clone_network", "skill:classification", 0.0321, q=q),
        effect("clone_network", "skill:classification", -0.002, affected=False),
        effect("clone_network", "parameters", math.log(1.25), q=0.001, affected=None),
        effect("continue", "skill:classification", 0.0),
    ]


def diagnosis() -> Diagnosis:
    return Diagnosis(
        (
            Finding("n0", "digit", "relevance_weights", 0.654, 0.021),
            Finding("n0", "sample", "relevance_weights", 0.0, 0.0),
            Finding("n0", "sample", "reaches", 0.0),
            Finding("n1", "digit", "relevance_weights", -0.003, 0.004),
            Finding("n0", "digit", "relevance_permutation", 0.456, 0.034),
        )
    )


def fork(hidden: str = "n1") -> Architecture:
    """One network that two outputs share, one that only the first hears, and a twin of that one."""
    names = ("n0", hidden, "n2")
    return Architecture(
        inputs=(InputNode("pixels", 64),),
        outputs=(OutputNode("digit", "classification", 10), OutputNode("size", "regression", 1)),
        networks=(
            Network(names[0], "regressor", 4),
            Network(names[1], "discretizer", 10, (Layer(7, "relu"),)),
            Network(names[2], "discretizer", 10, (Layer(7, "relu"),)),
        ),
        connections=(
            Connection("pixels", names[0]),
            Connection(names[0], names[1]),
            Connection(names[0], names[2]),
            Connection(names[0], "size"),
            Connection(names[1], "digit"),
            Connection(names[2], "digit"),
        ),
    )


def full_diagnosis(output: str = "digit", output_two: str = "size", twin: str = "n2") -> Diagnosis:
    """Something of everything that a page tells, for `fork`."""
    needs = {
        ("n0", output): 0.812,
        ("n0", output_two): 0.654,
        ("n1", output): 0.345,
        ("n1", output_two): 0.0,
        (twin, output): 0.001,
        (twin, output_two): 0.0,
    }
    found = [Finding(part, o, "relevance_permutation", value, 0.002) for (part, o), value in needs.items()]
    found += [Finding(part, o, "relevance_mean", value / 2, 0.001) for (part, o), value in needs.items()]
    found += [Finding("n1", output_two, "reaches", 0.0), Finding(twin, output_two, "reaches", 0.0)]
    similar = {("n0", "n1"): 0.42, ("n0", twin): 0.31, ("n1", twin): 0.97}
    for (a, b), value in similar.items():
        found += [Finding(a, b, "cka", value, 0.01), Finding(b, a, "cka", value, 0.01)]
    found += [Finding("n0", f"{output} / {output_two}", "gradient_cosine", -0.61, 0.05)]
    found += [Finding(twin, None, "dead_units", 1.0), Finding("n1", None, "dead_units", 0.625)]
    found += [Finding("n0", None, "effective_rank", 1.1, 0.1), Finding("n0", None, "rank_share", 0.275, 0.02)]
    found += [
        Finding(WHOLE, output, "generalisation_gap", 0.234, 0.02),
        Finding(WHOLE, None, "imbalance", 0.158),
    ]
    return Diagnosis(tuple(found))


def guidelines() -> Guidelines:
    change = {"skill:classification": Interval(-0.05, -0.06, -0.04)}
    evidence = Evidence(31, 13, ("digits",), 0.001, 0.002)
    guideline = Guideline("clone_network", "avoid", "skill:classification", (), change, evidence)
    return Guidelines((guideline,), tested=14)


def images(rows: int = 9) -> np.ndarray:
    return np.linspace(0, 1, rows * 64).reshape(rows, 1, 8, 8)


def candidates() -> list[Candidate]:
    done = [
        Candidate(
            number,
            Outcome(
                status="done",
                reason="converged",
                architecture=architecture(width),
                scores={"digit": score(skill)},
                complexity=complexity(architecture(width)),
            ),
        )
        for number, (width, skill) in enumerate([(7, 0.345), (9, 0.876), (11, 0.5)])
    ]
    return [*done, Candidate(3, Outcome(status="diverged", reason="loss"))]


def everything() -> list[Section]:
    runs = comparison(3, 0.25)
    return [
        best(),
        progress_section(runs),
        progress_section({"random": [history(0.7)]}),
        comparison_section(runs),
        skill_section({"random": [run.skills for run in runs.runs]}),
        effects_section(effects()),
        relevance_section(diagnosis()),
        findings_section(full_diagnosis()),
        need_section(fork(), full_diagnosis()),
        redundancy_section(full_diagnosis()),
        conflicts_section(full_diagnosis()),
        parts_section(full_diagnosis()),
        guidelines_section(guidelines()),
        samples_section(images(), images(12)),
        front_section(candidates(), candidates()[:2]),
        provenance_section({"seed": "7", "command": "graftwork demo --seed 7"}),
    ]
