"""Reports of what lies in a folder: a search, a study, a comparison, or the demo that holds all three."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from graftwork.documents import from_others
from graftwork.guidelines import Guidelines, deduce
from graftwork.problem import Generation, load_problem, problem_name
from graftwork.report._cost import budget_text, cost_of_comparison, cost_of_search, cost_of_study
from graftwork.report._format import counted, listed
from graftwork.report._html import write_html
from graftwork.report.best import best_section
from graftwork.report.comparison import comparison_section
from graftwork.report.effects import effects_section
from graftwork.report.front import front_section, made_by
from graftwork.report.guidelines import guidelines_section
from graftwork.report.metrics import metrics_section
from graftwork.report.progress import progress_section
from graftwork.report.provenance import provenance_section
from graftwork.report.relevance import relevance_section
from graftwork.report.samples import samples_section
from graftwork.report.section import Section
from graftwork.report.skill import skill_section
from graftwork.runtime import torch_generator
from graftwork.search import load_comparison, load_search
from graftwork.store import Store
from graftwork.study import load_study, operator_effects

if TYPE_CHECKING:
    from graftwork.search import SearchResult

_SHOWN = 48


def write_report(folder: str | Path, *, out: str | Path | None = None) -> Path:
    """Write one self-contained HTML page about a finished search, study or comparison.

    Args:
        folder: What to report on.
        out: File to write; `report.html` in the folder unless told. It is written anew each time.

    Raises:
        InputError: The folder holds none of them, is damaged or not finished, or the file cannot be written.
    """
    folder = Path(folder)
    path = folder / "report.html" if out is None else Path(out)
    with from_others(f"the run in '{folder}'"):
        with Store.read(folder, kinds=_SECTIONS) as store:
            kind, facts = store.kind, _facts(store)
        found, work = _SECTIONS[kind](folder)
        sections = [*found, provenance_section({**facts, "work": work})]
    write_html(
        path,
        title=f"Graftwork: {kind}",
        lead=f"What came of the {kind} of {facts['problem']}.",
        sections=sections,
    )
    return path


def write_demo_report(folder: Path, *, guidelines: Guidelines, facts: Mapping[str, str]) -> Path:
    """Write the report of the demo, whose folder holds `study`, `comparison` and `search`."""
    with Store.read(folder / "search") as store:
        known = _facts(store)
    study = load_study(folder / "study")
    searched, search_cost = _search_sections(folder / "search")
    compared, comparison_cost = _comparison_sections(folder / "comparison")
    work = {"study": cost_of_study(study), "comparison": comparison_cost, "search": search_cost}
    sections = [
        *searched,
        *compared,
        effects_section(operator_effects(study.records)),
        guidelines_section(guidelines),
        provenance_section({**facts, **work, **known}),
    ]
    path = folder / "report.html"
    lead = "One model for several outputs, the study behind its search, and how policies compare."
    write_html(path, title="Graftwork: demo", lead=lead, sections=sections)
    return path


def _search_sections(folder: Path) -> tuple[list[Section], str]:
    result = load_search(folder)
    problem, best = load_problem(result.spec["problem"]), result.best
    trivial = problem.trivial_scores("test")
    # A run keeps outputs by name; a reader wants them as they were asked for.
    scores = {split: {name: of[name] for name in problem.outputs} for split, of in best.scores.items()}
    sections = [
        best_section(
            best.architecture,
            scores,
            best.complexity,
            trivial,
            result.baselines,
            result.failed_baselines,
            _origin(result),
        ),
        metrics_section(scores["test"]),
        relevance_section(best.diagnosis),
        *_sample_sections(result),
        front_section(result.candidates, result.front),
        progress_section({result.spec["policy"]: [result.history]}),
    ]
    return sections, cost_of_search(result)


def _origin(result: SearchResult) -> str:
    """Which candidate the best model was, and why its figures differ from those of that candidate."""
    candidate = result.candidates[result.best.number]
    return (
        f"It is candidate {candidate.number} of the search ({made_by(candidate)}), trained for "
        f"{counted(result.best.steps, 'step')} more; the skill of candidates is that before it."
    )


def _sample_sections(result: SearchResult) -> list[Section]:
    """Real arrays beside generated ones, for every generation output whose arrays are images."""
    problem = load_problem(result.spec["problem"])
    generator = torch_generator(result.spec["seed"], 0, "report")
    train = problem.train
    drawn = result.best.model.sample(train.inputs, rows=_SHOWN, generator=generator, weights=train.weights)
    return [
        samples_section(output.decode(problem.test.targets[name][:_SHOWN]), output.decode(drawn[name]))
        for name, output in problem.outputs.items()
        if isinstance(output, Generation) and len(output.shape or ()) == 3
    ]


def _study_sections(folder: Path) -> tuple[list[Section], str]:
    study = load_study(folder)
    sections = [effects_section(operator_effects(study.records)), guidelines_section(deduce([study]))]
    return sections, cost_of_study(study)


def _comparison_sections(folder: Path) -> tuple[list[Section], str]:
    comparison = load_comparison(folder)
    curves = {
        s.policy: [r.skills for r in comparison.runs if r.policy == s.policy] for s in comparison.summaries
    }
    sections = [comparison_section(comparison), progress_section(comparison), skill_section(curves)]
    return sections, cost_of_comparison(comparison)


_SECTIONS = {"search": _search_sections, "study": _study_sections, "comparison": _comparison_sections}


def _facts(store: Store) -> dict[str, str]:
    """What was run: the arguments that tell a run from others, and where it ran."""
    spec = store.spec
    problem = ", ".join(spec["problems"]) if "problems" in spec else problem_name(str(spec["problem"]))
    told: dict[str, str] = {key: str(spec[key]) for key in ("policy", "seed") if key in spec}
    told |= {key: listed([str(each) for each in spec[key]]) for key in ("policies", "seeds") if key in spec}
    told |= {"budget": budget_text(spec["budget"])} if "budget" in spec else {}
    return {"problem": problem, **told, **{key: str(value) for key, value in store.environment.items()}}
