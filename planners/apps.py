from django.apps import AppConfig


class PlannersConfig(AppConfig):
    name = "planners"
    verbose_name = "복지플래너"
