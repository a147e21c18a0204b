"""LSGAN (Mao et al., ICCV 2017): least squares in place of cross entropy, for D and for G.

D separates real samples from generated ones by regression on two labels, G is pulled towards a third; samples that D
already accepts, but that lie far from the data, still get a gradient. The paper trains scenes (figure 5), compares
stability without batch norm (figure 6) and on a ring of Gaussians (figure 7), and generates thousands of classes of
handwritten characters from labels that go through a linear map (figure 8).
"""

from repro.items import Paper

PAPER = Paper(
    name="lsgan",
    title="Least Squares Generative Adversarial Networks",
    reference="X. Mao, Q. Li, H. Xie, R. Y. K. Lau, Z. Wang, S. P. Smolley; ICCV 2017; arXiv 1611.04076",
    modules=(
        "fig1_boundaries",
        "fig2_losses",
        "theory",
        "fig3_scenes_network",
        "fig4_characters_network",
        "fig5_scenes",
        "fig6_stability",
        "fig7_mixture",
        "fig8_characters",
        "table1_data",
        "ext_variance",
        "ext_fid",
        "ext_gp",
        "scores",
    ),
    departures=(
        "Losses are means over the batch. The released code takes sums for least squares (fig7 sum/4, others sum/2), "
        "and means for cross entropy except G's in fig7, a sum. Adam is nearly invariant to the scale; the RMSProp "
        "cells of fig6 take sum/2 for least squares, as released.",
        "Step 0 of fig7 is before the first update; the released script's is after one.",
        "In fig5, fig6, fig8, ext_variance and ext_fid the generator passes once per step (D does not move it, so both "
        "updates see the same fakes); its moving averages therefore move once per step, presumably twice in the "
        "released code.",
        "Batch norm's gamma starts at 1 everywhere; the released code of fig6 draws it from N(1, 0.02).",
        "ext_gp draws the noise of its penalty at every update, the released code once, when its graph is built; D "
        "moves before G, where the released script begins with G.",
        "Batches are permutations of the whole set; the released code of fig5 and fig6 draws from a queue of 1,000 to "
        "30,000 images.",
    ),
)
