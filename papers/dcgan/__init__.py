"""DCGAN (Radford et al., ICLR 2016): convolutional networks that train stably, and what they have learned.

Strided convolutions, batch norm, no hidden dense layers, rectifiers in G and leaky ones in D. The paper shows samples
(figures 2, 3, 10, 11), walks between latents (figure 4), what D's units look at (figure 5), G without the maps that
draw windows (figure 6), arithmetic on latents (figures 7, 8), and uses D's features to classify (tables 1, 2).
"""

from repro.items import Paper

PAPER = Paper(
    name="dcgan",
    title="Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks",
    reference="A. Radford, L. Metz, S. Chintala; ICLR 2016; arXiv 1511.06434",
    modules=(
        "fig1_networks",
        "fig2_one_epoch",
        "fig3_five_epochs",
        "fig4_walk",
        "fig5_features",
        "fig6_windows",
        "fig7_arithmetic",
        "fig8_turn",
        "fig9_digits",
        "fig10_fig11_sheets",
        "table1_objects",
        "table2_house_numbers",
        "table3_digits",
        "dedup",
    ),
    departures=(
        "Updates follow the released scripts: a mini-batch moves G or D, in turn, G first; L2 is added to every "
        "gradient. The paper mentions neither. A mini-batch counts as a step.",
        "The rest of a pass that fills no mini-batch is dropped; the released code keeps it as a smaller one.",
        "Images are made with the statistics of their batch, as in the released code; what is compared is decoded in "
        "one batch. Figures 7 and 8 and D's features use stored statistics, the means over several batches, so that a "
        "result does not depend on its neighbours.",
        "Procedural rooms and faces take the place of LSUN and of the face set, which was never published, where the "
        "scale says so: what they show is known, so that what the paper shows by eye can be counted.",
        "At quick, narrow networks see few mini-batches: rate 5e-4 and batches of 32 were chosen once, by looking at a "
        "sheet of rooms of seed 0, because at the published values G stayed far behind D; all trainings of that scale "
        "use them.",
        "Table 2's network is that of the released script of May 2016, which came after the paper. The 22.18 % that "
        "other papers cite, and that we take to be its error, stands beside the paper's 22.48 %.",
        "MNIST's networks are those of the released script: hidden dense layers and a sigmoid, which the guidelines of "
        "section 3 exclude. The permutation invariant GAN of table 3 was not released; its layers are ours.",
        "LSUN's pictures are squashed whole to a square, where the authors took crops; near duplicates are counted by "
        "dedup, and stay in the training set.",
    ),
)
