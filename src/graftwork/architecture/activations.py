"""Names of what a layer can be made of; the model package knows what they compute."""

from __future__ import annotations

ACTIVATIONS: tuple[str, ...] = (
    "identity",
    "relu",
    "elu",
    "softplus",
    "softsign",
    "sigmoid",
    "tanh",
    "softmax",
    "gelu",
    "silu",
)
INITIALISERS: tuple[str, ...] = ("he", "xavier", "uniform", "normal")
NORMALISATIONS: tuple[str, ...] = ("none", "layer")
