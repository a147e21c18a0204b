"""What the papers say: one package each."""

ALL = ("gan2014", "lsgan", "wgan_gp")
