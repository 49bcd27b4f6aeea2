"""Unpack Pretendard from its web font into TrueType files, the only form that typst reads."""

from multiprocessing import Pool
from pathlib import Path

from fontTools.ttLib import TTFont

PROJECT = Path(__file__).resolve().parent.parent
WEB_FONTS = PROJECT / "node_modules" / "@fontsource" / "pretendard" / "files"
REPORT_FONTS = PROJECT / "var" / "fonts"
WEIGHTS = {"400": "Pretendard-Regular.ttf", "700": "Pretendard-Bold.ttf"}


def unpack(weight: str) -> None:
    """Write one weight. The file named `latin` holds every Hangul syllable too."""
    font = TTFont(WEB_FONTS / f"pretendard-latin-{weight}-normal.woff2")
    font.flavor = None
    target = REPORT_FONTS / WEIGHTS[weight]
    partial = target.with_suffix(".partial")
    font.save(partial)
    partial.rename(target)


if __name__ == "__main__":
    REPORT_FONTS.mkdir(parents=True, exist_ok=True)
    with Pool(len(WEIGHTS)) as pool:
        pool.map(unpack, WEIGHTS)
