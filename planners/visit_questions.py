"""What is asked at the door of a person of 65, of a household in crisis, and on a later visit (plan IV.5-1 ① ③)."""

from planners.questions import Condition, Question
from planners.visit_sections import CONSENT, HEALTH, JUDGEMENT, SOCIAL, FactRow, Section, Step, VisitForm
from planners.volunteering import INTERESTS, WILLING

YES_NO = (("yes", "예"), ("no", "아니요"))
GROUPS = (("normal", "정상군"), ("managed", "관리대상군"))

FAMILY = FactRow(
    "family",
    "가족",
    (
        Question(
            "family_type",
            "가족 형태",
            options=(
                ("alone", "혼자 삶"),
                ("couple", "부부"),
                ("children", "자녀와"),
                ("grandchildren", "손자녀와"),
                ("other", "그 밖"),
            ),
        ),
        Question("family_members", "가족 사항", "text", required=False, hint="예: 아들 1(노원구), 딸 1(부산)"),
    ),
)
HOUSING = FactRow(
    "housing",
    "주거",
    (
        Question(
            "housing_type",
            "주거 유형",
            options=(
                ("own", "자가"),
                ("jeonse", "전세"),
                ("monthly", "월세"),
                ("public", "임대주택"),
                ("free", "무상"),
                ("other", "그 밖"),
            ),
        ),
        Question(
            "housing_detail", "보증금과 월세, 집 상태", "text", required=False, hint="예: 보증금 500만 / 25만, 반지하"
        ),
    ),
)
INCOME = FactRow(
    "income",
    "수입",
    (
        Question(
            "income_sources",
            "수입",
            "many",
            options=(
                ("basic_pension", "기초연금"),
                ("national_pension", "국민연금 등"),
                ("work", "일해서 번 돈"),
                ("family", "가족 도움"),
                ("livelihood", "기초생활급여"),
                ("savings", "모은 돈"),
                ("other", "그 밖"),
                ("none", "없음"),
            ),
            alone="none",
        ),
        Question("income_amount", "한 달 수입", "number", required=False, unit="만 원", low=0, high=2000),
        Question("income_detail", "형편", "text", required=False, hint="예: 폐지 수집, 아들이 달마다 10만 원"),
    ),
)
DEBT = FactRow(
    "debt",
    "빚",
    (
        Question("debt", "빚", options=(("none", "없음"), ("some", "있음"), ("heavy", "갚기 어려움"))),
        Question("debt_detail", "밀린 돈과 빚", "text", required=False, hint="예: 건강보험료 석 달 밀림"),
    ),
)
WORK = FactRow(
    "work",
    "일",
    (
        Question("work", "일", options=(("working", "일함"), ("wants", "일 원함"), ("resting", "쉼"))),
        Question("work_detail", "하는 일이나 바라는 일", "text", required=False),
    ),
)

WELFARE_NEEDS = (
    ("living", "생계"),
    ("housing", "주거"),
    ("jobs", "일자리"),
    ("care", "돌봄"),
    ("meals", "식사"),
    ("outings", "외출·이동"),
    ("company", "말벗·외로움"),
    ("culture", "배움·여가"),
    ("debts", "빚·법률"),
    ("safety", "안전"),
    ("none", "없음"),
)
WELFARE_CAUSES = (
    ("low_income", "적은 수입"),
    ("job_loss", "일자리 잃음"),
    ("illness", "병"),
    ("family_loss", "가족과 끊김·사별"),
    ("debts", "빚"),
    ("accident", "사고·재해"),
    ("no_information", "제도를 모름"),
    ("other", "그 밖"),
)
HEALTH_NEEDS = (
    ("chronic", "만성질환 관리"),
    ("memory", "기억력"),
    ("mood", "마음"),
    ("mobility", "걷기·넘어짐"),
    ("teeth", "입·치아"),
    ("nutrition", "영양"),
    ("medicines", "약 관리"),
    ("checkup", "건강검진"),
    ("nursing", "간병·요양"),
    ("none", "없음"),
)
HEALTH_CAUSES = (
    ("ageing", "나이 듦"),
    ("chronic", "앓던 병"),
    ("habits", "생활 습관"),
    ("stress", "마음고생"),
    ("accident", "사고"),
    ("home", "집 환경"),
    ("unknown", "모름"),
)


def basics(part: str, *rows: FactRow) -> Section:
    return Section("facts", "기본 사항", part, "facts", rows=rows)


def health_consent() -> Section:
    question = Question(
        CONSENT,
        "건강에 관한 답과 검사 결과를 적어도 괜찮으신지 여쭈었습니까?",
        options=(("yes", "동의하심"), ("no", "동의 안 하심")),
    )
    return Section("consent", "건강 정보 동의", HEALTH, "consent", (question,))


def instrument(purpose: str, *, optional: bool = False) -> Section:
    return Section(purpose, "", HEALTH, "instrument", purpose=purpose, is_sensitive=True, is_optional=optional)


def welfare_needs(part: str) -> Section:
    return Section(
        "welfare_needs",
        "복지 욕구",
        part,
        questions=(
            Question("welfare_needs", "어려운 점", "many", options=WELFARE_NEEDS, alone="none"),
            Question(
                "welfare_main", "그중 가장 큰 것", options=WELFARE_NEEDS[:-1], required=False, among="welfare_needs"
            ),
            Question("welfare_causes", "주된 까닭", "many", options=WELFARE_CAUSES, required=False),
            Question("welfare_words", "말씀하신 그대로", "note", required=False),
        ),
    )


def health_needs() -> Section:
    return Section(
        "health_needs",
        "건강 욕구",
        HEALTH,
        questions=(
            Question("health_needs", "도움이 필요한 것", "many", options=HEALTH_NEEDS, alone="none"),
            Question("health_main", "그중 가장 큰 것", options=HEALTH_NEEDS[:-1], required=False, among="health_needs"),
            Question("health_causes", "주된 까닭", "many", options=HEALTH_CAUSES, required=False),
            Question("health_words", "말씀하신 그대로", "note", required=False),
        ),
        is_sensitive=True,
    )


def volunteering(*, required: bool) -> tuple[Question, ...]:
    """Whether the person would like to help neighbours, with what, and whether somebody may call about it."""
    is_willing = Condition("volunteer", equals=WILLING)
    return (
        Question(
            "volunteer",
            "이웃을 돕는 일을 해 보고 싶으십니까?",
            options=((WILLING, "하고 싶음"), ("later", "나중에"), ("no", "아니요")),
            required=required,
        ),
        Question("volunteer_interests", "하고 싶은 일", "many", options=INTERESTS, required=False, ask_if=is_willing),
        Question("volunteer_contact", "이 일로 센터가 연락드려도 될까요?", options=YES_NO, ask_if=is_willing),
    )


def wishes(part: str, *, asked: tuple[Question, ...] = ()) -> Section:
    closing = (
        Question("wishes", "센터에 바라는 것", "note", required=False),
        Question(
            "satisfaction",
            "오늘 방문은 어떠셨습니까?",
            options=(("good", "좋았음"), ("fair", "보통"), ("poor", "아쉬움")),
            required=False,
        ),
        Question("wants_more", "이런 방문을 더 받고 싶으십니까?", options=YES_NO, required=False),
    )
    return Section("wishes", "바라는 것", part, questions=asked + closing)


def judgement(part: str) -> Section:
    question = Question(JUDGEMENT, "오늘의 판단", options=GROUPS)
    return Section(f"judgement_{part}", "오늘의 판단", part, "judgement", (question,))


def nurse_note() -> Section:
    question = Question("health_advice", "나눈 이야기와 당부", "note", required=False)
    return Section("advice", "건강 상담", HEALTH, questions=(question,), is_sensitive=True)


def _services(*, optional: bool = False) -> Section:
    other = Question("service_other", "그 밖에 안내한 것", "text", required=False)
    return Section("services", "서비스 안내", SOCIAL, "services", (other,), group="life65", is_optional=optional)


_HEALTH_STEP = Step(
    "health",
    "건강",
    (
        health_consent(),
        instrument("vitals"),
        instrument("daily_health"),
        instrument("depression"),
        instrument("self_harm"),
        instrument("dementia"),
        nurse_note(),
    ),
)
_NEEDS_STEP = Step("needs", "욕구", (welfare_needs(SOCIAL), health_needs()))


def _closing_step(asked: tuple[Question, ...] = ()) -> Step:
    return Step("closing", "마무리", (wishes(SOCIAL, asked=asked), judgement(SOCIAL), judgement(HEALTH)))


SIXTY_FIVE = VisitForm(
    "sixty_five",
    "65세 방문",
    (
        Step("basics", "기본", (basics(SOCIAL, FAMILY, HOUSING, INCOME, DEBT, WORK),)),
        Step("services", "안내", (_services(),)),
        _HEALTH_STEP,
        _NEEDS_STEP,
        _closing_step(volunteering(required=True)),
    ),
)

FOLLOW_UP = VisitForm(
    "follow_up",
    "지속방문",
    (
        Step("basics", "기본", (basics(SOCIAL, FAMILY, HOUSING, INCOME, DEBT, WORK),)),
        Step("services", "안내", (_services(optional=True),)),
        _HEALTH_STEP,
        _NEEDS_STEP,
        _closing_step(volunteering(required=False)),
    ),
)

CRISIS = VisitForm(
    "crisis",
    "위기가정 방문",
    (
        Step("basics", "기본", (basics(SOCIAL, FAMILY, HOUSING, INCOME, DEBT, WORK),)),
        Step(
            "services",
            "위기",
            (
                Section(
                    "crisis",
                    "지금의 어려움",
                    SOCIAL,
                    questions=(
                        Question(
                            "crisis",
                            "본 것과 들은 것",
                            "many",
                            options=(
                                ("arrears", "공과금·월세 밀림"),
                                ("cut_off", "전기·가스·물 끊김"),
                                ("no_food", "먹을 것이 없음"),
                                ("job_loss", "일자리 잃음"),
                                ("illness", "갑작스러운 병"),
                                ("no_care", "돌볼 사람 없음"),
                                ("violence", "학대·폭력 의심"),
                                ("unsafe_home", "집이 위험함"),
                                ("isolated", "왕래 끊김"),
                                ("none", "없음"),
                            ),
                            alone="none",
                        ),
                        Question(
                            "urgency",
                            "얼마나 급합니까?",
                            options=(("now", "오늘 당장"), ("days", "며칠 안"), ("watch", "살펴봄")),
                        ),
                    ),
                ),
                Section(
                    "services",
                    "도움 안내",
                    SOCIAL,
                    "services",
                    (Question("service_other", "그 밖에 안내한 것", "text", required=False),),
                    group="welfare_link",
                ),
            ),
        ),
        Step(
            "health",
            "건강",
            (
                health_consent(),
                instrument("self_harm"),
                instrument("vitals", optional=True),
                instrument("daily_health", optional=True),
                instrument("depression", optional=True),
                nurse_note(),
            ),
        ),
        _NEEDS_STEP,
        _closing_step(),
    ),
)
