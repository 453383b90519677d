"""The `torch.nn.Module` of an architecture, weights in and out."""

from graftwork.model.construction import build, inherit, with_weights
from graftwork.model.dropout import Dropout
from graftwork.model.heterogeneous import Activations, HeterogeneousModel
from graftwork.model.interface_check import check_answers
from graftwork.model.latents import Given, Latent, PosteriorMean, Reparameterised
from graftwork.model.networks import kl_divergence
from graftwork.model.passes import needed_inputs, needed_networks
from graftwork.model.precision import common_dtype

__all__ = [
    "Activations",
    "Dropout",
    "Given",
    "HeterogeneousModel",
    "Latent",
    "PosteriorMean",
    "Reparameterised",
    "build",
    "check_answers",
    "common_dtype",
    "inherit",
    "kl_divergence",
    "needed_inputs",
    "needed_networks",
    "with_weights",
]
