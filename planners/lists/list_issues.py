"""What can be said about a row or a cell of a list: codes, their weight, and the sentence."""

from __future__ import annotations

from dataclasses import dataclass

REJECT, SKIP, WARN = "reject", "skip", "warn"


@dataclass(frozen=True)
class Issue:
    """One remark on one field of a row. `value` fills the `{value}` of the sentence, never stored in it."""

    code: str
    field: str = ""
    level: str = REJECT
    hint: str = ""

    @property
    def message(self) -> str:
        sentence = SENTENCES.get((self.code, self.field)) or SENTENCES[(self.code, "")]
        return f"{sentence} {self.hint}".strip()


SENTENCES: dict[tuple[str, str], str] = {
    # ---- rejected: the row waits until somebody mends it
    ("REQUIRED", ""): "꼭 있어야 하는 값이 비어 있습니다. 채워 주세요.",
    ("REQUIRED", "name"): "이름이 비어 있습니다. 이름을 적어 주세요.",
    ("REQUIRED", "birth_date"): "생년월일이 비어 있고 주민등록번호로도 알 수 없습니다. 생년월일을 적어 주세요.",
    ("REQUIRED", "dong"): "행정동이 비어 있습니다. 장위1동처럼 적어 주세요.",
    ("BAD_DATE", ""): "없는 날짜이거나 날짜로 읽을 수 없습니다. 1950-03-01처럼 적어 주세요.",
    ("PARTIAL_DATE", ""): "연·월·일 가운데 빠진 것이 있습니다. 1950-03-01처럼 모두 적어 주세요.",
    ("LUNAR_DATE", ""): "음력 날짜입니다. 주민등록상의 날짜(양력)로 적어 주세요.",
    ("FUTURE_DATE", ""): "오늘보다 뒤의 날짜입니다. 연도를 확인해 주세요.",
    ("AMBIGUOUS_DATE", ""): "월과 일의 순서를 알 수 없습니다. 1950-03-01처럼 연·월·일 순서로 적어 주세요.",
    ("AMBIGUOUS_CENTURY", ""): "1900년대인지 2000년대인지 알 수 없습니다. 연도를 네 자리로 적어 주세요.",
    ("RRN_LENGTH", ""): "주민등록번호가 13자리가 아닙니다. 원본에서 확인해 주세요.",
    ("RRN_NOT_DIGITS", ""): "주민등록번호에 숫자가 아닌 글자가 섞여 있습니다(예: 숫자 0 대신 영문 O).",
    ("RRN_BAD_DATE", ""): "주민등록번호 앞자리가 없는 날짜입니다. 원본에서 확인해 주세요.",
    ("RRN_BIRTH_MISMATCH", ""): "생년월일과 주민등록번호 앞자리가 다릅니다. 어느 쪽이 맞는지 확인해 주세요.",
    ("RRN_SEX_MISMATCH", ""): "성별과 주민등록번호 뒷자리 첫 숫자가 다릅니다. 어느 쪽이 맞는지 확인해 주세요.",
    ("BAD_SEX", ""): "성별을 읽을 수 없습니다. 남 또는 여로 적어 주세요.",
    ("BAD_PHONE", ""): "전화번호로 읽을 수 없습니다. 010-1234-5678처럼 적거나 비워 주세요.",
    ("UNKNOWN_DONG", ""): "성북구에 없는 동입니다.",
    ("AMBIGUOUS_DONG", ""): "여러 행정동에 걸친 이름입니다. 번호까지 붙여 적어 주세요.",
    ("OTHER_DONG", ""): "올린 사람이 맡지 않은 동의 주민입니다. 맡은 동의 줄만 넣을 수 있습니다.",
    ("DUP_EXACT", ""): "앞줄과 같은 사람입니다. 앞줄만 넣습니다.",
    ("DUP_CONFLICT", ""): "앞줄과 같은 사람인데 다른 값이 있습니다. 맞는 줄 하나만 남겨 주세요.",
    ("FORMULA_LIKE_TEXT", "name"): "이름이 수식처럼 시작합니다. 이름만 적어 주세요.",
    ("TOO_LONG", ""): "글자가 너무 많습니다. 줄여 주세요.",
    ("TOO_SHORT", ""): "이름이 한 글자입니다. 성과 이름을 모두 적어 주세요.",
    ("EXTRA_CELLS", ""): "제목 줄보다 칸이 많습니다. 주소나 이름 안의 쉼표 때문에 칸이 밀렸는지 확인해 주세요.",
    ("BAD_NUMBER", ""): "숫자로 읽을 수 없습니다. 숫자만 적어 주세요.",
    ("BAD_YES_NO", ""): "예인지 아니요인지 알 수 없습니다. O 또는 X로 적어 주세요.",
    ("BAD_PERIOD", ""): "끝난 날이 시작한 날보다 앞섭니다. 두 날짜를 확인해 주세요.",
    ("UNKNOWN_WORD", ""): "우리가 아는 말이 아닙니다.",
    ("UNKNOWN_BENEFIT", ""): "우리가 아는 급여 이름이 아닙니다. 기초연금, 장애수당처럼 적어 주세요.",
    ("BAD_DELIVERY", ""): "출산일이 분만예정일과 맞지 않습니다. 두 날짜를 확인해 주세요.",
    ("MALE_MOTHER", ""): "임신부의 성별이 남성으로 적혀 있습니다. 줄과 성별을 확인해 주세요.",
    (
        "NO_HOME",
        "",
    ): "어느 동 아기인지 알 수 없습니다. 주소와 동을 적거나, 주민 명부에 있는 산모의 이름과 생년월일을 적어 주세요.",
    ("BEFORE_BIRTH", ""): "태어난 날보다 앞선 날짜입니다. 변동일과 생년월일을 확인해 주세요.",
    (
        "LATER_CHANGE",
        "",
    ): "이보다 뒤에 일어난 변동이 주민 명부에 이미 있습니다. 주민 화면에서 확인하고 손으로 고쳐 주세요.",
    ("PERSON_MOVED", ""): "이미 전출로 처리된 주민입니다. 전입이 빠졌는지 확인해 주세요.",
    ("UNKNOWN_PERSON", ""): "주민 명부에 없는 사람입니다. 이름과 생년월일을 확인하거나 주민 명부를 먼저 넣어 주세요.",
    ("AMBIGUOUS_PERSON", ""): "이름과 생년월일이 같은 주민이 여럿입니다. 주소나 전화번호를 적어 구분해 주세요.",
    ("PERSON_DIED", ""): "사망으로 처리된 주민입니다. 잘못되었으면 주민 화면에서 먼저 되돌려 주세요.",
    # ---- skipped: no resident stands here
    ("TITLE_ROW", ""): "제목이나 기준일을 적은 줄입니다.",
    ("HEADER_ROW", ""): "열 제목 줄입니다.",
    ("BLANK_ROW", ""): "빈 줄입니다.",
    ("TOTAL_ROW", ""): "소계나 합계 줄입니다.",
    ("NOTE_ROW", ""): "설명을 적은 줄입니다.",
    # ---- let pass, with a remark
    ("NO_RRN", ""): "주민등록번호가 비어 있어 이름·생년월일·주소로 맞춥니다.",
    ("RRN_MASKED", ""): "주민등록번호가 가려져 있어 맞추는 데 쓰지 않습니다.",
    ("RRN_TEXT", ""): "주민등록번호 칸에 글자가 적혀 있어 없는 것으로 봅니다.",
    ("RRN_LEADING_ZERO_RESTORED", ""): "주민등록번호 맨 앞의 0이 빠져 있어 채웠습니다.",
    ("BIRTH_FROM_RRN", ""): "생년월일이 비어 있어 주민등록번호에서 읽었습니다.",
    ("SEX_FROM_RRN", ""): "성별이 비어 있어 주민등록번호에서 읽었습니다.",
    ("AREA_CODE_ASSUMED", ""): "지역번호가 없어 02를 붙였습니다.",
    ("LEGACY_MOBILE_PREFIX", ""): "지금은 쓰지 않는 휴대전화 앞자리입니다. 다음에 만날 때 확인해 주세요.",
    ("PHONE_SPLIT", ""): "전화번호가 두 개 적혀 있어 나누었습니다.",
    ("PHONE_NOTE_DROPPED", ""): "전화번호에 붙은 글은 뺐습니다.",
    ("NAME_SPACES_REMOVED", ""): "이름 사이의 빈칸을 없앴습니다.",
    ("NAME_NOTE_DROPPED", ""): "이름에 붙은 글은 뺐습니다.",
    ("FORMULA_LIKE_TEXT", ""): "수식처럼 시작하는 글입니다. 글 그대로 넣습니다.",
    ("POSSIBLE_DUP", ""): "이름과 생년월일이 같은 사람이 또 있습니다. 같은 사람인지 중복함에서 확인해 주세요.",
}


def add_sentences(sentences: dict[tuple[str, str], str]) -> None:
    """What a kind of list says besides: (code, field or empty) -> polite sentence that says what to do."""
    SENTENCES.update(sentences)


SKIP_CODES = ("TITLE_ROW", "HEADER_ROW", "BLANK_ROW", "TOTAL_ROW", "NOTE_ROW")
