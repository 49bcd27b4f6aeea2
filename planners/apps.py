from django.apps import AppConfig


class PlannersConfig(AppConfig):
    name = "planners"
    verbose_name = "복지플래너"

    def ready(self) -> None:
        """Tell the floor below about promised visits, and the import pages about the kinds of list."""
        from planners import list_kinds, register_resources  # noqa: F401  (declares the lists to the import library)
        from planners.benefit_list import BenefitList
        from planners.birth_list import BirthList
        from planners.budget_list import BudgetList
        from planners.change_list import ChangeList
        from planners.facility_list import FacilityList
        from planners.personnel_list import PersonnelList
        from planners.promised_times import promised_visits
        from planners.resident_list import ResidentList
        from staffing import commitments

        commitments.register(promised_visits)
        for kind in (ResidentList, BenefitList, BirthList, ChangeList, PersonnelList, FacilityList, BudgetList):
            list_kinds.register(kind())
