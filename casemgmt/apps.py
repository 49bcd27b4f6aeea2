from django.apps import AppConfig


class CasemgmtConfig(AppConfig):
    name = "casemgmt"
    verbose_name = "통합사례관리"

    def ready(self):
        """Be told by the register below when people move, die or come back; add to the story of a person."""
        from casemgmt import person_news, person_timeline  # noqa: F401
        from planners import register_news

        register_news.watch(person_news.tell_managers)
