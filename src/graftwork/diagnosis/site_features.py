"""What is known of a place in a model before an operator is applied there.

Features are named by the kind of an output and never by its name, so that what is learnt of them on one
problem can be asked of another.
"""

from __future__ import annotations

from collections.abc import Mapping

from graftwork.architecture import Architecture
from graftwork.diagnosis._diagnosis import Diagnosis
from graftwork.problem import Score
from graftwork.variation import Site

KINDS = ("classification", "regression", "generation")

FEATURES: Mapping[str, str] = {
    **{f"reaches_{kind}": f"the network reaches an output of {kind}" for kind in KINDS},
    "exclusive": "the network serves one output alone",
    **{
        f"relevance_rank_{kind}": f"rank of the network's relevance for {kind}, 0 least, 1 most"
        for kind in KINDS
    },
    "irrelevance": "1 - the network's highest rank of relevance for any output",
    "parameter_share": "the network's share of all parameters",
    "is_decoder": "the network is a decoder",
    **{f"skill_{kind}": f"skill of the model's output of {kind}" for kind in KINDS},
    "networks": "number of networks in the model",
}


def focus(architecture: Architecture, site: Site) -> str | None:
    """The network that a site is about; none for the whole model.

    That is itself, or the target of a connection, or its source where the target is an output.
    """
    names = [name for name in reversed(site.nodes) if name in architecture.network_names]
    return names[0] if names else None


def site_features(
    architecture: Architecture, diagnosis: Diagnosis, scores: Mapping[str, Score], site: Site
) -> dict[str, float]:
    """The features of `FEATURES` that hold at a site; those of a kind that the problem lacks are left out."""
    features = {f"skill_{kind}": value for kind, value in _skills(scores).items()}
    features["networks"] = float(len(architecture.networks))
    name = focus(architecture, site)
    if name is None:
        return features
    ranks = relevance_ranks(diagnosis)
    for output in architecture.outputs:
        reach, rank = f"reaches_{output.kind}", f"relevance_rank_{output.kind}"
        features[reach] = max(features.get(reach, 0.0), diagnosis.value(name, "reaches", output.name))
        features[rank] = max(features.get(rank, 0.0), ranks[name][output.name])
    features["irrelevance"] = 1.0 - max(ranks[name].values())
    features["exclusive"] = diagnosis.value(name, "exclusive")
    features["parameter_share"] = diagnosis.value(name, "parameter_share")
    features["is_decoder"] = float(architecture.network(name).is_decoder)
    return features


def relevance_ranks(
    diagnosis: Diagnosis, metric: str = "relevance_permutation"
) -> dict[str, dict[str, float]]:
    """Rank of every network's relevance for each output, from 0 (least) to 1 (most); ties by their mean."""
    from scipy.stats import rankdata

    table = diagnosis.table(metric)
    names = list(table)
    ranks: dict[str, dict[str, float]] = {name: {} for name in names}
    for output in table[names[0]]:
        order = rankdata([table[name][output] for name in names])
        for name, rank in zip(names, order, strict=True):
            ranks[name][output] = float((rank - 1) / (len(names) - 1)) if len(names) > 1 else 1.0
    return ranks


def _skills(scores: Mapping[str, Score]) -> dict[str, float]:
    skills: dict[str, list[float]] = {}
    for score in scores.values():
        skills.setdefault(score.kind, []).append(score.decision_skill)
    return {kind: sum(values) / len(values) for kind, values in skills.items()}
