"""GAN (Goodfellow et al., 2014): so far the model that the later papers compare with."""
