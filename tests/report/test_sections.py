"""Each section shows the figures it is given, and says no more than they bear."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from tests.report._page import Page
from tests.report.samples import (
    HOSTILE,
    best,
    candidates,
    comparison,
    diagnosis,
    effects,
    guidelines,
    history,
    images,
)

from graftwork.diagnosis import Diagnosis
from graftwork.errors import InputError
from graftwork.guidelines import Guidelines
from graftwork.problem import METRICS, Score
from graftwork.report import (
    Section,
    comparison_section,
    effects_section,
    front_section,
    guidelines_section,
    metrics_section,
    progress_section,
    provenance_section,
    relevance_section,
    samples_section,
    skill_section,
)

MINUS = "\N{MINUS SIGN}"


def shown(section: Section) -> str:
    return Page(section.html).text


def test_the_best_model_is_drawn_with_its_scores() -> None:
    section = best()
    assert "<svg" in section.html
    for figure in ("0.934", "0.951", "0.912", "0.900", "error rate"):
        assert figure in shown(section)


@pytest.mark.parametrize(
    ("single", "word"), [(0.80, "better for digit"), (0.93, "level for digit"), (0.99, "worse for digit")]
)
def test_the_best_model_says_where_it_wins_and_loses(single: float, word: str) -> None:
    words = ("better for digit", "level for digit", "worse for digit")
    assert [each for each in words if each in best(single).lead] == [word]


def test_baselines_are_explained_in_sentences_and_not_as_figures() -> None:
    section = best()
    assert "<li>Single task: one network an output" in section.html
    assert "<dd>one network" not in section.html


def test_progress_tells_how_each_policy_ended() -> None:
    section = progress_section({"random": [history(0.4), history(0.6)], "guided": [history(0.7)]})
    assert "random 0.500, guided 0.700" in section.html
    assert "Band: from the lowest to the highest" in shown(section)


def test_runs_of_unequal_length_stay_where_they_ended() -> None:
    assert "random 0.500" in progress_section({"random": [history(0.4, 2), history(0.6, 9)]}).html


def test_skill_has_a_panel_for_each_output_also_where_the_first_candidates_failed() -> None:
    runs = [({}, {"digit": 0.2}, {"digit": 0.321, "sample": -3.0}), ({}, {}, {"digit": 0.521})]
    html = skill_section({"random": runs}).html
    assert html.count("<svg") == 2
    assert "random 0.421" in html


def test_few_seeds_show_nothing_however_large_the_difference() -> None:
    lead = comparison_section(comparison(3, p=0.25)).lead
    assert lead.startswith("Nothing is shown")
    assert "below 0.25" in lead


def test_a_small_p_of_enough_seeds_is_called_shown() -> None:
    section = comparison_section(comparison(10, p=0.00195))
    assert "guided is shown to be better than random" in section.lead
    for figure in ("0.523", "+0.123", "+0.112 to +0.135", "10 of 10", "42 %", "0.002"):
        assert figure in shown(section)


def test_a_large_p_of_enough_seeds_is_not() -> None:
    assert "No policy is shown to differ" in comparison_section(comparison(10, p=0.3)).lead


def test_a_worse_policy_is_called_worse() -> None:
    assert "shown to be worse" in comparison_section(comparison(10, p=0.002, gain=-0.1)).lead


def test_effects_are_shown_in_plots_and_figures() -> None:
    section = effects_section(effects())
    assert section.html.count("<svg") == 2
    for figure in ("clone network", "+0.032", "+25 %", "31", "13", "77 %", "0.001"):
        assert figure in shown(section)
    assert "clone_network" not in section.html
    assert "raised by clone network (classification)" in section.lead


def test_effects_that_may_be_chance_are_not_claimed() -> None:
    assert "none stands out from chance" in effects_section(effects(q=0.2)).lead


def test_relevance_has_figures_with_errors() -> None:
    section = relevance_section(diagnosis())
    for figure in ("0.654", "± 0.021", "0.456", "± 0.034", f"{MINUS}0.003", "no path"):
        assert figure in shown(section)
    assert "Most needed: n0 (for digit)" in section.lead
    assert "Of little use to any output: n1" in section.lead


def test_the_more_relevant_the_darker() -> None:
    html = relevance_section(diagnosis()).html
    assert 'class="heat" style="--heat: 1.00">0.654' in html
    assert 'class="heat negative"' in html


def test_guidelines_stand_under_their_verdict() -> None:
    section = guidelines_section(guidelines())
    assert "Avoid" in shown(section)
    assert "avoid clone network" in shown(section)
    assert f"{MINUS}0.050 [{MINUS}0.060, {MINUS}0.040]" in shown(section)
    assert section.lead.startswith("1 of 14 hypotheses")


def test_no_guideline_is_said_plainly() -> None:
    assert (
        "No guideline survived: 9 hypotheses were tested" in guidelines_section(Guidelines((), tested=9)).lead
    )
    assert "no hypothesis was strong enough" in guidelines_section(Guidelines(())).lead


def test_samples_are_two_pictures() -> None:
    html = samples_section(images(), images(12)).html
    assert html.count("data:image/png;base64,") == 2
    assert "Real images: 9 samples of 8 by 8 pixels" in html
    assert "Generated images: 12 samples" in html


def test_samples_keep_their_grey_levels_and_order() -> None:
    import base64
    import io
    import re

    from matplotlib.image import imread

    real = np.stack([np.zeros((1, 8, 8)), np.ones((1, 8, 8)), np.full((1, 8, 8), 0.5)])
    encoded = re.findall(r"base64,([^\"]+)", samples_section(real, real).html)[0]
    picture = imread(io.BytesIO(base64.b64decode(encoded)))
    side = picture.shape[1] // 8
    centres = [float(picture[side // 2, side // 2 + side * place, 0]) for place in range(3)]
    assert centres == pytest.approx([0, 1, 0.5], abs=0.01)


@pytest.mark.parametrize("shape", [(4, 8, 8), (4, 2, 8, 8), (0, 1, 8, 8)])
def test_what_is_no_pictures_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="generated must have shape"):
        samples_section(images(), np.zeros(shape))


def test_the_front_is_listed_and_what_failed_is_counted() -> None:
    section = front_section(candidates(), candidates()[:2])
    assert "4 candidates, 1 diverged, 2 on the front" in section.lead
    assert "0.345" in shown(section)
    assert "0.876" in shown(section)
    assert "0.500" not in shown(section)


def test_provenance_escapes_what_it_is_given() -> None:
    section = provenance_section({HOSTILE: HOSTILE, "seed": "7"})
    assert shown(section).count(HOSTILE) == 2
    assert "script" not in Page(section.html).tags


def test_names_of_outputs_and_policies_are_escaped() -> None:
    sections = [
        best(name=HOSTILE),
        progress_section({HOSTILE: [history(0.4)]}),
        skill_section({HOSTILE: [({HOSTILE: 0.5},)]}),
    ]
    for section in sections:
        page = Page(section.html)
        assert "script" not in page.tags
        assert page.mismatched == []
        assert page.open == []


@pytest.mark.parametrize(
    "section",
    [
        progress_section({}),
        progress_section({"random": [()]}),
        skill_section({"random": [({},)]}),
        effects_section([]),
        relevance_section(Diagnosis(())),
        front_section([], []),
        front_section(candidates()[3:], []),
        guidelines_section(Guidelines(())),
    ],
)
def test_where_there_is_nothing_that_is_said(section: Section) -> None:
    assert shown(section).strip()


def test_the_best_model_says_which_candidate_it_was() -> None:
    assert "candidate 4 of the search" in shown(best(origin="It is candidate 4 of the search."))


def test_guidelines_of_size_alone_are_said_to_be_that() -> None:
    (of_skill,) = guidelines().guidelines
    growth = {"parameters": of_skill.expect["skill:classification"]}
    of_size = replace(of_skill, aim="parameters", expect=growth)
    assert "speaks of size" in str(guidelines_section(Guidelines((of_size,))).lead)
    assert "speak of size" not in str(guidelines_section(Guidelines((of_size, of_skill))).lead)


def measured(metrics: dict[str, float]) -> Score:
    return Score("regression", "mse", 0.5, 0.5, "mse", 0.5, 0.5, metrics)


def test_metrics_are_shown_with_unit_direction_and_what_they_tell() -> None:
    section = metrics_section({"bill": measured({"mse": 0.5, "mae:length": 12.345, "r2": 0.678})})
    for text in ("bill, on test rows", "mean absolute error of length", "12.345", "0.678"):
        assert text in shown(section)
    cells = re.findall(r"<td[^>]*>([^<]+)</td>", unescape(section.html))
    assert {"the target's unit", "lower", "higher"} <= set(cells)
    assert METRICS["mae"].says in shown(section)
    assert METRICS["rmse"].says not in shown(section)


def test_metrics_of_other_versions_and_strange_columns_are_shown_as_they_are() -> None:
    section = metrics_section({HOSTILE: measured({"mse": 0.5, f"mae:{HOSTILE}": 1.0, "of_tomorrow": 2.0})})
    assert "of tomorrow" in shown(section)
    assert f"mean absolute error of {HOSTILE}" in shown(section)
    assert "script" not in Page(section.html).tags
