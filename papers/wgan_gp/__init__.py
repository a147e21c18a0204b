"""WGAN-GP (Gulrajani et al., NIPS 2017): the critic of a Wasserstein GAN is held by a penalty on its gradient.

The original WGAN keeps its critic Lipschitz by clipping weights, which leaves it simple functions and makes gradients
explode or vanish in deep critics. A penalty on the length of D's input gradient, taken on lines between real and
generated samples, does neither, and trains many architectures with one set of hyperparameters.
"""

from repro.items import Paper

PAPER = Paper(
    name="wgan_gp",
    title="Improved Training of Wasserstein GANs",
    reference="I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville; NIPS 2017; arXiv 1704.00028, version 3",
    modules=(
        "fig1a_surfaces",
        "fig1b_gradients",
        "table1_grid",
        "table2_table5_success",
        "fig2_architectures",
        "fig3_cifar",
        "table3_fig6_resnet",
        "fig4_bedrooms",
        "table4_language",
        "fig5a_critic_loss",
        "fig5b_overfitting",
        "appC_one_sided",
        "appD_activations",
        "collapse",
    ),
    departures=(
        "An iteration is five critic steps, then the generator's, as Algorithm 1 prints it; the released code takes "
        "the generator's first and skips it in the first iteration.",
        "The norm of the gradient has slope zero where the gradient is zero; the released code takes a plain root, "
        "whose slope is infinite there.",
        "The 25 Gaussians are fresh samples; the released script draws 100,000 once and repeats them in one order.",
        "Weight clipping is that of this paper's code: RMSProp as TensorFlow 1 computes it, weights clipped after each "
        "step, five critic steps throughout. The original WGAN code clips before each step, has another RMSProp and "
        "takes 100 critic steps at the start.",
        "Table 4's standard objective has one step of D and appendix B's Adam; section 5.5 states no settings. Lines "
        "are judged from a fixed z, as bytes: a character outside ASCII is several of them, as in the released code.",
        "Figure 3's right panel has counted work in place of seconds. Its images are cut to bytes with 255.99 / 2, "
        "those of the released gan_cifar.py with 255 / 2, at most a grey level apart; a score takes fixed latents, "
        "there fresh ones.",
        "Batch norm of the CIFAR ResNet and of random architectures takes the whole batch; the released code, for two "
        "GPUs, normalises 32 images in the critic's update, 64 in the generator's, and 32 in both of a regular GAN's.",
        "Figure 2 is trained on bedrooms, as the paper says; the released script for 64x64 reads ImageNet. Pictures of "
        "LSUN are squashed whole; the research code keeps the top left square of smaller copies.",
        "Figure 5b's curves are judged afresh at every look, on all training and held-out digits; the released script "
        "logs the mean loss of the last hundred critic steps.",
        "What figures 1a and 1b are measured by is ours: the paper shows pictures only. Figure 1b's width, batch, "
        "optimizers, moment and norm are not stated.",
        "Random architectures: the paper does not say where the layers beyond the DCGAN's four go; they are 3x3 "
        "convolutions after the second layer of either network. That, initial values, batch sizes and one step of D "
        "for the GAN are the authors' research code's. Weight decay is half the sum of squared kernels in the loss.",
        "Generated digits, CIFAR-10 and ImageNet images are scored as batch statistics of 100 make them, as in the "
        "authors' code, scenes as those of a training batch do.",
        "Figure 5b's digits are chosen from the whole training split and held-out ones are test digits; the released "
        "script cuts both from MNIST's training split, 50,000 and 10,000.",
    ),
)
