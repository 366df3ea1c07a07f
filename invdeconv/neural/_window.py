"""Where a layer's windows lie on one axis: what every framework's padding words come down to."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Window", "extent", "forward_window", "same_pads"]


@dataclass(frozen=True, slots=True)
class Window:
    """One axis of a layer's canonical convolution: output i of m reads input s·i + d·j − before of n.

    A transposed layer maps m samples to n, an ordinary one n samples to m; the window is the same.
    """

    n: int
    m: int
    k: int
    stride: int
    dilation: int
    before: int

    @property
    def _excess(self) -> int:
        """Samples of the axis behind the last one a window reads; negative where windows hang over."""
        return self.n + self.before - ((self.m - 1) * self.stride + extent(self.k, self.dilation))

    @property
    def pads(self) -> tuple[int, int]:
        """Zeros the convolution adds before and after."""
        return max(0, self.before), max(0, -self._excess)

    @property
    def crop(self) -> tuple[int, int]:
        """Samples at both ends that no window reads and that no pad of a convolution can skip.

        Fewer than `stride` unread samples at the end need no crop: the convolution skips them itself.
        """
        return max(0, -self.before), self._excess if self._excess >= self.stride else 0


def extent(k: int, dilation: int) -> int:
    """Return the samples a dilated kernel spans."""
    return (k - 1) * dilation + 1


def forward_window(n: int, k: int, stride: int, dilation: int, before: int, after: int) -> Window:
    """Return the window of an ordinary layer; m may come out below 1, for the caller to refuse."""
    m = (n + before + after - extent(k, dilation)) // stride + 1
    return Window(n, m, k, stride, dilation, before)


def same_pads(n: int, k: int, stride: int, dilation: int, *, lower: bool = False) -> tuple[int, int]:
    """Return the pads of SAME, which depend on n: ⌈n/s⌉ outputs, an odd zero after (`lower`: before).

    The rule of TensorFlow, JAX, Keras, of SAME_UPPER in ONNX, and of PyTorch's padding="same".
    """
    m = -(-n // stride)
    total = max(0, (m - 1) * stride + extent(k, dilation) - n)
    small, large = total // 2, total - total // 2
    return (large, small) if lower else (small, large)
