"""Two-sample tests: are generated networks distributed as real ones? Mathematics on arrays alone.

Every function takes one row a network: its weights end to end, or its actions on fixed states. Distances are
Euclidean, in the units of the rows.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nnit.errors import UserError

LEAST = 10  # networks in a set: two for each part of the cross-validation
NEIGHBOURS = 5  # of precision and recall
_PARTS = 5  # of the cross-validation
_STRENGTH = 1.0  # C of the classifier times the number of features
_PERMUTATIONS = 500

_Rows = Float[np.ndarray, "networks features"]


@dataclass(frozen=True)
class Comparison:
    """How a generated set differs from a real one.

    Attributes:
        classifier_accuracy: of telling generated from real networks, see `classifier_accuracy`.
        control_accuracy: of telling a second real set from the first.
        energy: see `energy_test`.
        energy_null95: below this are 95 % of what two sets of one distribution have.
        precision: share of generated networks that lie where real ones do, see `precision_recall`.
        recall: share of real networks that lie where generated ones do.
        mean_offset: see `mean_offset`.
        variance_ratio: total variance of the generated set over the real set's.
        unexplained_ratio: share of variance that latents do not explain over the real set's, see
            `unexplained_share`; None where a set has no latents or does not vary.
    """

    classifier_accuracy: float
    control_accuracy: float
    energy: float
    energy_null95: float
    precision: float
    recall: float
    mean_offset: float
    variance_ratio: float
    unexplained_ratio: float | None


def compare(
    generated: _Rows,
    real: _Rows,
    control: _Rows,
    *,
    generated_latents: Float[np.ndarray, "networks latent"] | None,
    real_latents: Float[np.ndarray, "networks latent"] | None,
    seed: int,
) -> Comparison:
    """All tests of a generated set against a real one.

    Args:
        generated: what is tested.
        real: what it should be distributed as.
        control: drawn as `real` is, independently of it.
        generated_latents: what tells generated networks apart, as far as it is known.
        real_latents: likewise of the real ones.
        seed: of folds and permutations.

    Raises:
        UserError: a set has fewer than `LEAST` networks, or the real ones do not differ.
    """
    if min(map(len, (generated, real, control))) < LEAST:
        raise UserError(f"a two-sample test needs {LEAST} networks of each kind")
    if not _vary(real):
        raise UserError(
            "the real networks do not differ, so that nothing can be compared with them"
        )
    energy, null95 = energy_test(generated, real, np.random.default_rng(seed))
    precision, recall = precision_recall(generated, real)
    shares = [
        None if latents is None else unexplained_share(rows, latents, seed)
        for rows, latents in ((generated, generated_latents), (real, real_latents))
    ]
    return Comparison(
        classifier_accuracy=classifier_accuracy(generated, real, seed),
        control_accuracy=classifier_accuracy(control, real, seed),
        energy=energy,
        energy_null95=null95,
        precision=precision,
        recall=recall,
        mean_offset=mean_offset(generated, real),
        variance_ratio=total_variance(generated) / total_variance(real),
        unexplained_ratio=shares[0] / shares[1] if shares[0] is not None and shares[1] else None,
    )


def classifier_accuracy(one: _Rows, other: _Rows, seed: int) -> float:
    """How often a linear classifier says rightly which set a row is of, cross-validated; 0.5 is chance.

    Classifier two-sample test (Lopez-Paz and Oquab 2017) with logistic regression, scikit-learn's `LogisticRegression`.
    In each of five folds every feature is brought to mean 0 and standard deviation 1 over the rows trained on. The
    penalty is L2 with C = 1 over the number of features, so that it is as strong for any number of them. Sets of
    different sizes weigh the same.
    """
    rows = np.concatenate([one, other]).astype(np.float64)
    labels = np.repeat([0, 1], [len(one), len(other)])
    classifier = make_pipeline(
        StandardScaler(),
        # A rotation, which an L2 penalty does not notice; it leaves no more features than rows.
        PCA(svd_solver="full"),
        LogisticRegression(C=_STRENGTH / rows.shape[1], class_weight="balanced", max_iter=1000),
    )
    folds = StratifiedKFold(_PARTS, shuffle=True, random_state=seed % 2**32)
    scores = cross_val_score(classifier, rows, labels, cv=folds, scoring="balanced_accuracy")
    return float(np.mean(scores))


def energy_test(generated: _Rows, real: _Rows, rng: np.random.Generator) -> tuple[float, float]:
    """Energy distance over the mean distance of real rows, and below what 95 % of the null lie.

    Székely and Rizzo 2013: 2 E|X - Y| - E|X - X'| - E|Y - Y'|, each mean over pairs of different rows, so that it
    is 0 on average, and may be below 0, for two sets of one distribution. The null comes from 500 random splits of
    all rows together, divided by the same distance.
    """
    rows = np.concatenate([generated, real]).astype(np.float64)
    distances = cdist(rows, rows)
    first = np.arange(len(rows)) < len(generated)
    splits = np.stack([first, *(rng.permutation(first) for _ in range(_PERMUTATIONS))])
    energies = _energies(distances, splits.astype(np.float64))
    energies /= _mean_distance(distances[len(generated) :, len(generated) :])
    return float(energies[0]), float(np.quantile(energies[1:], 0.95))


def _energies(
    distances: Float[np.ndarray, "rows rows"], splits: Float[np.ndarray, "splits rows"]
) -> Float[np.ndarray, " splits"]:
    """The energy distance between rows that are 1 and rows that are 0, for each split."""
    means = []
    for a, b in ((splits, splits), (1 - splits, 1 - splits), (splits, 1 - splits)):
        pairs = a.sum(1) * b.sum(1) - (a * b).sum(1)  # no row with itself
        means.append(np.einsum("sr,sr->s", a @ distances, b) / pairs)
    within, other, across = means
    return np.asarray(2 * across - within - other)


def _mean_distance(distances: Float[np.ndarray, "rows rows"]) -> float:
    """Mean over pairs of different rows."""
    count = len(distances)
    return float(distances.sum() / (count * (count - 1)))


def precision_recall(
    generated: _Rows, real: _Rows, neighbours: int = NEIGHBOURS
) -> tuple[float, float]:
    """Shares of each set that lie within the other: how good samples are, and how much they cover.

    Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative Models"
    (arXiv 1904.06991): a set covers the balls around its rows that reach to the `neighbours`-th nearest row of the
    same set. They take 3 neighbours among tens of thousands of rows. Of 128 networks of the zoo such balls cover 0.7
    to 0.9 of 128 others (push-v3, 27-45), balls to the fifth neighbour 0.85 to 0.95.
    """
    return _covered(generated, real, neighbours), _covered(real, generated, neighbours)


def _covered(rows: _Rows, by: _Rows, neighbours: int) -> float:
    """Share of rows within the ball of any row of `by`."""
    distances = cdist(rows, by)
    return float((distances <= _radii(by, neighbours)).any(1).mean())


def _radii(rows: _Rows, neighbours: int) -> Float[np.ndarray, " rows"]:
    """Distance of each row to its `neighbours`-th nearest other one."""
    return np.partition(cdist(rows, rows), neighbours, axis=1)[:, neighbours]


def mean_offset(generated: _Rows, real: _Rows) -> float:
    """Distance of the means of both sets over the mean distance of two real rows.

    Means of finite sets differ by chance. The square of their distance exceeds that of the true means by the sum of
    both total variances over the numbers of rows, on average, which is subtracted; less than nothing counts as 0.
    """
    square = np.square(generated.mean(0) - real.mean(0)).sum()
    chance = sum(total_variance(rows) / len(rows) for rows in (generated, real))
    return float(np.sqrt(max(0.0, square - chance)) / _mean_distance(cdist(real, real)))


def total_variance(rows: _Rows) -> float:
    """The variances of all features added up."""
    return float(rows.var(0, ddof=1, dtype=np.float64).sum())


def unexplained_share(
    rows: _Rows, latents: Float[np.ndarray, "networks latent"], seed: int
) -> float | None:
    """Share of the variance of rows that is not linear in their latents; None where they do not vary.

    Squared errors of a ridge regression (penalty 1, latents of standard deviation 1) over those of the mean, both for
    rows that they were not fitted to, in five folds. A little above 1 where latents say nothing.
    """
    if not _vary(rows):
        return None
    folds = KFold(_PARTS, shuffle=True, random_state=seed % 2**32)
    errors = [
        np.square(rows - cross_val_predict(model, latents, rows, cv=folds)).sum()
        for model in (Ridge(alpha=1.0), DummyRegressor())
    ]
    return float(errors[0] / errors[1])


def _vary(rows: _Rows) -> bool:
    """Whether any row differs from the first one; variances of equal rows need not be exactly 0."""
    return bool((rows != rows[0]).any())
