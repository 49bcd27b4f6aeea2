"""What each action of the access log is called on the screen: one plain phrase for every act that is recorded."""

from __future__ import annotations

#: the thing acted on, then its acts; a test compares this table with every view, command and sign-in
ACTS: dict[str, dict[str, str]] = {
    "account": {"login": "로그인", "logout": "로그아웃"},
    "activist": {"list": "개인 활동가 목록", "add": "개인 활동가 등록", "change": "개인 활동가 고치기"},
    "agency": {"list": "기관 목록", "register": "기관 등록", "change": "기관 고치기"},
    "backup": {"write": "백업 쓰기", "restore": "백업 되살리기"},
    "calendar": {
        "open": "근무표 보기", "open_time": "근무표 한 칸 보기", "enter": "근무표에 적기", "take_out": "근무표에서 빼기",
        "set_week": "근무 요일 바꾸기", "counter_rota": "창구 순번",
    },
    "call": {
        "list": "전화할 분 목록", "make": "전화예약 화면", "close": "연락 마치기", "cancel_booking": "약속 취소",
    },
    "capacity": {"open": "여력 보기"},
    "case": {
        "list": "사례 목록", "open": "사례 보기", "review": "사례 점검 적기", "plan": "지원 계획 적기",
        "plan_done": "지원 계획 마침", "propose": "위원회에 올리기", "emergency": "긴급 지원", "hand_over": "사례 넘기기",
        "close": "사례 종결", "reopen": "사례 다시 열기", "follow_up": "사후관리 적기",
    },
    "case_meeting": {"open": "일일 사례회의 보기", "classify": "방문 분류", "close": "사례회의 마치기"},
    "caseload": {"open": "권역별 맡은 일 보기", "apply": "권역 조정", "undo": "권역 조정 되돌리기"},
    "committee": {
        "list": "위원회 목록", "open": "위원회 보기", "meeting": "회의 보기", "minutes": "회의록 보기",
        "add_meeting": "회의 더하기", "move_meeting": "회의 옮기기", "cancel_meeting": "회의 취소",
        "open_meeting": "회의 열기", "close_meeting": "회의 마치기", "note": "회의 메모", "attend": "출석 적기",
        "reply": "참석 답하기", "take_up": "안건에 올리기", "add_item": "안건 더하기", "order": "안건 순서 바꾸기",
        "withdraw": "안건 내리기", "start_item": "안건 시작", "invite": "전문가 초대", "pledge": "비밀 지키기 확인",
        "draft": "결정 초안 저장", "decide": "위원회 결정", "decline": "안건 돌려보내기", "postpone": "안건 미루기",
        "task_done": "위원회 할 일 마침",
    },
    "companion": {"coming": "내 동행 보기", "enlist": "동행할 분 더하기", "dismiss": "동행할 분 끝내기"},
    "consent": {
        "sheet": "동의 확인표 보기", "answer": "동의 답 적기", "take_back": "동의 답 되돌리기", "withdraw": "동의 철회",
        "letters": "안내문 보기", "letters_pdf": "안내문 PDF 받기",
        "sheet_pdf": "동의 확인표 PDF 받기",
    },
    "crisis": {"report": "위기 알림", "answer": "위기 알림에 답하기"},
    "dashboard": {"open": "실적 보기"},
    "demo": {"load": "연습 자료 넣기"},
    "dong": {"open": "동 현황 보기"},
    "duplicate": {
        "list": "중복함 보기", "search": "중복 찾기", "propose": "중복 후보 올리기", "decide": "중복 견주기",
        "split": "연결한 기록 분리",
    },
    "facility": {"list": "시설 목록", "add": "시설 등록", "change": "시설 고치기"},
    "figure": {"list": "숫자의 명단 보기", "definitions": "지표 설명 보기"},
    "figures": {
        "roll": "실적 다시 세기", "check": "현황 표 확인", "decide": "현황 표 결정", "count_again": "실적 다시 세기",
    },
    "follow_up": {"start": "지속방문 시작", "end": "지속방문 끝내기"},
    "governance": {
        "list": "거버넌스 목록", "body": "모임 보기", "constitute": "모임 만들기", "rules": "모임 규칙 바꾸기",
        "plan": "모임 계획", "appoint": "위원 위촉", "renew": "위원 연임", "end_term": "위원 임기 끝내기",
    },
    "holiday": {"list": "공휴일 보기", "change": "공휴일 바꾸기"},
    "household": {"open": "세대 한눈에 보기", "cases": "세대의 의뢰·사례 보기"},
    "import": {
        "list": "가져오기 목록", "upload": "명부 올리기", "open": "명부 미리보기", "map": "명부 다시 읽기",
        "apply": "명부 넣기", "undo": "명부 되돌리기", "cancel": "명부 그만두기", "errors": "오류 파일 받기",
        "form": "빈 양식 받기", "known": "지금 있는 목록 받기", "command": "명부 넣기(서버에서)",
    },
    "job": {"list": "작업 목록", "progress": "작업 진행 보기", "retry": "작업 다시 보내기"},
    "lead": {"home": "팀장 첫 화면"},
    "organisation": {"list": "단체 목록", "add": "단체 등록", "change": "단체 고치기"},
    "pair": {"list": "방문 조 목록", "form": "방문 조 화면", "change": "방문 조 바꾸기", "end": "방문 조 끝내기"},
    "person": {
        "list": "주민 찾기", "open": "주민 보기", "add": "주민 등록", "change": "주민 고치기", "changes": "주민 변동 보기",
        "change_seen": "주민 변동 확인", "clocks_list": "방문 시계 보기", "cases": "주민의 의뢰·사례 보기",
    },
    "privacy": {"search": "접속기록 찾기", "verify": "접속기록 확인"},
    "reference": {"load": "기준 자료 넣기"},
    "referral": {
        "list": "의뢰 목록", "open": "의뢰 보기", "send": "의뢰하기", "answer": "의뢰에 답하기", "hand_over": "의뢰 넘기기",
    },
    "report": {"list": "보고서 목록", "read": "보고서 보기", "export": "보고서 내려받기"},
    "route": {"list": "화면 목록 보기(서버에서)"},
    "rules": {"open": "대상 규칙 보기", "change": "대상 규칙 바꾸기", "cover": "시행 범위 바꾸기"},
    "schedule": {
        "open": "월 일정 보기", "open_month": "월 일정 보기", "open_district": "구 전체 월 일정 보기",
        "generate": "월 일정 만들기", "generate_district": "구 전체 월 일정 만들기", "move": "월 일정에서 방문 옮기기",
        "take_out": "월 일정에서 방문 빼기", "lock": "방문 자리 고정", "publish": "월 일정 공개", "discard": "초안 버리기",
        "compare": "두 설정 견주기", "keep_trial": "견준 안을 초안으로", "changes": "일정 판 견주기",
        "settings": "일정 설정 보기", "settings_change": "일정 설정 바꾸기", "day_sheets": "하루 목록",
        "replan_start": "오늘 다시 짜기", "replan_open": "다시 짠 제안 보기", "replan_confirm": "다시 짠 제안 확정",
        "replan_again": "다시 짜기 한 번 더", "replan_drop": "다시 짜기 그만두기", "replan_call": "바뀐 방문 전화",
    },
    "staffing": {
        "list": "정원·현원 보기", "center": "센터 인력 보기", "hiring": "충원계획 보기", "appoint": "자리에 배치",
        "vacate": "자리 비우기", "budgets": "재정 보기", "budget": "한 해 재정 보기",
    },
    "target": {
        "list": "방문 대상 목록", "open": "방문 대상 보기", "why": "명단에 있는 까닭 보기", "extract": "방문 대상 뽑기",
        "end": "명단에서 빼기",
    },
    "tongjang": {
        "list": "복지통장 목록", "appoint": "복지통장 위촉", "reappoint": "복지통장 연임", "end": "복지통장 임기 끝내기",
    },
    "user": {
        "list": "계정 목록", "open": "계정 보기", "number": "사번 적기", "decide": "계정 요청 결정",
        "first_code": "첫 로그인 코드 만들기",
    },
    "volunteer": {
        "list": "봉사자 목록", "open": "봉사자 보기", "enlist": "봉사자 올리기", "change": "봉사자 고치기",
        "introduce": "봉사자 소개", "begin": "봉사 시작", "end": "봉사 마침",
    },
    "visit": {
        "open": "방문 보기", "day_list": "오늘 방문 목록", "day_pack": "휴대용 하루 목록", "start": "방문 시작",
        "record": "방문 기록 보기", "answer": "방문 기록 적기", "save_step": "방문 기록 저장", "not_met": "못 만남 적기",
        "sign": "방문 기록 서명", "take_back": "서명 되돌리기", "entered": "국가 시스템 입력 표시",
        "companions": "방문 동행 정하기", "urgent": "긴급 화면", "alarm": "긴급 알림", "alarm_open": "긴급 알림 보기",
        "alarm_accept": "긴급 알림 받음", "alarm_close": "긴급 알림 마침",
    },
}  # fmt: skip


def words(action: str) -> str:
    """`person.open` -> `주민 보기`; an action of an older version is shown as it was written."""
    thing, _, act = action.partition(".")
    return ACTS.get(thing, {}).get(act, action)
