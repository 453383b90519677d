"""What is fitted does not depend on how many threads the process happens to use."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from graftwork.problem import Generation, Problem


@pytest.mark.parametrize("threads", [2, 4])
def test_a_problem_is_fitted_to_the_same_bits_on_any_number_of_threads(threads: int) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(3000, 96)) @ random.normal(size=(96, 96))
    fitted, before = [], torch.get_num_threads()
    for count in (1, threads):
        torch.set_num_threads(count)
        try:
            problem = Problem.from_arrays("p", inputs={"x": rows}, outputs={"y": (Generation(), rows)})
            assert torch.get_num_threads() == count
        finally:
            torch.set_num_threads(before)
        output = problem.outputs["y"]
        assert isinstance(output, Generation)
        assert output.whitening is not None
        fitted.append((output.whitening.projection, problem.trivial_scores()["y"].value))
    assert torch.equal(fitted[0][0], fitted[1][0])
    assert fitted[0][1] == fitted[1][1]
