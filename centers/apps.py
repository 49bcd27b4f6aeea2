from django.apps import AppConfig


class CentersConfig(AppConfig):
    name = "centers"
    verbose_name = "센터와 조직"

    def ready(self):
        from centers.accounts import log_sign_ins

        log_sign_ins()
