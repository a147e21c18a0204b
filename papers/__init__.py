"""What the papers say: one package each."""

ALL = ("gan2014", "dcgan", "lsgan", "wgan_gp")
