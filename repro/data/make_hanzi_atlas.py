"""Renders the atlas of the set `hanzi` once: `python -m repro.data.make_hanzi_atlas FONT [OUT]`.

FONT is `wqy-microhei.ttc` of Debian's package fonts-wqy-microhei. The result is committed as
`repro/data/hanzi_atlas.npz`; nothing else in the project needs the font. With the same font, Pillow (FreeType)
and zlib the file comes out with the same bytes; other versions may differ in a grey level.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE = 48
# The em square of the font at this size leaves a margin around the widest character.
EM = 46
# The font is offered under Apache-2.0 or GPL-3+ with the font exception; we take the first.
LICENCE = (
    "Apache-2.0; copyright 2008-2009 The WenQuanYi Project Board of Trustees, Qianqian Fang, mozbug; "
    "based on Droid, copyright 2006-2008 Google, Ascender"
)
# The 100 classes of the set `hwdb100`, in its order.
HWDB100 = (
    "宪宠宙实宣宁室宏宬宕守宋它宗宸宛宅宫宽宦害宿宴宄容宰寮寄寇寂寡富寓寞宇寥密察寨寒寝寸寅寿寺安寻导对寰"
    "垮垯垠垃垄垂审垡垌垢垓垞垣垤垆垟垩完垒垕型垭垛垅垫垦垴垱客垲峪峃峄峂峤峻峰庠庶宓庄庇庐庞庤庆废庳庼庹"
)


def level_one() -> str:
    """The 3,755 characters of GB2312 level 1 in its order: rows 16 to 55, the last one up to cell 89."""
    places = ((row, cell) for row in range(16, 56) for cell in range(1, 95) if (row, cell) <= (55, 89))
    return "".join(bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312") for row, cell in places)


def characters() -> str:
    """The 3,787 classes of `hanzi`: those of `hwdb100` in level 1, the rest of level 1, the rest of `hwdb100`."""
    level = level_one()
    known = set(level)
    shared = [character for character in HWDB100 if character in known]
    rest = [character for character in level if character not in set(shared)]
    return "".join(shared + rest + [character for character in HWDB100 if character not in known])


def drawn(character: str, font: ImageFont.FreeTypeFont) -> np.ndarray:
    """One glyph, its box in the middle: uint8, shape (SIDE, SIDE), 0 paper to 15 full ink.

    Raises:
        ValueError: If the font has no ink for it, or it does not fit.
    """
    page = Image.new("L", (2 * SIDE, 2 * SIDE))
    ImageDraw.Draw(page).text((SIDE // 2, SIDE // 2), character, fill=255, font=font)
    # The box of the ink itself: the font's own box reaches down to the baseline.
    left, top, right, bottom = page.getbbox() or (0, 0, 0, 0)
    wide, high = right - left, bottom - top
    if not (0 < wide <= SIDE and 0 < high <= SIDE):
        raise ValueError(f"{character} has a box of {wide}x{high}; 1 to {SIDE} expected")
    picture = Image.new("L", (SIDE, SIDE))
    picture.paste(page.crop((left, top, right, bottom)), ((SIDE - wide) // 2, (SIDE - high) // 2))
    # Sixteen levels are enough for edges, and halve the file.
    return ((np.asarray(picture, np.uint16) * 15 + 127) // 255).astype(np.uint8)


def atlas(font_file: Path) -> dict[str, np.ndarray]:
    """The arrays of the atlas file.

    Returns:
        `characters`: str, shape (n,), one character each. `packed`: uint8, shape (n, SIDE * SIDE / 2), two
        pixels a byte, the left one in the high half. `font`, `font_sha256`, `licence`: str, shape ().
    """
    font = ImageFont.truetype(str(font_file), EM, layout_engine=ImageFont.Layout.BASIC)
    missing = drawn("\U0010fffd", font)
    glyphs = np.stack([drawn(character, font) for character in characters()])
    empty = [c for c, glyph in zip(characters(), glyphs, strict=True) if np.array_equal(glyph, missing)]
    if empty:
        raise ValueError(f"the font has no glyph for {''.join(empty)}")
    pixels = glyphs.reshape(len(glyphs), -1)
    return {
        "characters": np.array(list(characters())),
        "packed": pixels[:, 0::2] << 4 | pixels[:, 1::2],
        "font": np.array(" ".join(font.getname())),
        "font_sha256": np.array(hashlib.sha256(font_file.read_bytes()).hexdigest()),
        "licence": np.array(LICENCE),
    }


def main() -> None:
    """Reads the command line and writes the atlas."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("font", type=Path, metavar="FONT")
    parser.add_argument("out", type=Path, nargs="?", default=Path(__file__).with_name("hanzi_atlas.npz"))
    given = parser.parse_args()
    np.savez_compressed(given.out, **atlas(given.font))


if __name__ == "__main__":
    main()
