"""Properties of the sites that an operator lists."""

from __future__ import annotations

from dataclasses import replace

from graftwork.architecture import Architecture
from graftwork.testing._attempt import Attempt
from graftwork.variation import Operator, Refusal, Site

NOWHERE = ("n997", "n998", "n999")


def sites_are_of_the_architecture(attempt: Attempt) -> list[str]:
    """No site twice, each of nodes that are there, and the same list each time."""
    operator, architecture, sites = attempt.operator, attempt.parent.architecture, attempt.sites
    found = [f"{site} is listed more than once" for site in dict.fromkeys(sites) if sites.count(site) > 1]
    found += [
        f"{site} is not of the architecture" for site in sites if not _is_of(architecture, operator, site)
    ]
    return found + ([] if operator.sites(architecture) == sites else ["listed again, the sites are others"])


def foreign_site_is_refused(attempt: Attempt) -> list[str]:
    """Sites of another architecture, and of none, are answered with a refusal."""
    operator, architecture = attempt.operator, attempt.parent.architecture
    others = [site for site in operator.sites(attempt.donor.architecture) if site not in attempt.sites]
    foreign = [replace(attempt.site, nodes=NOWHERE[: len(attempt.site.nodes)], layer=97)]
    foreign += [others[int(attempt.rng.integers(len(others)))]] if others else []
    answers = [
        (site, operator.apply(architecture, site, seed=attempt.seed, space=attempt.space)) for site in foreign
    ]
    return [f"{site} is accepted" for site, answer in answers if not isinstance(answer, Refusal)]


def _is_of(architecture: Architecture, operator: Operator, site: Site) -> bool:
    networks = {network.name: network for network in architecture.networks}
    nodes = {*networks, *(n.name for n in architecture.inputs), *(n.name for n in architecture.outputs)}
    if site.kind == "graft":
        donor = {network.name for network in operator.donor.networks} if operator.donor else set()
        return len(site.nodes) == 2 and site.nodes[0] in donor and site.nodes[1] in nodes
    if site.kind == "model":
        return site.nodes == ()
    if site.kind in ("network", "layer"):
        known = len(site.nodes) == 1 and site.nodes[0] in networks
        return known and (site.kind == "network" or 0 <= site.layer < len(networks[site.nodes[0]].hidden))
    pairs = [(c.source, c.target) for c in architecture.connections]
    if site.kind == "connection":
        return site.nodes in pairs
    return len(set(site.nodes)) == 2 and set(site.nodes) <= nodes
