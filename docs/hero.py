"""Draw the README's moving picture, docs/hero.webp: `python -m docs.hero`.

The light goes down over one noisy photograph. What the denoiser without biases makes of it stays, what the one with
biases makes of it dies; then every bias is multiplied by the light, too, and it is back.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.data.noisy_photographs import held_out_halves, psnr
from core.format import setting
from core.studies.dimmer_light import DimmedPicture, decibels

PLACE = Path(__file__).with_name("hero.webp")
WIDTH, MARGIN, HEAD, FOOT = 1000, 20, 54, 34
PANEL = (WIDTH - 4 * MARGIN) // 3
TALL = round(PANEL * 171 / 128)
INK, GREEN, ORANGE = "#1A1F1D", "#00785A", "#A85C00"
DOWN = [float(k) for k in np.geomspace(1, 0.03, 15)]
STEP, HOLD = 160, 1600  # milliseconds


def main() -> None:
    """Write the picture, and say how large it is."""
    scenes = [(light, False) for light in DOWN] + [(DOWN[-1], True)] + [(light, True) for light in DOWN[-3::-3]]
    frames = [frame(DimmedPicture(light, along)) for light, along in scenes]
    holds = {0, len(DOWN) - 1, len(DOWN), len(scenes) - 1}
    durations = [HOLD if place in holds else STEP for place in range(len(scenes))]
    frames[0].save(PLACE, save_all=True, append_images=frames[1:], duration=durations, loop=0, quality=55, method=6)
    print(f"{PLACE.name}: {len(frames)} frames, {PLACE.stat().st_size / 1000:.0f} kB")


def frame(seen: DimmedPicture) -> Image.Image:
    """One light: what comes in, its right half as dark as it is, and what both denoisers make of it."""
    clean = held_out_halves()[0, 0]
    came = seen.noisy.copy()
    came[:, came.shape[1] // 2 :] *= seen.light
    with_b = "with biases, every b times k" if seen.along else "with biases"
    panels = (
        (came, f"light k = {setting(round(seen.light, 2))}", "right half as dark as it is", INK),
        (seen.without_bias, "without biases", f"{decibels(psnr(seen.without_bias, clean, 1.0))} dB", ORANGE),
        (seen.with_bias, with_b, f"{decibels(psnr(seen.with_bias, clean, 1.0))} dB", GREEN),
    )
    image = Image.new("RGB", (WIDTH, HEAD + TALL + FOOT), "white")
    pen, large, small = ImageDraw.Draw(image), ImageFont.load_default(24), ImageFont.load_default(19)
    for place, (pixels, head, foot, ink) in enumerate(panels):
        left = MARGIN + place * (PANEL + MARGIN)
        pen.text((left, 14), head, ink, large)
        image.paste(grey(pixels), (left, HEAD))
        pen.text((left, HEAD + TALL + 6), foot, ink, small)
    return image


def grey(pixels: NDArray[np.floating]) -> Image.Image:
    """0 is black and 1 is white; what lies beyond is clipped."""
    shades = np.clip(np.rint(pixels * 255), 0, 255).astype(np.uint8)
    return Image.fromarray(shades).resize((PANEL, TALL), Image.Resampling.BILINEAR)


if __name__ == "__main__":
    main()
