from django.apps import AppConfig


class SeongbukConfig(AppConfig):
    name = "seongbuk"
    verbose_name = "성북구"
