"""Designed equalizers: what they do to a channel, and filtering with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from invdeconv.arrays import Array, along, is_complex, namespace, zeros_like_data
from invdeconv.checks import finite_array, refuse, warn
from invdeconv.equalization._link import Link
from invdeconv.equalization.theory._folded_spectrum import limit_of
from invdeconv.operators import Convolution

__all__ = ["Equalizer", "FilterState", "LinearEqualizer"]


@dataclass(frozen=True, eq=False)
class FilterState:
    """Where a stream was cut.

    Attributes
    ----------
    history : array
        The last samples, shape (…, taps − 1).
    ahead : int
        Outputs still to come before the first symbol.
    """

    history: Array
    ahead: int


@dataclass(frozen=True, eq=False)
class Equalizer:
    """What `mmse`, `zero_forcing`, `mmse_dfe` and `zf_dfe` share.

    Attributes
    ----------
    taps : ndarray
        The feedforward filter w, at the spacing of the channel's samples.
    delay : int
        d in symbols: after sample s·k the output is the estimate of symbol k − d.
    cascade : ndarray
        Channel and equalizer together at the symbol rate, entry d the symbol itself; with feedback, what
        right decisions leave of it.
    noise_variance : float
        Of the noise in the output.
    link : Link
        What it was designed for: ``channel``, ``n0``, ``es``, ``real_symbols``, ``noise_correlation``.
    criterion : str
        "mmse" or "zero forcing".
    """

    taps: np.ndarray
    delay: int
    cascade: np.ndarray
    noise_variance: float
    link: Link
    criterion: str

    @property
    def bias(self) -> complex | float:
        """What the output holds of the symbol itself: 1 if unbiased."""
        return self.cascade[self.delay].item()

    @property
    def mse(self) -> float:
        """E|output − symbol|²."""
        off = self.cascade.copy()
        off[self.delay] -= 1
        return float(self.link.es * np.sum(np.abs(off) ** 2) + self.noise_variance)

    @property
    def sinr(self) -> float:
        """Power of the symbol over that of interference and noise; es/mse − 1 for MMSE."""
        interference = np.delete(self.cascade, self.delay)
        rest = self.link.es * np.sum(np.abs(interference) ** 2) + self.noise_variance
        signal = self.link.es * abs(self.bias) ** 2
        return float(signal / rest) if rest > 0 else np.inf

    @property
    def output_n0(self) -> float:
        """N0 of the `unbiased` output, interference counted as noise: what `Constellation.llr` takes."""
        return (2 if self.link.real_symbols else 1) * self.link.es / self.sinr

    @property
    def infinite_length(self) -> float:
        """The mse that more and more taps come to: see `theory`."""
        return limit_of(self.link, self._limit)

    @property
    def _limit(self) -> str:
        raise NotImplementedError

    def unbiased(self) -> Self:
        """Return the equalizer scaled so that it passes each symbol with gain 1.

        Returns
        -------
        Equalizer
            Of larger mse, the same sinr, and right for decisions on any alphabet.
        """
        gain = self.bias
        return replace(
            self,
            taps=self.taps / gain,
            cascade=self.cascade / gain,
            noise_variance=self.noise_variance / abs(gain) ** 2,
        )

    def _filtered(
        self, function: str, received: Array, state: FilterState | None
    ) -> tuple[Array, FilterState]:
        """Return the feedforward outputs that estimate symbols, and the state after them."""
        s, k = self.link.channel.samples_per_symbol, self.taps.size
        lead = tuple(received.shape[:-1])
        if received.shape[-1] % s:
            got = received.shape[-1]
            refuse(function, "received", f"hold whole symbols of {s} samples", got, "Cut elsewhere.")
        if state is None:
            state = FilterState(zeros_like_data((*lead, k - 1), received), self.delay)
        if not isinstance(state, FilterState) or tuple(state.history.shape) != (*lead, k - 1):
            got = f"history of shape {tuple(getattr(state, 'history', np.empty(0)).shape)}"
            advice = "Pass what the chunk before returned."
            refuse(function, "state", f"fit received {tuple(received.shape)}", got, advice)
        xp = namespace(received)
        samples = xp.concat([state.history, received], axis=-1)
        ones = (1,) * len(lead)
        w = Convolution(self.taps.reshape(*ones, k), samples.shape, stride=(*ones, s), padding="valid")
        outputs = w(samples)
        ahead = min(state.ahead, outputs.shape[-1])
        history = samples[along(samples.ndim, samples.ndim - 1, slice(received.shape[-1], None))]
        kept = outputs[along(outputs.ndim, outputs.ndim - 1, slice(ahead, None))]
        return kept, FilterState(history, state.ahead - ahead)

    def _received(self, function: str, received: Any) -> Array:
        received = finite_array(function, "received", received)
        if self.link.real_symbols and is_complex(received):
            advice = "Take its real part, or design without real_symbols."
            refuse(function, "received", "be real, as the symbols of the design", received.dtype, advice)
        return received

    def _warn_of_real_symbols(self, *, real: bool) -> None:
        """Warn of symbols that are real in a design that counts on complex ones."""
        if real and self.link.n0 and not self.link.real_symbols and not is_complex(self.link.channel.taps):
            what = "real symbols meet an equalizer designed for complex ones, and for twice their noise"
            warn("IDW012", what, "Design with real_symbols=True")

    def _flushed(self, received: Array) -> Array:
        """Return the burst followed by the silence that its last symbols need to come out."""
        s = self.link.channel.samples_per_symbol
        n = -(-received.shape[-1] // s)
        silence = (n + self.delay) * s - received.shape[-1]
        tail = zeros_like_data((*received.shape[:-1], silence), received)
        return namespace(received).concat([received, tail], axis=-1)


@dataclass(frozen=True, eq=False)
class LinearEqualizer(Equalizer):
    """A linear filter that undoes a channel: see `Equalizer` for its attributes.

    Examples
    --------
    >>> from invdeconv.equalization import Channel, mmse
    >>> channel = Channel([1, 0.5])
    >>> equalizer = mmse(channel, n0=1e-6, taps=21, real_symbols=True)
    >>> burst = channel.transmit([1, -1, -1, 1], n0=0)
    >>> equalizer.equalize(burst)[:4].round(3)
    array([ 1., -1., -1.,  1.])
    """

    @property
    def _limit(self) -> str:
        return "mmse_linear" if self.criterion == "mmse" else "zf_linear"

    def equalize(self, received: Any) -> Array:
        """Estimate the symbols of a burst.

        Parameters
        ----------
        received : array
            Shape (…, m): one burst per row, the first sample through tap 0, as
            ``channel.transmit`` gives it. Silence is assumed before and after.

        Returns
        -------
        array
            Shape (…, ⌈m/s⌉): entry k estimates symbol k. The last memory of the channel are no symbols.

        Raises
        ------
        InvalidInputError
            If `received` is empty, not finite, or complex for an equalizer of real symbols.

        Warns
        -----
        InputWarning
            ``IDW012``: if `received` is real and the design is not for real symbols.

        Notes
        -----
        A strided convolution: taps/s multiplications per sample, or an FFT where that is cheaper.
        """
        name = "LinearEqualizer.equalize"
        return self._filtered(name, self._flushed(self._received(name, received)), None)[0]

    def stream(self, received: Any, state: FilterState | None = None) -> tuple[Array, FilterState]:
        """Estimate the symbols of the next chunk of a stream.

        Parameters
        ----------
        received : array
            Shape (…, m), m a multiple of the samples per symbol.
        state : FilterState, optional
            What the chunk before returned; None begins a stream.

        Returns
        -------
        symbols : array
            The first chunk brings `delay` symbols less than it has periods; chunks put together are
            what one chunk gives.
        state : FilterState

        Raises
        ------
        InvalidInputError
            As `equalize`; if the chunk cuts a symbol period, or `state` is of other rows or taps.
        """
        name = "LinearEqualizer.stream"
        return self._filtered(name, self._received(name, received), state)

    def _received(self, function: str, received: Any) -> Array:
        received = super()._received(function, received)
        self._warn_of_real_symbols(real=not is_complex(received))
        return received
