from django.apps import AppConfig


class SeongbukConfig(AppConfig):
    name = "seongbuk"
    verbose_name = "성북구"

    def ready(self):
        """Add who looked to the story of a person."""
        from seongbuk import person_access  # noqa: F401
