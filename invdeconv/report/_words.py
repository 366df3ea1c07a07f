"""Tables of the tutorial that no language changes: filters, and terms in both languages."""

__all__ = ["FILTERS", "METHODS", "TERMS"]

# method: M, what it does to a singular value, message of the gap it closes.
FILTERS = {
    "adjoint": ("I", "σ", "none"),
    "pseudo_inverse": ("(CᴴC)⁺", "1/σ, 0 at σ = 0", "scale"),
    "truncated_svd": ("—", "1/σ where σ > τ", "scale_noise"),
    "wiener": ("(CᴴN⁻¹C + R⁻¹)⁻¹", "σ/(σ² + N/S)", "scale_noise"),
    "tikhonov": ("(CᴴC + λLᴴL)⁻¹", "σ/(σ² + λ), L = I", "all"),
    "landweber": ("polynomial", "(1 − (1 − τσ²)ᵏ)/σ", "scale_noise"),
    "richardson_lucy": ("nonlinear", "nonlinear", "nonlinear"),
}

METHODS = ("data", *FILTERS)

# message of the meaning: English, Chinese, symbol.
TERMS = {
    "convolution": ("convolution", "卷积", "C"),
    "transposed": ("transposed convolution", "转置卷积", "Cᵀ"),
    "adjoint": ("adjoint", "伴随", "Cᴴ"),
    "deconvolution": ("deconvolution", "反卷积、解卷积", ""),
    "pinv": ("pseudo-inverse", "伪逆", "C⁺"),
    "null": ("null space", "零空间", ""),
    "singular": ("singular value", "奇异值", "σ"),
    "regularization": ("regularization", "正则化", "λ"),
    "prior": ("prior", "先验", ""),
    "psf": ("point-spread function (PSF)", "点扩散函数", ""),
    "ringing": ("ringing", "振铃", ""),
    "checkerboard": ("checkerboard artifacts", "棋盘效应", ""),
    "upsampling": ("upsampling", "上采样", ""),
    "unpooling": ("unpooling", "反池化", ""),
    "matched": ("matched filter", "匹配滤波", "Cᵀ"),
    "zeroforcing": ("zero forcing", "迫零", "C⁺"),
    "mmse": ("minimum mean-square error (MMSE)", "最小均方误差", ""),
}
