"""Korean text: one spelling for what looks the same, keys to search names by, and masked names."""

import re
import unicodedata

CHOSEONG = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST, _LAST, _PER_INITIAL = 0xAC00, 0xD7A3, 588
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = "ㅤㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"

# Characters nobody sees: zero-width, soft hyphen, direction marks, byte-order mark, Hangul filler.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0"
    "\ufff9\ufffa\ufffb"
)
_CONTROL = "".join(chr(n) for n in [*range(0x20), *range(0x7F, 0xA0)] if chr(n) not in "\t\n\x0b\x0c\r\x85")
# A zero-width joiner holds an emoji together and is noise anywhere else.
# Nor is half of a surrogate pair a letter that could be stored.
_DROPPED = re.compile(
    f"[{re.escape(_INVISIBLE + _CONTROL)}\ud800-\udfff]|\u200d(?![\u2600-\u27bf\U0001f000-\U0001faff])"
)
_INITIALS = {n: CHOSEONG[(n - _FIRST) // _PER_INITIAL] for n in range(_FIRST, _LAST + 1)}
_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}
_FULL_WIDTH_FOUND = re.compile("[\uff01-\uff5e\u3000]")
_EXCEL_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
# KS X 1001 writes the 8,822 rarer syllables as filler, initial, vowel, final.
_KS_COMPOSED = re.compile(f"\u3164([{CHOSEONG}])([{_VOWELS}])([{_FINALS}])")
_SYLLABLES = re.compile("[가-힣]+")
_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"[가-힣A-Za-z0-9.,()/~-]+(?: [가-힣A-Za-z0-9.,()/~-]+)*")


def clean(text: str) -> str:
    """The text as a person sees it: NFC, half-width, no invisible characters, single spaces.

    Compatibility letters stay as they are (NFKC would take `ㄱ` apart); full-width Latin letters
    and digits become plain ones. `_x000D_`, the way sheets write control characters, is undone.
    """
    if _PLAIN.fullmatch(text):
        return text
    if "_x" in text:
        text = _EXCEL_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if "\u3164" in text:
        text = _KS_COMPOSED.sub(_compose, text)
    text = _DROPPED.sub("", text)
    if _FULL_WIDTH_FOUND.search(text):
        text = text.translate(_FULL_WIDTH)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return _SPACES.sub(" ", text).strip()


def _compose(found: re.Match) -> str:
    initial, vowel, final = (
        row.index(letter) for row, letter in zip((CHOSEONG, _VOWELS, _FINALS), found.groups(), strict=True)
    )
    return chr(_FIRST + initial * _PER_INITIAL + vowel * 28 + final)


def compact(text: str) -> str:
    """`clean` and compatibility forms folded, without spaces: for comparing words, never for showing."""
    if _SYLLABLES.fullmatch(text):
        return text
    text = clean(text)
    if not text.isascii() and not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return text.replace(" ", "")


def is_syllable(letter: str) -> bool:
    """Whether the character is one of the 11,172 modern Hangul syllables."""
    return _FIRST <= ord(letter) <= _LAST


def choseong(text: str) -> str:
    """Initial consonants, e.g. 김영수 → ㄱㅇㅅ; other letters stay, in lower case, spaces go."""
    if _SYLLABLES.fullmatch(text):
        return text.translate(_INITIALS)
    return clean(text).replace(" ", "").lower().translate(_INITIALS)


def is_choseong(text: str) -> bool:
    """Whether somebody typed initial consonants only."""
    return bool(text) and all(letter in CHOSEONG for letter in text)


def bigrams(text: str) -> list[str]:
    """Each pair of neighbouring letters once, in order: what a two-syllable search looks for."""
    letters = clean(text).replace(" ", "").lower()
    return list(dict.fromkeys(letters[n : n + 2] for n in range(len(letters) - 1)))


def mask_name(name: str) -> str:
    """김영순 → 김○순, 김영 → 김○, 남궁영순 → 남○○순; Latin words keep their first two letters."""
    name = clean(name)
    if not name:
        return ""
    if name.isascii():
        return " ".join(word[:2] + "○" * max(1, len(word) - 2) for word in name.split(" "))
    letters = name.replace(" ", "")
    if len(letters) <= 2:
        return letters[0] + "○" * (len(letters) - 1 or 1)
    return letters[0] + "○" * (len(letters) - 2) + letters[-1]


_SOUNDS = {"0": "영", "1": "일", "2": "이", "3": "삼", "4": "사", "5": "오", "6": "육", "7": "칠", "8": "팔", "9": "구"}


def particle(word: str, pair: str) -> str:
    """The particle that follows a word: `particle("장위1동", "은/는")` is `은`, and `으로/로` knows the final ㄹ.

    Digits are read as numbers are spoken. After letters of other scripts both stand: `은(는)`.
    """
    closed, open_ = pair.split("/")
    last = word.rstrip(" ’”)]")[-1:]
    last = _SOUNDS.get(last, last)
    if not _SYLLABLES.fullmatch(last):
        return f"{closed}({open_})"
    final = (ord(last) - _FIRST) % 28
    rides_open = final == 0 or (closed == "으로" and final == _FINALS.index("ㄹ"))
    return open_ if rides_open else closed
