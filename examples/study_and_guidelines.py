"""Measure what structural changes do, deduce guidelines from that, and let them advise on a model.

You learn how a randomised study is designed and read (every change is held against a control that trains
the same part, unchanged), what a guideline says and rests on, and how to ask for advice on a model of your
own. With few parents no guideline may survive its test; that is then the answer.

    python examples/study_and_guidelines.py --parents 20 --trials 6 --out digits-study

The same command goes on with a study that was interrupted.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import graftwork as gw


def main() -> None:
    """Study, effects, guidelines, advice."""
    options = _options()
    problem, space = gw.load_problem("digits"), gw.SearchSpace.modern(max_networks=6)
    design = gw.StudyDesign(
        problems=(problem.name,),
        space=space,
        parents=options.parents,
        trials=options.trials,
        parent_steps=2 * options.steps,
        trial_steps=options.steps,
        seed=options.seed,
    )
    study = gw.run_study(design, {problem.name: problem}, out=options.out / "study")
    show_effects(study)

    guidelines = gw.deduce([study], seed=options.seed)
    (options.out / "guidelines.json").write_text(guidelines.to_json(), encoding="utf-8")
    print(f"\n{len(guidelines.guidelines)} of {guidelines.tested} hypotheses survived:")
    for guideline in guidelines.guidelines:
        print(f"  - {guideline.sentence()}")

    # A parent that the study did not see: its seed is another.
    architecture = gw.random_architecture(problem, space, seed=options.seed + 1)
    fresh = gw.build(architecture, seed=options.seed)
    budget = gw.Budget(steps=2 * options.steps)
    model = gw.train(fresh, problem, budget=budget, seed=options.seed).model
    show_advice(model, problem, guidelines)


def show_effects(study: gw.Study) -> None:
    """Median change against the control, with its 95 % interval over parents."""
    print(f"{len(study.records)} records of {study.parents} parents. Skill of affected outputs, and size:")
    for effect in gw.operator_effects(study.records):
        change = effect.change
        if effect.response == "parameters":
            low, median, high = (100 * math.expm1(x) for x in (change.low, change.median, change.high))
            print(f"  {effect.operator}: parameters {median:+.0f} % [{low:+.0f}, {high:+.0f}]")
        elif effect.affected:
            of = effect.response.removeprefix("skill:")
            print(f"  {effect.operator}: {of} {change.median:+.3f} [{change.low:+.3f}, {change.high:+.3f}]")


def show_advice(model: gw.HeterogeneousModel, problem: gw.Problem, guidelines: gw.Guidelines) -> None:
    """Advice reads the structure, what each part is good for, and how good the outputs are now."""
    diagnosis, scores = gw.diagnose(model, problem), gw.evaluate(model, problem)
    advice = gw.advise(model.architecture, diagnosis, scores, guidelines)
    print(f"\n{len(advice)} pieces of advice on a model of {len(model.architecture.networks)} networks:")
    for piece in advice[:5]:
        expected = ", ".join(f"{aim} {change.median:+.3f}" for aim, change in piece.expect.items())
        print(f"  - {piece.verdict} {piece.operator} at {piece.site}: {expected}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--parents", type=int, default=20, help="random architectures to start from")
    parser.add_argument("--trials", type=int, default=6, help="operators applied to each")
    parser.add_argument("--steps", type=int, default=60, help="training steps of a trial, half a parent's")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("digits-study"), help="folder for what is written")
    return parser.parse_args()


if __name__ == "__main__":
    main()
