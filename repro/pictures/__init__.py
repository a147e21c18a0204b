"""Arrays in, figure out. Colours are of the Okabe-Ito palette, which colour-blind people can tell apart."""

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000",
)  # fmt: skip

DPI = 100  # pixels an inch, of every picture
