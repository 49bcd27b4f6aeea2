from django.apps import AppConfig


class SeongbukConfig(AppConfig):
    name = "seongbuk"
    verbose_name = "성북구"

    def ready(self):
        """Add who looked to the story of a person, and tables of figures to the lists that can be imported."""
        from planners.lists import list_kinds
        from seongbuk import figure_resources, person_access  # noqa: F401
        from seongbuk.figure_list import FigureList

        list_kinds.register(FigureList())
