from django.apps import AppConfig


class PlannersConfig(AppConfig):
    name = "planners"
    verbose_name = "복지플래너"

    def ready(self) -> None:
        """Tell the floor below about promised visits, and the import pages about the kinds of list."""
        from planners.lists import list_kinds
        from planners.lists.benefit_list import BenefitList
        from planners.lists.birth_list import BirthList
        from planners.lists.budget_list import BudgetList
        from planners.lists.change_list import ChangeList
        from planners.lists.facility_list import FacilityList
        from planners.lists.personnel_list import PersonnelList
        from planners.lists.resident_list import ResidentList
        from planners.months.promised_times import promised_visits
        from staffing import commitments

        commitments.register(promised_visits)
        for kind in (ResidentList, BenefitList, BirthList, ChangeList, PersonnelList, FacilityList, BudgetList):
            list_kinds.register(kind())
