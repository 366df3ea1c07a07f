"""Decision feedback: past symbols are decided, then subtracted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from invdeconv.arrays import Array, is_numpy, like
from invdeconv.checks import refuse
from invdeconv.equalization._constellation import Constellation
from invdeconv.equalization._equalizer import Equalizer, FilterState

__all__ = ["DecisionFeedbackEqualizer", "FeedbackState"]


@dataclass(frozen=True, eq=False)
class FeedbackState(FilterState):
    """Where a stream was cut.

    Attributes
    ----------
    decisions : ndarray
        The last decisions, oldest first, shape (…, feedback taps); 0 before the first symbol.
    """

    decisions: np.ndarray


@dataclass(frozen=True, eq=False)
class DecisionFeedbackEqualizer(Equalizer):
    """A filter, and feedback of what was decided: see `Equalizer` for the other attributes.

    Attributes
    ----------
    feedback : ndarray
        bᵢ, subtracted times the decision on symbol k − i, i = 1, 2, ….

    Examples
    --------
    >>> from invdeconv.equalization import Channel, Constellation, zf_dfe
    >>> channel = Channel([1, 0.9])
    >>> burst = channel.transmit([1, -1, -1, 1], n0=0)
    >>> zf_dfe(channel, taps=1, delay=0).equalize(burst, Constellation.pam(2))[:4]
    array([ 1., -1., -1.,  1.])
    """

    feedback: np.ndarray

    @property
    def _limit(self) -> str:
        return "mmse_dfe" if self.criterion == "mmse" else "zf_dfe"

    def unbiased(self) -> Self:
        """Return the equalizer scaled so that it passes each symbol with gain 1.

        Returns
        -------
        DecisionFeedbackEqualizer
            Feedforward and feedback taps scaled alike.
        """
        return replace(super().unbiased(), feedback=self.feedback / self.bias)

    def equalize(self, received: Any, constellation: Constellation) -> np.ndarray:
        """Estimate the symbols of a burst, deciding each before the next.

        Parameters
        ----------
        received : array
            NumPy, shape (…, m): one burst per row, as in `LinearEqualizer.equalize`.
        constellation : Constellation
            The alphabet of the decisions, of the energy of the design.

        Returns
        -------
        ndarray
            Shape (…, ⌈m/s⌉): entry k is what the decision on symbol k sees. ``constellation.decide`` on
            the `unbiased` equalizer's output is that decision.

        Raises
        ------
        InvalidInputError
            As `LinearEqualizer.equalize`; if `received` is no NumPy array; if `constellation` is no
            Constellation, of another energy than the design, or complex for real symbols.

        Warns
        -----
        InputWarning
            ``IDW012``: if `constellation` and channel are real and the design is for complex symbols.

        Notes
        -----
        Decisions follow one another: the cost is per symbol period, so many bursts cost little more than
        one. Pass them as rows.
        """
        name = "DecisionFeedbackEqualizer.equalize"
        burst = self._flushed(self._received(name, received))
        return self._run(name, burst, constellation, None)[0]

    def stream(
        self, received: Any, constellation: Constellation, state: FeedbackState | None = None
    ) -> tuple[np.ndarray, FeedbackState]:
        """Estimate the symbols of the next chunk of a stream.

        Parameters
        ----------
        received : array
            Shape (…, m), m a multiple of the samples per symbol.
        constellation : Constellation
            As in `equalize`.
        state : FeedbackState, optional
            What the chunk before returned; None begins a stream.

        Returns
        -------
        symbols : ndarray
            Chunks put together are what one chunk gives.
        state : FeedbackState

        Raises
        ------
        InvalidInputError
            As `equalize`; if the chunk cuts a symbol period, or `state` is of other rows or taps.
        """
        name = "DecisionFeedbackEqualizer.stream"
        return self._run(name, self._received(name, received), constellation, state)

    def _run(
        self, function: str, received: Array, constellation: Constellation, state: FeedbackState | None
    ) -> tuple[np.ndarray, FeedbackState]:
        self._check(function, constellation, state)
        forward, after = self._filtered(function, received, state)
        if not is_numpy(forward):
            advice = "Decisions follow one another on the host: pass a NumPy array."
            refuse(function, "received", "be a NumPy array", type(forward).__name__, advice)
        lead, n, count = forward.shape[:-1], forward.shape[-1], self.feedback.size
        points = constellation.points
        feedback = self.feedback[::-1]
        decisions = np.zeros((*lead, count + n), points.dtype)
        if state is not None:
            decisions[..., :count] = state.decisions
        symbols = forward.astype(np.result_type(forward, feedback, points))
        scaled = points * self.bias
        for k in range(n):
            symbols[..., k] -= decisions[..., k : k + count] @ feedback
            nearest = np.abs(symbols[..., k, None] - scaled).argmin(-1)
            decisions[..., count + k] = points[nearest]
        return like(symbols, forward), FeedbackState(after.history, after.ahead, decisions[..., n:])

    def _check(self, function: str, constellation: Constellation, state: FeedbackState | None) -> None:
        fits = isinstance(state, FeedbackState) and state.decisions.shape[-1:] == self.feedback.shape
        if state is not None and not fits:
            advice = "Pass what the chunk before returned."
            refuse(function, "state", "come from this equalizer", type(state).__name__, advice)
        if not isinstance(constellation, Constellation):
            advice = "Pass one, for instance Constellation.qam(4)."
            refuse(function, "constellation", "be a Constellation", type(constellation).__name__, advice)
        if self.link.real_symbols and not constellation.is_real:
            advice = "Design without real_symbols."
            refuse(
                function, "constellation", "be real, as the symbols of the design", "complex points", advice
            )
        self._warn_of_real_symbols(real=constellation.is_real)
        es = self.link.es
        if abs(constellation.es - es) > 1e-6 * es:
            advice = "Design with es=constellation.es."
            refuse(
                function,
                "constellation",
                f"have the energy {es:g} of the design",
                f"{constellation.es:g}",
                advice,
            )
