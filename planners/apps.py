from django.apps import AppConfig


class PlannersConfig(AppConfig):
    name = "planners"
    verbose_name = "복지플래너"

    def ready(self):
        from planners.promised_times import promised_visits
        from staffing import commitments

        commitments.register(promised_visits)
