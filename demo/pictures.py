"""Makes the README's pictures out of the story's: the same pixels, fewer bytes."""

from pathlib import Path

from PIL import Image

CHOSEN = {
    "1-desktop-light.png": "desktop-light.png",
    "3-desktop-offline.png": "desktop-offline.png",
    "5-desktop-dark.png": "desktop-dark.png",
    "7-desktop-arabic.png": "desktop-arabic.png",
    "2-page-phone.png": "page-phone.png",
}
MOST_BYTES = 300_000


def keep_for_readme(folder: Path, target: Path) -> None:
    """Copies the chosen pictures into `target` with 256 colours; raises ValueError where one stays large."""
    target.mkdir(parents=True, exist_ok=True)
    for name, kept in CHOSEN.items():
        with Image.open(folder / name) as image:
            image.convert("RGB").quantize(256).save(target / kept, optimize=True)
        if (target / kept).stat().st_size > MOST_BYTES:
            raise ValueError(f"{kept} has more than {MOST_BYTES} bytes")
