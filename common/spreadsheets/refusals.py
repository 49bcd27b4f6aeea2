"""Why a file cannot be read, said so that the person who chose it knows what to do."""

from common.refusals import Refusal


class Unreadable(Refusal):
    """The file as a whole is refused. `code` is one of `SENTENCES`."""

    code = "CORRUPT_FILE"


SENTENCES = {
    "EMPTY_FILE": "파일에 내용이 없습니다. 명부가 들어 있는 파일인지 확인하고 다시 올려 주세요.",
    "PASSWORD_PROTECTED": (
        "암호가 걸린 파일입니다. 엑셀에서 [파일 → 정보 → 통합 문서 보호 → 암호 설정]의 암호를 지우고 저장한 뒤 다시 올려 주세요."
    ),
    "CORRUPT_FILE": "파일이 손상되어 열 수 없습니다. 엑셀에서 열어 [다른 이름으로 저장]한 뒤 다시 올려 주세요.",
    "DECOMPRESSION_BOMB": (
        "압축을 풀면 지나치게 커지는 파일이라 열지 않았습니다. 새 통합 문서에 명부만 값으로 붙여 넣어 저장한 뒤 올려 주세요."
    ),
    "XML_DTD_FORBIDDEN": (
        "파일 안에 외부 문서를 불러오는 선언(DTD)이 있어 열지 않았습니다. 엑셀에서 열어 .xlsx로 다시 저장한 뒤 올려 주세요."
    ),
    "UNSUPPORTED_FORMAT": "엑셀(.xlsx, .xls) 또는 CSV 파일만 받습니다. 엑셀에서 .xlsx로 저장한 뒤 올려 주세요.",
    "HTML_NOT_XLS": (
        "엑셀 파일이 아니라 표가 없는 웹 페이지입니다. 로그인이 풀렸을 수 있으니 원래 화면에서 다시 내려받아 올려 주세요."
    ),
    "ENCODING_UNREADABLE": (
        "글자를 읽을 수 없는 곳이 있습니다. 메모장이나 엑셀에서 열어 ‘UTF-8’ 또는 ‘CSV(쉼표로 분리)’로 다시 저장해 주세요."
    ),
    "FILE_TOO_LARGE": "파일이 너무 큽니다. 필요한 시트만 남기거나 동별로 나누어 올려 주세요.",
    "TOO_MANY_ROWS": "줄이 너무 많습니다. 동별로 나누어 올려 주세요.",
    "TOO_MANY_COLUMNS": "열이 너무 많습니다. 필요한 열만 남기고 저장한 뒤 올려 주세요.",
    "CELL_TOO_LONG": "한 칸에 글자가 너무 많이 들어 있습니다. 그 칸을 줄인 뒤 다시 올려 주세요.",
    "TOO_MUCH_MEMORY": "파일을 펼치는 데 메모리가 너무 많이 듭니다. 빈 행과 빈 열을 지우고 저장하거나 동별로 나누어 올려 주세요.",
    "TOO_SLOW": "정해진 시간 안에 파일을 다 읽지 못했습니다. 동별로 나누거나 .xlsx로 저장해 다시 올려 주세요.",
    "NO_VISIBLE_SHEET": "보이는 시트가 없습니다. 명부가 있는 시트의 숨기기를 취소하고 저장한 뒤 올려 주세요.",
}


def unreadable(code: str, detail: str = "") -> Unreadable:
    """The refusal for `code`; `detail` is a Korean sentence put before the standing one."""
    return Unreadable(f"{detail} {SENTENCES[code]}".strip(), code=code)
