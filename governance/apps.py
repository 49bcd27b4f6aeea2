from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "거버넌스"

    def ready(self) -> None:
        """Tell the import pages about our lists; be told who wants to help, and who moved or died."""
        from governance import person_timeline, resources, volunteers  # noqa: F401
        from governance.group_list import ActivistList, OrganisationList
        from planners import register_news, volunteering
        from planners.lists import list_kinds

        volunteering.watch(volunteers.note_wish)
        register_news.watch(volunteers.follow_register)
        for kind in (OrganisationList, ActivistList):
            list_kinds.register(kind())
