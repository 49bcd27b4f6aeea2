from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "거버넌스"

    def ready(self) -> None:
        """Tell the import pages about the lists of groups and activists."""
        from governance.group_list import ActivistList, OrganisationList
        from planners import list_kinds

        for kind in (OrganisationList, ActivistList):
            list_kinds.register(kind())
