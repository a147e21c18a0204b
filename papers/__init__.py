"""What the papers say: one package each."""

ALL = ("lsgan",)
