"""Search spaces say what they hold, and refuse what makes no sense."""

from __future__ import annotations

import re
from typing import Any

import pytest

from graftwork.architecture import ACTIVATIONS, SPACES, SearchSpace, load_space
from graftwork.errors import InputError


def test_paper() -> None:
    space = SearchSpace.paper()
    assert (space.hidden_layers, space.widths, space.activation_per_layer) == ((2, 9), (5, 99), True)
    expected = "identity relu elu softplus softsign sigmoid tanh softmax"
    assert space.activations == tuple(expected.split())
    assert set(space.initialisers) == {"xavier", "uniform", "normal"}


def test_modern() -> None:
    space = SearchSpace.modern()
    assert set(space.activations) == {"relu", "gelu", "silu", "tanh"}
    assert (space.activation_per_layer, set(space.residuals)) == (False, {False, True})
    assert set(space.normalisations) == {"none", "layer"}
    assert space.initialisers == ("he",)


@pytest.mark.parametrize("name", sorted(SPACES))
def test_loaded_by_name_with_other_limits(name: str) -> None:
    assert load_space(name) == SPACES[name]()
    assert load_space(name).name == name
    assert load_space(name, max_networks=3).max_networks == 3
    assert set(load_space(name).activations) <= set(ACTIVATIONS)


def test_an_unknown_space_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"'modernn'.*paper, modern.*did you mean 'modern'"):
        load_space("modernn")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"max_networks": 0}, "max_networks must be a whole number of at least 1, got 0"),
        ({"max_connections": 2.5}, "max_connections must be a whole number"),
        ({"max_parameters": True}, "max_parameters must be a whole number"),
        ({"min_parameters": 10, "max_parameters": 10}, "min_parameters must be below max_parameters"),
        ({"hidden_layers": (3, 2)}, "hidden_layers must be a pair (low, high) with 0 <= low <= high"),
        ({"hidden_layers": (-1, 2)}, "hidden_layers must be a pair"),
        ({"widths": (0, 2)}, "widths must be a pair (low, high) with 1 <= low <= high, got (0, 2)"),
        ({"widths": [5, 9]}, "widths must be a pair"),
        ({"latents": (1, 2, 3)}, "latents must be a pair"),
        ({"activations": ("relu", "step")}, "activations holds ['step']"),
        ({"activations": ()}, "activations must be a tuple with at least one"),
        ({"activations": "relu"}, "activations must be a tuple"),
        ({"initialisers": ("zeros",)}, "initialisers holds ['zeros']"),
        ({"normalisations": ("none", "none")}, "normalisations holds a choice twice"),
        ({"dropouts": (0.0, 1.0)}, "dropouts must be a tuple of shares of at least 0 and below 1"),
        ({"dropouts": (0.1, 0.1)}, "dropouts holds a choice twice"),
        ({"residuals": (None,)}, "residuals holds [None]"),
        ({"max_layers": 3}, "a search space has no max_layers; it has activation_per_layer, activations"),
    ],
)
def test_nonsense_is_refused(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        SearchSpace.modern(**overrides)
