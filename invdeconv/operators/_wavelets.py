"""Orthonormal wavelets: strided periodic convolutions whose adjoint is their inverse."""

from __future__ import annotations

import math

import numpy as np

from invdeconv import checks
from invdeconv.arrays import Array, namespace
from invdeconv.operators._diagonal import Diagonal
from invdeconv.operators._linear_operator import LinearOperator
from invdeconv.operators.convolution import Convolution

__all__ = ["Wavelets", "filters", "wavelet_details"]


class Wavelets(LinearOperator):
    """The decimated periodic wavelet transform: W.H(W(x)) = x and ‖Wx‖ = ‖x‖ for every size.

    Each level splits each axis into two strided periodic convolutions, low-pass and high-pass. Output is
    one vector: details from the finest level to the coarsest, the scaling coefficients last.

    Parameters
    ----------
    shape : tuple of int
        Shape of x. An axis that 2^level does not divide is lengthened by the reflection that maps constants
        to constants, so to speak by its mean: W stays an isometry, and constants have no details. Axes
        of one sample are left alone.
    wavelet : str, default "db4"
        Name of an orthogonal wavelet of PyWavelets: "db1" (Haar) to "db38", "sym2" …, "coif1" ….
    level : int >= 1, optional
        Default: until the shortest axis would be shorter than the filter, at least 1.

    Raises
    ------
    InvalidInputError
        If the wavelet is unknown or not orthogonal, the level no positive integer or more than the longest
        axis can be halved, or no axis has two samples.

    Notes
    -----
    Cost: one pass per filter tap and axis on the finest level, 1/(1 − 2^−d) times that in all.

    References
    ----------
    .. [1] S. Mallat, "A theory for multiresolution signal decomposition", IEEE PAMI 11 (1989) 674, Eq. (16).

    Examples
    --------
    >>> import numpy as np
    >>> from invdeconv.operators import Wavelets
    >>> W = Wavelets((4,), "db1", level=1)
    >>> bool(np.allclose(W(np.array([1.0, 1, 5, 5])), [0, 0, 2**0.5, 5 * 2**0.5]))
    True
    """

    def __init__(self, shape: tuple[int, ...], wavelet: str = "db4", *, level: int | None = None) -> None:
        shape = checks.shape("Wavelets", "shape", shape)
        axes = [axis for axis, n in enumerate(shape) if n > 1]
        if not axes:
            checks.refuse("Wavelets", "shape", "have an axis of two samples", shape, "Nothing varies here.")
        low, high = filters(wavelet)
        if level is None:
            deepest = min(shape[axis] for axis in axes) / max(low.size - 1, 1)
            level = max(1, int(math.log2(deepest))) if deepest >= 1 else 1
        level = checks.integer("Wavelets", "level", level, minimum=1)
        if 2**level >= 2 * max(shape):
            advice = f"At most {math.ceil(math.log2(max(shape)))} here."
            checks.refuse("Wavelets", "level", "halve the longest axis to one sample or more", level, advice)
        self.wavelet, self.level = wavelet, level
        whole = tuple(-(-n // 2**level) * 2**level if axis in axes else n for axis, n in enumerate(shape))
        self._grown = tuple((axis, whole[axis]) for axis in axes if whole[axis] != shape[axis])
        # One pair of filters per level and axis; the axes before it are halved already.
        self._stages: list[list[tuple[Convolution, Convolution]]] = []
        sizes = list(whole)
        for _ in range(level):
            stage = []
            for axis in axes:
                stage.append((_along(low, sizes, axis), _along(high, sizes, axis)))
                sizes[axis] //= 2
            self._stages.append(stage)
        self._coarse = tuple(sizes)
        super().__init__(shape, (math.prod(whole),))

    @property
    def n_details(self) -> int:
        """How many of the coefficients, the first ones, are details."""
        return self.output_shape[0] - math.prod(self._coarse)

    def _forward(self, x: Array) -> Array:
        xp = namespace(x)
        for axis, length in self._grown:
            x = _lengthened(x, axis, length)
        parts = []
        for stage in self._stages:
            bands = [x]
            for pair in stage:
                bands = [filter_(band) for band in bands for filter_ in pair]
            x, *details = bands
            parts += [xp.reshape(band, (-1,)) for band in details]
        return xp.concat([*parts, xp.reshape(x, (-1,))])

    def _adjoint(self, y: Array) -> Array:
        xp = namespace(y)
        end = self.n_details
        x = xp.reshape(y[end:], self._coarse)
        for stage in reversed(self._stages):
            count = 2 ** len(stage) - 1
            size = math.prod(x.shape)
            begin = end - count * size
            bands = [x]
            bands += [xp.reshape(y[begin + i * size : begin + (i + 1) * size], x.shape) for i in range(count)]
            for low, high in reversed(stage):
                pairs = zip(bands[::2], bands[1::2], strict=True)
                bands = [low.H(a) + high.H(b) for a, b in pairs]
            x, end = bands[0], begin
        for axis, _ in reversed(self._grown):
            x = _shortened(x, axis, self.input_shape[axis])
        return x

    def _label(self) -> str:
        return f"Wavelets {self.wavelet}, level {self.level}"


def wavelet_details(
    shape: tuple[int, ...], wavelet: str = "db4", *, level: int | None = None
) -> LinearOperator:
    """Return the details of `Wavelets` alone, the scaling coefficients set to 0: a regularizer."""
    W = Wavelets(shape, wavelet, level=level)
    return Diagonal(np.arange(W.output_shape[0]) < W.n_details) @ W


def filters(wavelet: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the low-pass and the high-pass of an orthogonal wavelet, each of norm 1."""
    import pywt

    name = checks.choice("Wavelets", "wavelet", wavelet, pywt.wavelist(kind="discrete"))
    found = pywt.Wavelet(name)
    low, high = np.array(found.dec_lo), np.array(found.dec_hi)
    products = np.correlate(low, low, "full")[low.size - 1 :: 2]
    if not found.orthogonal or abs(products[0] - 1) > 1e-9 or np.abs(products[1:]).max(initial=0) > 1e-9:
        advice = 'Take one of the families "db", "sym" and "coif".'
        checks.refuse("Wavelets", "wavelet", "be orthogonal", repr(wavelet), advice)
    return low, high


def _along(taps: np.ndarray, sizes: list[int], axis: int) -> Convolution:
    ndim = len(sizes)
    kernel = taps.reshape([-1 if i == axis else 1 for i in range(ndim)])
    stride = tuple(2 if i == axis else 1 for i in range(ndim))
    return Convolution(kernel, tuple(sizes), stride=stride, boundary="periodic")


# [x; 0] reflected by the Householder matrix I − 2wwᵀ/‖w‖², w = [1; 0]/√n − [1; 1]/√N: an isometry that
# maps constants to constants and leaves arrays of mean zero alone.
def _lengthened(x: Array, axis: int, length: int) -> Array:
    xp = namespace(x)
    n = x.shape[axis]
    mean = xp.mean(x, axis=axis, keepdims=True)
    root = math.sqrt(n / length)
    tail = xp.broadcast_to(mean * root, tuple(length - n if i == axis else m for i, m in enumerate(x.shape)))
    return xp.concat([x - mean * (1 - root), tail], axis=axis)


def _shortened(y: Array, axis: int, n: int) -> Array:
    xp = namespace(y)
    length = y.shape[axis]
    before = (slice(None),) * axis
    head, tail = y[(*before, slice(0, n), ...)], y[(*before, slice(n, length), ...)]
    root = math.sqrt(n / length)
    mean = xp.mean(head, axis=axis, keepdims=True)
    return head - mean * (1 - root) + xp.sum(tail, axis=axis, keepdims=True) * (root / n)
