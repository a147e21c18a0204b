"""GAN (Goodfellow et al., NIPS 2014): a generator and a discriminator, trained against each other.

D learns to tell data from what G makes of noise, G learns to be taken for data. With D at its best, G is left with the
Jensen-Shannon divergence of data and samples. The later papers compare with the model that stands here.
"""

from repro.items import Paper

PAPER = Paper(
    name="gan2014",
    title="Generative Adversarial Nets",
    reference=(
        "I. J. Goodfellow, J. Pouget-Abadie, M. Mirza, B. Xu, D. Warde-Farley, S. Ozair, A. Courville, Y. Bengio; "
        "NIPS 2014; arXiv 1406.2661"
    ),
    modules=(
        "table1_parzen",
        "fig1_toy",
        "fig2_samples",
        "fig3_interpolation",
        "table2_difficulties",
        "theory",
        "minimax",
        "gradients",
        "helvetica",
    ),
    departures=(
        "Trainings on images follow the released code and not Algorithm 1: one batch, one draw of noise and one "
        "dropout mask for both players, moved together (k is 1); D's loss is half the sum, G maximises log D(G(z)), "
        "and dropout stays on in D while G learns.",
        "The released settings stop nowhere. The row of table 1 is of the best validation value, a rule that Mirza and "
        "Osindero (2014) state for the conditional model; the last step is a row of its own.",
        "The standard error over the five folds of the face database takes N - 1; the paper does not say. Faces are "
        "trained in the two released stages, which the paper does not mention.",
        "The rest of an epoch that fills no batch is dropped; the released code keeps it as a smaller batch (with the "
        "convolutional model on CIFAR-10, 312 updates an epoch instead of 313).",
        "Figure 1 of the paper is a sketch without data or numbers: here it is the outcome of a training, whose "
        "distributions, networks and lengths are ours.",
    ),
)
