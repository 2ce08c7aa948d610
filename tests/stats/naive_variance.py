"""The variance of a total, written out as the textbook has it: slow, and sharing no code.

Used to hold the engine against something that was not made from it.
"""

from collections import defaultdict


def variance(rows, depth, lonely="remove", lonely_domains="leave", replaced=False):
    """Variance of the sum of z.

    Each row is a dict with z (weighted, 0 outside the domain), inside (does it belong to the
    domain), labels, strata and fpc: one entry a stage. With `replaced` the first stage alone.
    """
    found = [[] for _ in range(depth)]
    _collect(rows, 0, 1.0, found, 1 if replaced else depth, replaced)
    return sum(_stage(parents, lonely, lonely_domains) for parents in found if parents)


def _collect(rows, stage, factor, found, depth, replaced):
    parents = defaultdict(lambda: defaultdict(list))
    for row in rows:
        parents[row["strata"][stage]][row["labels"][stage]].append(row)
    for clusters in parents.values():
        first = next(iter(clusters.values()))[0]
        fraction = 0.0 if replaced else len(clusters) / first["fpc"][stage]
        totals = [sum(row["z"] for row in members) for members in clusters.values()]
        held = [any(row["inside"] for row in members) for members in clusters.values()]
        found[stage].append((factor, fraction, totals, held))
        if stage + 1 < depth:
            for members in clusters.values():
                _collect(members, stage + 1, factor * fraction, found, depth, replaced)


def _stage(parents, lonely, lonely_domains):
    every = [total for _, _, totals, _ in parents for total in totals]
    grand = sum(every) / len(every)
    seen, alone, added = 0.0, 0, 0.0
    for factor, fraction, totals, held in parents:
        n = len(totals)
        if n == 1:
            if factor * (1 - fraction) > 0:
                alone += 1
                added += factor * (1 - fraction) * (totals[0] - grand) ** 2
            continue
        centre = sum(totals) / n
        if lonely_domains == "adjust" and sum(held) == 1:
            centre = 0.0
        squares = sum((total - centre) ** 2 for total in totals)
        seen += factor * (1 - fraction) * n / (n - 1) * squares
    if lonely == "adjust":
        return seen + added
    if lonely == "average":
        return seen * len(parents) / (len(parents) - alone)
    return seen
