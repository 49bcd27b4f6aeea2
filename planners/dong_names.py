"""The dong a clerk means: official names, the ways they are written, and legal dongs that span several."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from common.hangul import compact

#: legal dongs (법정동) and stems -> the administrative dongs they reach into
LEGAL_DONGS = {
    "장위": ("장위1동", "장위2동", "장위3동"),
    "정릉": ("정릉1동", "정릉2동", "정릉3동", "정릉4동"),
    "길음": ("길음1동", "길음2동"),
    "돈암": ("돈암1동", "돈암2동"),
    "월곡": ("월곡1동", "월곡2동"),
    "하월곡": ("월곡1동", "월곡2동"),
    "상월곡": ("월곡1동", "월곡2동"),
    "동소문": ("삼선동", "동선동"),
}
_PREFIX = re.compile(r"^(?:서울특별시|서울시|서울)?(?:성북구청|성북구|seongbukgu)?")
_SUFFIX = re.compile(
    r"(?:동)?(?:주민센터|행정복지센터|마을복지센터|복지센터|주민자치센터|동사무소|사무소|자치회관|센터)$"
)
_ORDINAL = re.compile(r"제(?=\d)")
_STREET_PART = re.compile(r"(?<=동)[1-7]가$")


class DongNames:
    """Looks dongs up by any spelling. Built from (official name, romanised slug) pairs."""

    def __init__(self, dongs: Iterable[tuple[str, str]]) -> None:
        self.names: dict[str, str] = {}
        for name, slug in dongs:
            self.names[name] = name
            self.names[re.sub(r"[^a-z0-9]", "", slug.lower())] = name
            self.names[re.sub(r"[^a-z0-9]|-?dong$", "", slug.lower())] = name  # Jangwi1, Seokgwan
            self.names[name.removesuffix("동")] = name  # 장위1, 석관
        self.official = frozenset(self.names.values())
        self.find = functools.lru_cache(maxsize=4096)(self._find)

    def _find(self, text: str) -> tuple[str, str, tuple[str, ...]]:
        """(official name, "", ()) or ("", UNKNOWN_DONG or AMBIGUOUS_DONG, candidates)."""
        word = re.sub(r"[\s\-_.·,]|(?<=.)\(.*\)$", "", compact(text)).strip("()[]").lower().replace("洞", "동")
        word = _PREFIX.sub("", re.sub(r"^seoul", "", word))
        name = self.names.get(word) or self.names.get(_ORDINAL.sub("", word))
        if name:
            return name, "", ()
        word = _ORDINAL.sub("", _SUFFIX.sub("동", word))
        word = re.sub(r"동{2,}$", "동", word)
        name = self.names.get(word) or self.names.get(_STREET_PART.sub("", word))
        if name:
            return name, "", ()
        stem = _STREET_PART.sub("", word).removesuffix("동")
        if stem in LEGAL_DONGS:
            return "", "AMBIGUOUS_DONG", LEGAL_DONGS[stem]
        return "", "UNKNOWN_DONG", self._near(stem)

    def _near(self, stem: str) -> tuple[str, ...]:
        """Dongs of the same stem, to ask the clerk about (장위9동 → 장위1·2·3동)."""
        bare = re.sub(r"\d+$", "", stem)
        return LEGAL_DONGS.get(bare, ())

    def in_text(self, text: str) -> str:
        """The one official name that stands in a title or address; empty when none or several do."""
        word = _ORDINAL.sub("", compact(text))
        found = {name for name in self.official if name in word}
        found = {name for name in found if not any(name != other and name in other for other in found)}
        return found.pop() if len(found) == 1 else ""
